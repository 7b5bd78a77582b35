"""The steward: puts an earlier version back."""

from dataclasses import dataclass

from delea.chain import Chain, Key, ModelClient
from delea.chain.events import RollbackProposed, RolledBack
from delea.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Proposed:
    """A rollback that waits for its window."""

    proposal: int
    target: int
    due_at: int  # seconds


@dataclass(frozen=True, slots=True)
class Done:
    """A rollback carried out: the version that was appended, with the target's root."""

    proposal: int
    target: int
    version: int


def propose(chain: Chain, model: ModelClient, target: int, *, key: Key) -> Proposed:
    """Propose to go back to a settled version."""
    receipt = model.propose_rollback(target, key=key)
    proposal = receipt.one(RollbackProposed).proposal
    due_at = chain.now(block=receipt.block) + model.terms.rollback_window
    return Proposed(proposal, target, due_at)


def execute(model: ModelClient, proposal: int, *, key: Key) -> Done:
    """Carry out a proposal whose window is over; anyone may."""
    event = model.execute_rollback(proposal, key=key).one(RolledBack)
    return Done(proposal, event.target, event.version)


def check_target(model: ModelClient, target: int) -> None:
    """Raise RefusedError for a version that does not exist, before a proposal is paid for."""
    count = model.version_count()
    if not 0 <= target < count:
        raise RefusedError(f"a version of 0 to {count - 1} expected, got {target}")
