"""Whatever anyone may call once its time has come: settle, void, reclaim; who gains, calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from delea.errors import RevertError

if TYPE_CHECKING:
    from delea.protocol.twin import TwinVersion
    from delea.simulation.world import World


def sweep(world: World, *, everything: bool = False) -> None:
    """Close each claim whose end has come; `everything`: also those whose window is not over.

    Claims are in the order of their ids, so parents come before their children and the windows of
    the later ones end later.
    """
    kept = []
    for at, version in enumerate(world.live):
        claim = world.twin.versions[version]
        is_due = world.now >= claim.submitted_at + world.terms.challenge_window
        if not is_due and not everything:
            kept += world.live[at:]
            break
        if not claim.status.is_live:
            continue
        if not ((is_due and _settle(world, version, claim)) or _void(world, version, claim)):
            kept.append(version)
    world.live = kept


def bury(world: World, version: int) -> None:
    """Write down that a claim was refuted, and return what other games hold."""
    claim = world.twin.versions[version]
    account = world.accounts[claim.sender]
    account.refuted += 1
    world.tip_moved()
    if version not in world.wrong:
        account.updates_lost += claim.updates
    _reclaim(world, version, claim)


def _settle(world: World, version: int, claim: TwinVersion) -> bool:
    account = world.accounts[claim.sender]
    before = world.twin.reserve
    try:
        while not world.twin.settle(version, now=world.now):
            world.pay_gas(account)
    except RevertError:
        return False
    world.pay_gas(account)
    if claim.games:
        world.tip_moved()
    account.rewards += before - world.twin.reserve
    account.settled += 1
    account.updates_paid += claim.updates
    world.settled_updates += claim.updates
    if version in world.wrong:
        world.wrong_settled.append(version)
    return True


def _void(world: World, version: int, claim: TwinVersion) -> bool:
    try:
        world.twin.void(version, now=world.now)
    except RevertError:
        return False
    account = world.accounts[claim.sender]
    world.pay_gas(account)
    account.void += 1
    world.tip_moved()
    if version not in world.wrong:
        account.updates_lost += claim.updates
    _reclaim(world, version, claim)
    return True


def _reclaim(world: World, version: int, claim: TwinVersion) -> None:
    for number, game in enumerate(claim.games, 1):
        if game.is_open:
            world.twin.reclaim(version, number)
            world.pay_gas(world.accounts[game.challenger])
