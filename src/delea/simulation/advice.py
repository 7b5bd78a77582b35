"""Where terms are unwise: each warning with the inequality behind it, derived in the guide.

The first kind follows from the terms and assumptions alone, at launch; the second from a life.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Final

from delea import curve
from delea.ids import Wei
from delea.protocol.terms import CHECKS_PER_WINDOW
from delea.simulation.life import MAX_CLAIMS, Ended
from delea.simulation.world import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from delea.protocol.terms import Terms
    from delea.simulation.assumptions import Assumptions, Population
    from delea.simulation.life import Life

COARSE: Final = 1_000
"""Wei: at a lower price, rounding up by a wei is more than a thousandth."""
CLAIM_CALLS: Final = 2  # train, settle
CHALLENGE_CALLS: Final = 3  # challenge, decide, withdraw


@dataclass(frozen=True, slots=True)
class Advice:
    """One warning: a name that stays, and a sentence with the numbers."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Launch:
    """What the terms mean on the first day; values are native wei at the token's value."""

    reserve: Wei
    reward: Wei  # of one update
    price: Wei  # of one inference
    full_reward: Wei  # of a claim of max_updates
    full_reward_value: int
    full_bond: int
    full_seconds: int  # to compute such a claim
    horizon_seconds: int  # to compute as many updates without a pause
    updates_to_a_seat: int  # that earn 0.5 % of the supply
    break_even: Fraction  # the audit rate from which on cheating loses on average


def launch_of(terms: Terms, given: Assumptions) -> Launch:
    """Return what the terms mean on the first day."""
    horizon, most = terms.horizon, terms.max_updates
    reserve = Wei(terms.supply - terms.grant)
    reward = curve.reward(reserve, most, horizon)
    return Launch(
        reserve=reserve,
        reward=curve.reward(reserve, 1, horizon),
        price=curve.price(reserve, 1, horizon, terms.inferences_per_update),
        full_reward=reward,
        full_reward_value=_value(given, reward),
        full_bond=terms.bond_for(most),
        full_seconds=ceil(given.seconds_per_update * most),
        horizon_seconds=ceil(given.seconds_per_update * horizon),
        updates_to_a_seat=_updates_to(terms.seat, reserve, horizon),
        break_even=max(_break_even(terms, given, reserve, n) for n in (1, most)),
    )


def advise(
    terms: Terms, population: Population, given: Assumptions, life: Life
) -> tuple[Advice, ...]:
    """Return all that is unwise, what follows from the terms first."""
    return advise_terms(terms, population, given) + advise_life(life, terms)


def advise_terms(terms: Terms, population: Population, given: Assumptions) -> tuple[Advice, ...]:
    """Return what is unwise about terms before anything is played."""
    launch = launch_of(terms, given)
    found = (
        _bond_too_small(terms, population, given, launch),
        _seats_are_cheap(terms, population, given, launch),
        _challenge_does_not_pay(terms, given),
        _window_too_short(terms, launch),
        _horizon_too_short(terms, launch),
        _training_does_not_pay(terms, given, launch),
        _price_too_coarse(terms, given, launch),
        _inference_below_gas(terms, given, launch),
    )
    return tuple(advice for advice in found if advice is not None)


def advise_life(life: Life, terms: Terms) -> tuple[Advice, ...]:
    """Return what turned out to be unwise."""
    return tuple(_of_life(life, terms))


def _bond_too_small(
    terms: Terms, population: Population, given: Assumptions, launch: Launch
) -> Advice | None:
    """A wrong claim of n updates gains (1 - p) reward - p bond / 2 - gas, on average.

    Half of the bond alone is sure to be lost: an accomplice may be the challenger who wins.
    """
    rate = _rate(population, given)
    worst, needed = 0, 0
    for n in (1, terms.max_updates):
        reward = _earned(terms, given, launch.reserve, n)
        gain = (1 - rate) * reward - rate * terms.bond_for(n) / 2 - given.gas
        if gain > 0:
            worst = max(worst, n)
            bond = 2 * ((1 - rate) * reward - given.gas) / rate if rate else Fraction(0)
            needed = max(needed, ceil((bond - terms.bond_base) / n))
    if not worst:
        return None
    what = f"a wrong claim of {worst} updates gains on average while {_percent(rate)} are checked"
    cure = f"; a bond_per_update of {_coin(needed)} makes it lose"
    if not rate:
        cure = ", and no bond helps where nobody checks"
    return Advice("bond_too_small", f"{what}{cure}")


