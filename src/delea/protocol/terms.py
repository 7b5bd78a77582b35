"""The terms of a model: fixed at its creation, refused when out of bounds."""

from dataclasses import dataclass
from fractions import Fraction

from delea.errors import RefusedError
from delea.ids import Address, Digest, Wei

MAX_NAME_BYTES = 64
MAX_SYMBOL_BYTES = 16
MIN_SUPPLY = 10**24
MAX_SUPPLY = 2**112 - 1
MIN_SUPPLY_PER_UPDATE = 10**12
MIN_HORIZON = 64
MAX_HORIZON = 2**48
MAX_INFERENCES_PER_UPDATE = 2**40
MAX_MAX_UPDATES = 2**16
UPDATES_PER_HORIZON = 64
MIN_CHALLENGE_WINDOW = 1
MAX_WINDOW = 30 * 86_400
MAX_BOND = 2**96
CREATOR_SHARE_BPS = 500
SEATS_PER_SUPPLY = 200
CHECKS_PER_WINDOW = 16
"""A full claim must be re-run so many times within the challenge window."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a creator fixes for ever."""

    name: str
    symbol: str
    supply: Wei
    horizon: int  # updates
    inferences_per_update: int
    max_updates: int  # of one claim
    artifact: Digest  # SHA-256 of the module
    dataset: Digest  # SHA-256 of the dataset file
    genesis_root: Digest
    challenge_window: int  # seconds
    verdict_window: int  # seconds
    rollback_window: int  # seconds
    bond_base: Wei  # native coin
    bond_per_update: Wei  # native coin
    arbiter: Address

    @property
    def grant(self) -> Wei:
        """The creator's 5 % of the supply, rounded down."""
        return Wei(self.supply * CREATOR_SHARE_BPS // 10_000)

    @property
    def seat(self) -> Wei:
        """The least weight of a holder's seat: half a percent of the supply, rounded up."""
        return Wei(-(-self.supply // SEATS_PER_SUPPLY))

    @property
    def longest_case(self) -> int:
        """Seconds from a claim to the last moment of a verdict on it: both windows."""
        return self.challenge_window + self.verdict_window

    def bond_for(self, updates: int) -> Wei:
        """Return the bond of a claim, and of each challenge to it, in native wei."""
        return Wei(self.bond_base + self.bond_per_update * updates)


def most_updates(horizon: int) -> int:
    """Return the most updates that one claim may hold, whatever they take."""
    return min(MAX_MAX_UPDATES, horizon // UPDATES_PER_HORIZON)  # down


def checkable_updates(challenge_window: int, seconds_per_update: float | Fraction) -> int:
    """Return how many updates can be re-run sixteen times within the window, rounded down."""
    seconds = max(Fraction(seconds_per_update), Fraction(1, 10**6))
    return int(Fraction(challenge_window, CHECKS_PER_WINDOW) / seconds)


def check_terms(terms: Terms) -> None:
    """Raise RefusedError for the first term out of bounds, before any chain is asked."""
    _check_text("name", terms.name, MAX_NAME_BYTES)
    _check_text("symbol", terms.symbol, MAX_SYMBOL_BYTES)
    _check("horizon", terms.horizon, MIN_HORIZON, MAX_HORIZON)
    _check("supply", terms.supply, MIN_SUPPLY, MAX_SUPPLY)
    least = MIN_SUPPLY_PER_UPDATE * terms.horizon
    _check("supply for the horizon", terms.supply, least, MAX_SUPPLY)
    _check("inferences_per_update", terms.inferences_per_update, 1, MAX_INFERENCES_PER_UPDATE)
    _check("max_updates", terms.max_updates, 1, most_updates(terms.horizon))
    _check("challenge_window", terms.challenge_window, MIN_CHALLENGE_WINDOW, MAX_WINDOW)
    _check("verdict_window", terms.verdict_window, terms.challenge_window, MAX_WINDOW)
    _check("rollback_window", terms.rollback_window, terms.challenge_window, MAX_WINDOW)
    _check("bond_base", terms.bond_base, 0, MAX_BOND)
    _check("bond_per_update", terms.bond_per_update, 0, MAX_BOND)
    for what in ("artifact", "dataset", "genesis_root"):
        length = len(getattr(terms, what))
        if length != 32:
            raise RefusedError(f"terms: {what} of 32 bytes expected, got {length}")


def _check(what: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise RefusedError(f"terms: {what} of {least} to {most} expected, got {value}")


def _check_text(what: str, text: str, most: int) -> None:
    length = len(text.encode())
    if not 1 <= length <= most or not text.isprintable():
        raise RefusedError(
            f"terms: {what} of 1 to {most} printable bytes expected, got {text!r:.80}"
        )
