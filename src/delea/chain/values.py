"""What a model's contract answers besides numbers, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from delea.chain.codec import LogForm, decode_log, load_contract
from delea.chain.events import EVENTS, Event
from delea.chain.evm import Log, Mined
from delea.errors import ChainError, MalformedError
from delea.ids import Address, Digest, Wei
from delea.protocol.version import Status, Version

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Game:
    """A dispute about a version; `is_open` while its bond is held."""

    version: int
    number: int
    challenger: Address
    is_open: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rollback that was proposed."""

    id: int
    proposer: Address
    target: int
    proposed_at: int  # seconds
    executed: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction that was carried out, with the model's events in it."""

    transaction: str
    block: int
    gas: int
    fee: Wei  # native coin
    events: tuple[Event, ...]

    def one(self, kind: type[E]) -> E:
        """Return the one event of a kind, or raise ChainError if there is not exactly one."""
        found = [event for event in self.events if isinstance(event, kind)]
        if len(found) != 1:
            raise ChainError(
                f"one {kind.__name__} expected in transaction {self.transaction}, got {len(found)}"
            )
        return found[0]


def read_version(id_: int, fields: Sequence[Any]) -> Version:
    """Return the struct `Version` of the contract as a value; there, 0 stands for none."""
    (parent, root, line, sender, beneficiary, updates, total_updates, bond) = fields[:8]
    (submitted_at, games, games_opened, child, next_, rival, status, timed_out) = fields[8:]
    return Version(
        id=id_,
        parent=parent,
        root=Digest(root),
        line=line,
        sender=sender,
        beneficiary=beneficiary,
        updates=updates,
        total_updates=total_updates,
        bond=Wei(bond),
        submitted_at=submitted_at,
        games=games,
        games_opened=games_opened,
        child=child or None,
        next=next_ or None,
        rival=rival or None,
        status=_status(status),
        timed_out=timed_out,
    )


def _status(number: int) -> Status:
    try:
        return Status(number)
    except ValueError:
        raise MalformedError(f"a status of 1 to 5 expected, got {number}") from None


def read_receipt(mined: Mined, model: Address) -> Receipt:
    """Return a transaction with the events of one model in it."""
    own = [log for log in mined.logs if log.address == model]
    return Receipt(mined.transaction, mined.block, mined.gas, mined.fee, read_events(own))


def read_events(logs: Sequence[Log]) -> tuple[Event, ...]:
    """Return the logs of a model as events, in order; raises MalformedError for foreign ones."""
    return tuple(_read_event(log) for log in logs)


def form_of(kind: type[Event]) -> LogForm:
    """Return how the contract logs a kind of event."""
    return load_contract("Model").events[kind.__name__]


def _read_event(log: Log) -> Event:
    for kind in EVENTS:
        form = form_of(kind)
        if log.topics[:1] == (form.topic,):
            named = decode_log(form, log.topics, log.data)
            return kind(block=log.block, place=log.place, transaction=log.transaction, **named)
    raise ChainError(f"an event of a model expected in {log.transaction}, got another")
