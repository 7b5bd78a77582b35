"""What the demo remembers of a model: its versions as rows, and the figures beside them."""

from dataclasses import dataclass, field
from typing import Any

from delea.ids import Address, Wei
from delea.protocol.terms import Terms
from delea.protocol.version import Status


@dataclass(slots=True)
class Row:
    """One version as the table shows it; reserve and price are those of its block."""

    id: int
    parent: int
    beneficiary: Address
    status: Status
    reserve: Wei
    price: Wei
    updates: int = 0
    loss_before: float | None = None
    loss_after: float | None = None
    verdict: str | None = None
    reward: Wei | None = None
    losses: tuple[float, ...] = ()
    fit: tuple[float, ...] = ()
    """What the version answers to `Record.asked`."""

    def to_json(self) -> dict[str, Any]:
        """Return the row with the names of the demo's schema."""
        return {
            "id": self.id,
            "parent": self.parent,
            "beneficiary": self.beneficiary,
            "loss_before": self.loss_before,
            "loss_after": self.loss_after,
            "verdict": self.verdict,
            "status": self.status.name.lower(),
            "reward_wei": self.reward,
            "reserve_wei": self.reserve,
            "price_wei": self.price,
        }


@dataclass(slots=True)
class Record:
    """One model, played to the end."""

    name: str
    address: Address
    terms: Terms
    steps_per_update: int
    rows: list[Row] = field(default_factory=list)
    test_accuracy: float | None = None
    paid: Wei | None = None
    checked: bool = False
    tested: bool = False
    """Whether losses before and after are those of test rows; else they are of the train rows."""
    asked: tuple[float, ...] = ()
    """Inputs along a line, if a row is one number and so is its answer."""
    invariants: dict[str, bool] = field(default_factory=dict)

    def row(self, version: int) -> Row:
        """Return the row of a version."""
        return self.rows[version]

    def to_json(self) -> dict[str, Any]:
        """Return the model with the names of the demo's schema."""
        return {
            "name": self.name,
            "address": self.address,
            "artifact": self.terms.artifact.hex(),
            "steps_per_update": self.steps_per_update,
            "versions": [row.to_json() for row in self.rows],
            "test_accuracy": self.test_accuracy,
            "inference": {"paid_wei": self.paid, "checked": self.checked},
            "invariants": self.invariants,
        }
