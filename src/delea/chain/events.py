"""What a model says happened: one value per event of the contract."""

from dataclasses import dataclass

from delea.ids import Address, Digest, Wei


@dataclass(frozen=True, slots=True)
class Event:
    """Where an event stands: its block, its place among the block's logs, its transaction."""

    block: int
    place: int
    transaction: str


@dataclass(frozen=True, slots=True)
class Trained(Event):
    """A version was claimed."""

    version: int
    parent: int
    sender: Address
    beneficiary: Address
    root: Digest
    updates: int
    bond: Wei


@dataclass(frozen=True, slots=True)
class Challenged(Event):
    """Somebody says that a version's root is wrong."""

    version: int
    game: int
    challenger: Address
    named_root: Digest
    bond: Wei


@dataclass(frozen=True, slots=True)
class Ruled(Event):
    """The arbiter answered a game."""

    version: int
    game: int
    refuted: bool


@dataclass(frozen=True, slots=True)
class Refuted(Event):
    """A version was found wrong."""

    version: int
    game: int
    challenger: Address


@dataclass(frozen=True, slots=True)
class Reclaimed(Event):
    """The bond of a game that needed no ruling went back."""

    version: int
    game: int
    challenger: Address
    amount: Wei


@dataclass(frozen=True, slots=True)
class Settled(Event):
    """A version stood, and was paid; `reserve` is what is left."""

    version: int
    beneficiary: Address
    reward: Wei
    reserve: Wei


@dataclass(frozen=True, slots=True)
class Voided(Event):
    """A version can never settle."""

    version: int
    timed_out: bool


@dataclass(frozen=True, slots=True)
class Inferred(Event):
    """Inferences were paid for."""

    payer: Address
    request: Digest
    units: int
    price: Wei


@dataclass(frozen=True, slots=True)
class RollbackProposed(Event):
    """A rollback to a settled version was proposed."""

    proposal: int
    proposer: Address
    target: int


@dataclass(frozen=True, slots=True)
class RollbackVoted(Event):
    """An account voted on a proposal: 1, 0 or -1."""

    proposal: int
    voter: Address
    vote: int


@dataclass(frozen=True, slots=True)
class RolledBack(Event):
    """A rollback appended `version`, the new head."""

    proposal: int
    target: int
    version: int
    line: int
    score: int


@dataclass(frozen=True, slots=True)
class OptedIn(Event):
    """An account switched on its right to a steward's seat."""

    account: Address


@dataclass(frozen=True, slots=True)
class OptedOut(Event):
    """An account switched it off."""

    account: Address


@dataclass(frozen=True, slots=True)
class Withdrawn(Event):
    """An account took the native coin it was owed."""

    account: Address
    amount: Wei


@dataclass(frozen=True, slots=True)
class Transfer(Event):
    """Tokens moved."""

    sender: Address
    receiver: Address
    value: Wei


@dataclass(frozen=True, slots=True)
class Approval(Event):
    """An owner let a spender move his tokens."""

    owner: Address
    spender: Address
    value: Wei


EVENTS: tuple[type[Event], ...] = (
    Trained,
    Challenged,
    Ruled,
    Refuted,
    Reclaimed,
    Settled,
    Voided,
    Inferred,
    RollbackProposed,
    RollbackVoted,
    RolledBack,
    OptedIn,
    OptedOut,
    Withdrawn,
    Transfer,
    Approval,
)
