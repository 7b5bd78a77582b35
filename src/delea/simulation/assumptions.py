"""What a life is played with beside the terms: who is there, and what the world costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from delea.errors import RefusedError
from delea.ids import Wei

DAY: Final = 86_400
MAX_ACTORS: Final = 10_000
MAX_HORIZONS: Final = 64
MAX_DAYS: Final = 36_500
MAX_COIN: Final = Wei(2**96)
GAS: Final = Wei(10**13)
UPDATE_COST: Final = Wei(5 * 10**11)
TOKEN_VALUE: Final = Wei(10**12)
MAX_SECONDS_PER_UPDATE: Final = 30 * DAY
MAX_DEMAND: Final = 1 << 40
MAX_SEED: Final = 1 << 64

Population = Mapping[str, int]
"""How many there are of each kind."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What nobody can know before; every amount of native coin is in wei."""

    seconds_per_update: Fraction  # to train one, and to check one
    audit_rate: Fraction = Fraction(1)  # the chance that a claim is checked, 0 to 1
    gas: Wei = GAS  # coin for one transaction
    update_cost: Wei = UPDATE_COST  # coin to compute one update, to train or to check it
    token_value: Wei = TOKEN_VALUE  # coin for a whole token, all life long
    demand: int = 1_000  # inferences that one consumer wants in a day
    patience: int = 10  # lost bonds more than won after which a cheat gives up
    horizons: int = 3  # the life is over once so many horizons of updates have settled
    days: int = 365  # or at the latest after so many days
    seed: int = 0


def check_assumptions(given: Assumptions) -> None:
    """Raise RefusedError for the first assumption out of bounds."""
    seconds = given.seconds_per_update
    if not 0 < seconds <= MAX_SECONDS_PER_UPDATE:
        raise RefusedError(
            f"seconds per update above 0 and up to {MAX_SECONDS_PER_UPDATE} expected, got {seconds}"
        )
    if not 0 <= given.audit_rate <= 1:
        raise RefusedError(f"an audit rate of 0 to 1 expected, got {given.audit_rate}")
    _check("gas", given.gas, 0, MAX_COIN)
    _check("update cost", given.update_cost, 0, MAX_COIN)
    _check("token value", given.token_value, 0, MAX_COIN)
    _check("demand", given.demand, 1, MAX_DEMAND)
    _check("patience", given.patience, 1, MAX_ACTORS)
    _check("horizons", given.horizons, 1, MAX_HORIZONS)
    _check("days", given.days, 1, MAX_DAYS)
    _check("seed", given.seed, 0, MAX_SEED)  # one below 0 would draw as its opposite does


def check_population(population: Population, kinds: Mapping[str, object]) -> None:
    """Raise RefusedError for a kind that nobody is, or for too many."""
    for kind, count in population.items():
        if kind not in kinds:
            raise RefusedError(f"population: one of {', '.join(kinds)} expected, got {kind!r:.40}")
        _check(f"population: {kind}", count, 0, MAX_ACTORS)
    _check("population: all", sum(population.values()), 0, MAX_ACTORS)


def _check(what: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise RefusedError(f"{what} of {least} to {most} expected, got {value}")
