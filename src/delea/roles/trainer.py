"""The trainer: goes on from the latest right version, claims what comes out, and is paid."""

from collections.abc import Iterable
from dataclasses import dataclass

from delea.artifact import state_root
from delea.chain import Key, ModelClient
from delea.chain.events import Challenged, Settled, Trained
from delea.chain.values import Receipt
from delea.errors import RefusedError, ReorgError, RevertError
from delea.ids import Address, Digest, Wei
from delea.protocol.claim import Upheld
from delea.protocol.seed import seed_of_claim
from delea.protocol.version import Status, Version
from delea.roles.session import OnStep, Place, Session
from delea.roles.waiting import find_waiting

ANY_REWARD = Wei(0)


@dataclass(frozen=True, slots=True)
class Update:
    """Training done and not yet claimed."""

    parent: int
    parent_root: Digest
    updates: int
    beneficiary: Address
    state: bytes
    root: Digest
    losses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim that was mined."""

    version: int
    block: int
    bond: Wei
    expected_reward: Wei


@dataclass(frozen=True, slots=True)
class Payment:
    """A claim that settled."""

    version: int
    beneficiary: Address
    reward: Wei


def train(
    session: Session,
    *,
    sender: Address,
    updates: int,
    parent: Version | None = None,
    beneficiary: Address | None = None,
    on_step: OnStep | None = None,
    keep_losses: bool = False,
) -> Update:
    """Train `updates` updates on a version, seeded so as to bind them to `sender`.

    Without a `parent` it is the latest right version, which `find_parent` returns. Each step's loss
    is in the update only with `keep_losses`.

    Raises:
        RefusedError: more updates than the model takes at once.
        DivergedError: training reached a NaN or an infinity; there is nothing to claim.
    """
    most = session.model.terms.max_updates
    if not 1 <= updates <= most:
        raise RefusedError(f"1 to {most} updates a claim expected, got {updates}")
    if parent is None:
        parent = find_parent(session)
    paid = sender if beneficiary is None else beneficiary
    seed = seed_of_claim(
        chain_id=session.chain.chain_id,
        model=session.model.address,
        parent=parent.id,
        parent_root=parent.root,
        sender=sender,
        beneficiary=paid,
    )
    steps = updates * session.manifest.steps_per_update
    before = session.state(parent)
    trained = session.train(before, seed, steps, on_step=on_step, keep_losses=keep_losses)
    root = state_root(trained.state)
    return Update(parent.id, parent.root, updates, paid, trained.state, root, trained.losses)


def find_parent(session: Session) -> Version:
    """Return the version to build on: from the head up along the oldest claims that may stand.

    The contract's tip leaves out what is challenged, and a false challenge is cheap: what is built
    beside a right claim is void once that one settles. So a challenged claim is re-run here, and
    passed over only if it is wrong.
    """
    parent = session.model.version(session.model.head())
    while (child := _first_that_stands(session, parent)) is not None:
        parent = child
    return parent


def _first_that_stands(session: Session, parent: Version) -> Version | None:
    """Return the oldest live child that is unchallenged or right: it settles before the others."""
    for child in reversed(_live_children(session.model, parent)):
        if child.status is Status.PENDING or isinstance(session.judge(child), Upheld):
            return child
    return None


def _live_children(model: ModelClient, parent: Version) -> list[Version]:
    """Return the children that wait for their end, the latest first."""
    found, at = [], parent.child
    while at is not None:
        child = model.version(at)
        if child.status.is_live:
            found.append(child)
        at = child.rival
    return found


def claim(session: Session, update: Update, *, key: Key, min_reward: Wei = ANY_REWARD) -> Claimed:
    """Claim an update on chain; its state is published once the claim is mined.

    Raises:
        ReorgError: the chain took blocks back, and the parent's number is another version's now.
        RevertError: the contract refuses, and nothing was paid.
    """
    root = session.model.version(update.parent).root
    if root != update.parent_root:  # the contract asks for its number alone
        raise ReorgError(
            f"version {update.parent} with root {update.parent_root.hex()} expected as it was"
            f" trained on, got {root.hex()}: the chain took blocks back"
        )
    expected = session.model.quote_after(update.parent, update.updates)
    receipt = session.model.train(
        update.parent, update.root, update.updates, update.beneficiary, min_reward, key=key
    )
    trained = receipt.one(Trained)
    session.store.put_state(update.root, update.state)
    return Claimed(trained.version, receipt.block, trained.bond, expected)


def settle_due(place: Place, *, key: Key, also: Iterable[int] = ()) -> list[Payment]:
    """Settle every claim whose time has come, oldest first, and void what can never settle.

    Looked at are those that `find_waiting` finds, with the versions in `also`.
    """
    paid = []
    for version in find_waiting(place, also):
        try:
            paid += _close(place, version, key)
        except RevertError:
            if place.model.version(version.id).status.is_live:
                raise  # else another was faster, and what had to be done is done
    return paid


def _close(place: Place, version: Version, key: Key) -> list[Payment]:
    """Settle or void a live version, if its time has come."""
    model, now = place.model, place.chain.now()
    parent = model.version(version.parent)
    window_end = version.submitted_at + model.terms.challenge_window
    is_lost = parent.status.is_dead or parent.next is not None
    is_timed_out = version.games > 0 and now >= window_end + model.terms.verdict_window
    if is_lost or is_timed_out:
        model.void(version.id, key=key)
        return []
    if version.games or now < window_end or parent.status is not Status.SETTLED:
        return []
    if _has_live_rival(model, version):
        return []
    while not (events := _settled(model.settle(version.id, key=key))):
        pass  # eight dead rivals were passed over: there may be more, and there are fewer each time
    return events


def _has_live_rival(model: ModelClient, version: Version) -> bool:
    while version.rival is not None:
        version = model.version(version.rival)
        if version.status.is_live:
            return True
    return False


def _settled(receipt: Receipt) -> list[Payment]:
    return [
        Payment(event.version, event.beneficiary, event.reward)
        for event in receipt.events
        if isinstance(event, Settled)
    ]


def withdraw(place: Place, *, key: Key) -> Wei:
    """Take the bonds and winnings that one is owed; return how much native coin that was.

    Bonds of one's games that were open when their version died are credited first.
    """
    model = place.model
    for challenge in model.challenges_of(key.address):
        _reclaim(model, challenge, key)
    owed = model.credit_of(key.address)
    if owed:
        model.withdraw(key=key)
    return owed


def _reclaim(model: ModelClient, challenge: Challenged, key: Key) -> None:
    game = model.game(challenge.version, challenge.game)
    is_open = game is not None and game.is_open
    if is_open and model.version(challenge.version).status.is_dead:
        model.reclaim(challenge.version, challenge.game, key=key)
