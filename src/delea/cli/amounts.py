"""Amounts of 10^-18 units as people write and read them; integers all the way."""

import re
from fractions import Fraction

from delea.errors import RefusedError, UsageError
from delea.ids import Address, Wei

WEI_PER_UNIT = 10**18
_DIGITS = 18
_SHOWN_DIGITS = 4
_MAX_AMOUNT = 1 << 256
_AMOUNT = re.compile(r"([0-9]{1,60})(?:\.([0-9]{1,18}))?", re.ASCII)
_WEI = re.compile(r"([0-9]{1,78})\s?wei", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,30}(?:\.[0-9]{1,30}|/[0-9]{1,30})?", re.ASCII)


def parse_amount(text: str) -> Wei:
    """Return `12.5` units, or `12wei`, in wei; raises UsageError for anything else."""
    if found := _WEI.fullmatch(text):
        amount = int(found[1])
    elif found := _AMOUNT.fullmatch(text):
        amount = int(found[1] + (found[2] or "").ljust(_DIGITS, "0"))
    else:
        raise UsageError(f"an amount such as 12.5 or 1000wei expected, got {text[:40]!r}")
    if amount >= _MAX_AMOUNT:
        raise UsageError(f"an amount below 2^256 wei expected, got {text[:40]!r}")
    return Wei(amount)


def show_amount(amount: Wei, unit: str) -> str:
    """Return an amount to four places, or to as many as show the first digit that is not zero."""
    sign = "-" if amount < 0 else ""
    places = _SHOWN_DIGITS
    while places < _DIGITS and amount and abs(amount) < 10 ** (_DIGITS - places):
        places += 1
    step = 10 ** (_DIGITS - places)
    whole, rest = divmod((abs(amount) + step // 2) // step, 10**places)  # to the nearest
    return f"{sign}{whole:,}.{rest:0{places}d} {unit}"


def show_exact(amount: Wei, unit: str) -> str:
    """Return an amount with all its digits, so that two that differ look so."""
    whole, rest = divmod(amount, WEI_PER_UNIT)
    return f"{whole:,}.{rest:0{_DIGITS}d}".rstrip("0").rstrip(".") + f" {unit}"


def check_held(account: Address, held: Wei, wanted: Wei, unit: str) -> None:
    """Raise RefusedError unless an account has what it wants to change or to pay."""
    if held < wanted:
        raise RefusedError(
            f"{show_exact(wanted, unit)} expected, {account} has {show_exact(held, unit)}"
        )


def parse_fraction(text: str) -> Fraction:
    """Return `0.1` or `1/10` exactly; raises UsageError unless it is a positive number."""
    number = _read_number(text)
    if not number:
        raise UsageError(f"a positive number such as 0.1 or 1/10 expected, got {text[:40]!r}")
    return number


def parse_rate(text: str) -> Fraction:
    """Return `0.5` or `1/2` exactly; raises UsageError unless it is a number from 0 to 1."""
    number = _read_number(text)
    if number is None or number > 1:
        raise UsageError(f"a rate of 0 to 1 such as 0.5 or 1/2 expected, got {text[:40]!r}")
    return number


def horizon_of(alpha: Fraction, u: Fraction) -> int:
    """Return u / alpha in updates; raises UsageError unless it is whole."""
    horizon = u / alpha
    if horizon.denominator != 1:
        raise UsageError(f"a whole horizon u / alpha expected, got {u} / {alpha} = {horizon}")
    return horizon.numerator


def count(number: int, what: str) -> str:
    """Return `1 update`, `2 updates`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _read_number(text: str) -> Fraction | None:
    """Return a number that is not negative exactly, or None for anything else."""
    try:
        return Fraction(text) if _NUMBER.fullmatch(text) else None
    except ZeroDivisionError:
        return None
