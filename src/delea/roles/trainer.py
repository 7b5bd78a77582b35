"""The trainer: trains the tip, claims the result, is paid when it settles."""

from dataclasses import dataclass

from delea.artifact import state_root
from delea.chain import Key
from delea.chain.events import Settled, Trained
from delea.errors import RefusedError
from delea.ids import Address, Digest, Wei
from delea.protocol.seed import seed_of_claim
from delea.protocol.version import Status
from delea.roles.session import OnStep, Session

ANY_REWARD = Wei(0)


@dataclass(frozen=True, slots=True)
class Update:
    """Training done and not yet claimed."""

    parent: int
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
    beneficiary: Address | None = None,
    on_step: OnStep | None = None,
) -> Update:
    """Train `updates` updates on the tip, under the seed that binds them to `sender`.

    Raises:
        RefusedError: more updates than the model takes at once.
        DivergedError: training reached a NaN or an infinity; there is nothing to claim.
    """
    most = session.model.terms.max_updates
    if not 1 <= updates <= most:
        raise RefusedError(f"1 to {most} updates a claim expected, got {updates}")
    parent = session.model.version(session.model.tip())
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
    trained = session.sandbox.train(session.state(parent), seed, steps, on_step=on_step)
    root = state_root(trained.state)
    return Update(parent.id, updates, paid, trained.state, root, trained.losses)


def claim(session: Session, update: Update, *, key: Key, min_reward: Wei = ANY_REWARD) -> Claimed:
    """Claim an update on chain; its state is published once the claim is mined.

    Raises:
        RevertError: the contract refuses, and nothing was paid.
    """
    expected = session.model.quote_after(update.parent, update.updates)
    receipt = session.model.train(
        update.parent, update.root, update.updates, update.beneficiary, min_reward, key=key
    )
    trained = receipt.one(Trained)
    session.store.put_state(update.root, update.state)
    return Claimed(trained.version, receipt.block, trained.bond, expected)


def settle_due(session: Session, *, key: Key) -> list[Payment]:
    """Settle every claim whose time has come, oldest first, and void what can never settle."""
    paid = []
    model = session.model
    for version in model.versions():
        if not version.status.is_live or version.games:
            continue
        parent = model.version(version.parent)
        rival = model.version(version.rival) if version.rival else None
        if parent.status.is_dead or (rival is not None and rival.status is Status.SETTLED):
            model.void(version.id, key=key)
            continue
        window_over = session.chain.now() >= version.submitted_at + model.terms.challenge_window
        blocked = parent.status is not Status.SETTLED or (
            rival is not None and rival.status.is_live
        )
        if not window_over or blocked:
            continue
        events = model.settle(version.id, key=key).events
        paid += [
            Payment(event.version, event.beneficiary, event.reward)
            for event in events
            if isinstance(event, Settled)
        ]
    return paid


def withdraw(session: Session, *, key: Key) -> Wei:
    """Take the bonds and winnings that are credited; return how much native coin that was."""
    owed = session.model.credit_of(key.address)
    if owed:
        session.model.withdraw(key=key)
    return owed
