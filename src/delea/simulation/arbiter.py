"""The stewards' arbiter: games are decided by whoever has a seat, as on the chain.

Every steward votes: the honest for what a re-run gives, those who cheat against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from delea.errors import RevertError
from delea.protocol.version import Status
from delea.simulation import keeper

if TYPE_CHECKING:
    from delea.ids import Address
    from delea.simulation.world import World


def decide(world: World, version: int, game: int) -> None:
    """Let the stewards vote on a game, and pass on what they decide; a tie decides nothing."""
    claim = world.twin.versions[version]
    played = claim.games[game - 1]
    if claim.status is not Status.CHALLENGED or not played.is_open:
        return
    parties = {claim.sender, played.challenger}
    score, by_holder = tally(world, version, parties)
    if score == 0:
        return
    refuted = score > 0
    try:
        world.twin.rule(version, game, refuted=refuted, now=world.now, rewarded=by_holder)
    except RevertError:  # the deadline has passed
        return
    challenger = world.accounts[played.challenger]
    world.pay_gas(challenger)
    challenger.games_won += refuted
    challenger.games_lost += not refuted
    if refuted:
        keeper.bury(world, version)
    keeper.sweep(world, everything=refuted)


def tally(world: World, version: int, parties: set[Address]) -> tuple[int, bool]:
    """Return the score, above 0 for refuted, and whether a holder voted with the majority."""
    truth = 1 if version in world.wrong else -1
    holders = [holder for holder in world.holders() if holder not in parties]
    votes = [_vote(world, holder, truth) for holder in holders]
    score = 2 * sum(votes)
    creator = world.twin.creator
    if creator not in parties:
        score += _vote(world, creator, truth)
    return score, any(vote * score > 0 for vote in votes)


def _vote(world: World, steward: Address, truth: int) -> int:
    actor = world.actors[steward]
    world.pay_gas(actor.account)
    return -truth if actor.cheats else truth
