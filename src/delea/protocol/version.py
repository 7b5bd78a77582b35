"""A version of a model, and what can become of it."""

from dataclasses import dataclass
from enum import Enum

from delea.ids import Address, Digest, Wei


class Status(Enum):
    """Where a version stands, by the contract's numbers."""

    PENDING = 1
    CHALLENGED = 2
    SETTLED = 3
    REFUTED = 4
    VOID = 5

    @property
    def is_live(self) -> bool:
        """Whether it still waits for its end."""
        return self in {Status.PENDING, Status.CHALLENGED}

    @property
    def is_dead(self) -> bool:
        """Whether it can never settle, nor anything built on it."""
        return self in {Status.REFUTED, Status.VOID}


@dataclass(frozen=True, slots=True)
class Version:
    """One node of a model's tree; version 0, genesis, is its own parent.

    A version with 0 updates starts a line: genesis, or a rollback to its parent.
    """

    id: int
    parent: int
    root: Digest
    line: int
    sender: Address
    beneficiary: Address
    updates: int
    total_updates: int  # since the start of its line, its own included
    bond: Wei  # native coin
    submitted_at: int  # seconds
    games: int  # open
    games_opened: int  # ever
    child: int | None  # the latest one
    next: int | None  # the settled child
    rival: int | None
    status: Status
    timed_out: bool