def _seats_are_cheap(
    terms: Terms, population: Population, given: Assumptions, launch: Launch
) -> Advice | None:
    """Two seats judge every game: by wrong claims they must cost more than the reserve is worth.

    On average that is 2 k (p / (1 - p) bond / 2 - reward), with k claims of n updates to a seat.
    """
    rate, prize = _rate(population, given), _value(given, launch.reserve)
    if rate == 1:
        return None
    least, needed = Fraction(prize), 0
    for n in (1, terms.max_updates):
        claims = 2 * -(-launch.updates_to_a_seat // n)  # up: for both seats
        reward = _earned(terms, given, launch.reserve, n)
        cost = claims * (rate / (1 - rate) * Fraction(terms.bond_for(n), 2) - reward)
        if cost < prize:
            least = min(least, cost)
            bond = 2 * (Fraction(prize, claims) + reward) * (1 - rate) / rate if rate else 0
            needed = max(needed, ceil((bond - terms.bond_base) / Fraction(n)))
    if least == prize:
        return None
    cure = f"check more, or ask a bond_per_update of {_coin(needed)}" if rate else "check more"
    return Advice(
        "seats_are_cheap",
        f"while {_percent(rate)} are checked, wrong claims earn two seats for"
        f" {_coin(max(0, ceil(least)))} on average, and seats judge over a reserve worth"
        f" {_coin(prize)}: {cure}",
    )


def _challenge_does_not_pay(terms: Terms, given: Assumptions) -> Advice | None:
    """Half of the bond must pay the re-run and the gas of whoever finds the wrong claim."""
    for n in (1, terms.max_updates):
        cost = n * given.update_cost + CHALLENGE_CALLS * given.gas
        if terms.bond_for(n) // 2 < cost:  # down, as the contract pays it
            return Advice(
                "challenge_does_not_pay",
                f"who refutes a claim of {n} updates wins {_coin(terms.bond_for(n) // 2)}"
                f" and spends {_coin(cost)}: raise the bond",
            )
    return None


def _window_too_short(terms: Terms, launch: Launch) -> Advice | None:
    """A full claim must be re-run so many times within the window, as `delea create` asks."""
    if launch.full_seconds * CHECKS_PER_WINDOW <= terms.challenge_window:
        return None
    return Advice(
        "window_too_short",
        f"a claim of {terms.max_updates} updates takes {launch.full_seconds} s to check, more than"
        f" 1/{CHECKS_PER_WINDOW} of the challenge window of {terms.challenge_window} s:"
        " delea create refuses this",
    )


def _horizon_too_short(terms: Terms, launch: Launch) -> Advice | None:
    """One horizon of work must outlast the first challenge window."""
    if launch.horizon_seconds >= terms.challenge_window:
        return None
    return Advice(
        "horizon_too_short",
        f"{terms.horizon} updates take {launch.horizon_seconds} s: 63 % of the reserve can be"
        f" claimed before the first challenge window of {terms.challenge_window} s is over",
    )


def _training_does_not_pay(terms: Terms, given: Assumptions, launch: Launch) -> Advice | None:
    """The largest claim must be worth its work and its gas on the first day."""
    cost = terms.max_updates * given.update_cost + CLAIM_CALLS * given.gas
    if launch.full_reward_value >= cost:
        return None
    return Advice(
        "training_does_not_pay",
        f"a claim of {terms.max_updates} updates earns {_coin(launch.full_reward_value)} on the"
        f" first day and costs {_coin(cost)}: nobody begins",
    )


def _price_too_coarse(terms: Terms, given: Assumptions, launch: Launch) -> Advice | None:
    """At the end of the life one inference must still cost so many wei that rounding is little."""
    paid = curve.reward(launch.reserve, given.horizons * terms.horizon, terms.horizon)
    left = launch.reserve - paid
    if left >= COARSE * terms.horizon * terms.inferences_per_update:
        return None
    return Advice(
        "price_too_coarse",
        f"after {given.horizons} horizons an inference costs less than {COARSE} wei, so that"
        " rounding up counts: fewer inferences_per_update, or a larger supply",
    )


def _inference_below_gas(terms: Terms, given: Assumptions, launch: Launch) -> Advice | None:
    """What a consumer wants in a day should cost more than the gas of paying for it."""
    units = min(given.demand, terms.horizon * terms.inferences_per_update)
    price = curve.price(launch.reserve, units, terms.horizon, terms.inferences_per_update)
    if _value(given, price) >= given.gas:
        return None
    return Advice(
        "inference_below_gas",
        f"{units} inferences cost {_coin(_value(given, price))} on the first day, less than the"
        f" {_coin(given.gas)} of gas to pay for them",
    )


def _of_life(life: Life, terms: Terms) -> Iterator[Advice]:
    if life.wrong_settled:
        yield Advice(
            "wrong_work_settled",
            f"{life.wrong_settled} of {life.wrong} wrong claims were not refuted, and were paid",
        )
    gains = {kind: life.net_of(kind) for kind in sorted(life.cheats)}
    paid = [f"{kind} {_coin(gain)}" for kind, gain in gains.items() if gain > 0]
    if paid:  # what others lose by cheating makes none of it unpaid
        yield Advice("cheating_paid", f"cheating paid: {', '.join(paid)}; check more")
    if not life.was_seated:
        yield Advice(
            "nobody_seated",
            "nobody reached a holder's seat: the creator alone judged, and who won a game got"
            " nothing of the lost bond",
        )
    if life.ended is Ended.CLAIMS:
        yield Advice(
            "claims_too_small",
            f"{MAX_CLAIMS} claims of at most {terms.max_updates} updates came to {life.updates}"
            f" settled ones, and the play was cut: raise max_updates, or shorten the horizon of"
            f" {terms.horizon}",
        )
    if life.ended is Ended.DAYS and life.updates < terms.horizon:
        yield Advice(
            "horizon_too_long",
            f"{life.updates} updates settled in {life.seconds // 86_400} days, less than one"
            f" horizon of {terms.horizon}: most of the reserve was never earned",
        )
    if 2 * life.served < life.wanted:
        yield Advice(
            "inference_runs_short",
            f"consumers wanted {life.wanted} inferences and found tokens for {life.served}:"
            " too few are for sale",
        )


def _break_even(terms: Terms, given: Assumptions, reserve: Wei, n: int) -> Fraction:
    """Return p with (1 - p) reward = p bond / 2; without a bond only 1 is enough."""
    reward = _earned(terms, given, reserve, n)
    return Fraction(2 * reward, 2 * reward + terms.bond_for(n)) if reward else Fraction(0)


def _updates_to(tokens: int, reserve: Wei, horizon: int) -> int:
    """Return the fewest updates that earn so many tokens; at most a horizon's."""
    fewer = range(1, horizon)
    return 1 + bisect_left(fewer, tokens, key=lambda n: curve.reward(reserve, n, horizon))


def _rate(population: Population, given: Assumptions) -> Fraction:
    """Return the share of claims that is checked: none if nobody is there to."""
    return given.audit_rate if population.get("verifier", 0) else Fraction(0)


def _earned(terms: Terms, given: Assumptions, reserve: Wei, n: int) -> int:
    """Return what a claim of n updates earns, in native wei."""
    return _value(given, curve.reward(reserve, n, terms.horizon))


def _value(given: Assumptions, tokens: int) -> int:
    return tokens * given.token_value // TOKEN  # down


def _percent(rate: Fraction) -> str:
    return f"{100 * rate.numerator // rate.denominator} %"  # down


def _coin(wei: int) -> str:
    """Return coin to eighteen places without the last zeros."""
    sign, (whole, rest) = "-" if wei < 0 else "", divmod(abs(wei), TOKEN)
    return f"{sign}{whole}.{rest:018d}".rstrip("0").rstrip(".") + " coin"
