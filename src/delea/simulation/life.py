"""Play a life until enough updates have settled, and close all that is open then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Final

from delea import curve
from delea.ids import Wei
from delea.protocol.terms import check_terms
from delea.simulation import keeper
from delea.simulation.actors import KINDS, Creator
from delea.simulation.assumptions import DAY, check_assumptions, check_population
from delea.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from delea.protocol.terms import Terms
    from delea.simulation.assumptions import Assumptions, Population
    from delea.simulation.books import Account

MAX_CLAIMS: Final = 20_000
MOMENTS: Final = 100


class Ended(StrEnum):
    """Why a life was over."""

    HORIZONS = "horizons"  # all updates that were wanted have settled
    DAYS = "days"
    CLAIMS = "claims"  # so many that it would take too long to go on


@dataclass(frozen=True, slots=True)
class Moment:
    """A model at one time of its life."""

    seconds: int  # since its creation
    updates: int  # settled
    reserve: Wei
    reward: Wei  # of one update
    price: Wei  # of one inference
    circulating: Wei
    inferences: int  # that the circulating tokens can buy
    holders: tuple[str, ...]  # the kinds of those who sit, the heaviest first


@dataclass(frozen=True, slots=True)
class Life:
    """A whole life. Coin is native wei; nothing is at stake any more, every credit is withdrawn."""

    ended: Ended
    seconds: int
    moments: tuple[Moment, ...]
    accounts: tuple[Account, ...]
    tokens: tuple[int, ...]  # what each account holds in the end
    nets: tuple[int, ...]  # what each gained, in coin: tokens at their value
    cheats: frozenset[str]  # kinds
    updates: int  # settled
    wrong: int  # claims
    wrong_settled: int
    games: int
    rollbacks: int
    burned: int
    fees: int
    compute: int
    wanted: int  # inferences
    served: int
    was_seated: bool

    @property
    def cheating_paid(self) -> int:
        """What all who cheat gained together, in coin."""
        return self.net_of(*self.cheats)

    def net_of(self, *kinds: str) -> int:
        """Return what all of some kinds gained together, in coin."""
        both = zip(self.accounts, self.nets, strict=True)
        return sum(net for account, net in both if account.kind in kinds)


def play(
    terms: Terms,
    population: Population,
    assumptions: Assumptions,
    on_updates: Callable[[int], None] | None = None,
) -> Life:
    """Play the life of a model under these terms; `on_updates` hears how many have settled.

    Raises:
        RefusedError: terms, assumptions or a population out of bounds.
    """
    check_terms(terms)
    check_assumptions(assumptions)
    check_population(population, KINDS)
    world = World(terms, assumptions, Random(assumptions.seed))  # noqa: S311  # no secret: a play
    world.join(Creator, 0)
    for kind, actor in KINDS.items():
        for number in range(population.get(kind, 0)):
            world.join(actor, number + 1)
    moments = [look(world)]
    ended = _run(world, moments, on_updates)
    seconds = world.now
    _close(world)
    moments.append(look(world))
    check_books(world)
    return _life_of(world, ended, seconds, moments)


def look(world: World) -> Moment:
    """Return how the model stands now."""
    terms, reserve = world.terms, world.twin.reserve
    return Moment(
        seconds=world.now,
        updates=world.settled_updates,
        reserve=reserve,
        reward=curve.reward(reserve, 1, terms.horizon),
        price=world.price(1),
        circulating=Wei(terms.supply - reserve),
        inferences=buyable(reserve, terms),
        holders=tuple(world.accounts[holder].kind for holder in world.holders()),
    )


def buyable(reserve: Wei, terms: Terms) -> int:
    """Return how many inferences all tokens outside the reserve can buy, one call after another."""
    whole = terms.horizon * terms.inferences_per_update
    total, tokens = 0, terms.supply - reserve
    while tokens >= (price := _price(reserve, whole, terms)):
        total, tokens, reserve = total + whole, tokens - price, Wei(reserve + price)
    least, most = 0, whole
    while least < most - 1:  # least can be bought, most cannot
        middle = (least + most) // 2  # down
        if _price(reserve, middle, terms) <= tokens:
            least = middle
        else:
            most = middle
    return total + least


def check_books(world: World) -> None:
    """Assert that no token and no coin came from anywhere, or went there."""
    twin = world.twin
    assert sum(twin.balances.values()) == world.terms.supply, "tokens add up to the supply"
    coin = sum(account.coin for account in world.accounts.values())
    assert coin + twin.coin + world.fees + world.compute == 0, "coin is only moved or spent"
    assert twin.coin == twin.burned, "what is left with the model is what was burned"


def _price(reserve: Wei, units: int, terms: Terms) -> Wei:
    return curve.price(reserve, units, terms.horizon, terms.inferences_per_update)


def _run(world: World, moments: list[Moment], on_updates: Callable[[int], None] | None) -> Ended:
    """Step through the life, looking at about every hundredth of its updates and of its days."""
    given = world.assumptions
    target, until = given.horizons * world.terms.horizon, given.days * DAY
    seen = (0, 0)
    while world.settled_updates < target:
        if len(world.twin.versions) > MAX_CLAIMS:
            return Ended.CLAIMS
        if not world.step(until):
            world.now = until
            return Ended.DAYS
        now = (MOMENTS * world.settled_updates // target, MOMENTS * world.now // until)  # down
        if now != seen:
            seen = now
            moments.append(look(world))
            if on_updates is not None:
                on_updates(min(world.settled_updates, target))
    return Ended.HORIZONS


def _close(world: World) -> None:
    """Begin nothing new, decide what is open, and let everybody withdraw."""
    world.is_over = True
    end = world.now + world.terms.longest_case
    while world.step(end):
        pass
    world.now = end
    keeper.sweep(world, everything=True)
    assert not world.live, "after its deadline every claim can be closed, in the order of ids"
    world.withdraw_all()


def _life_of(world: World, ended: Ended, seconds: int, moments: list[Moment]) -> Life:
    accounts = tuple(world.accounts.values())
    tokens = tuple(world.twin.balances[account.address] for account in accounts)
    return Life(
        ended=ended,
        seconds=seconds,
        moments=tuple(moments),
        accounts=accounts,
        tokens=tokens,
        nets=tuple(
            account.coin + world.value(held - account.given)
            for account, held in zip(accounts, tokens, strict=True)
        ),
        cheats=frozenset(actor.kind for actor in KINDS.values() if actor.cheats),
        updates=world.settled_updates,
        wrong=len(world.wrong),
        wrong_settled=len(world.wrong_settled),
        games=sum(len(version.games) for version in world.twin.versions),
        rollbacks=len(world.twin.rollbacks),
        burned=world.twin.burned,
        fees=world.fees,
        compute=world.compute,
        wanted=world.wanted,
        served=world.served,
        was_seated=world.was_seated,
    )
