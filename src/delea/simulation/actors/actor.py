"""What every actor is: an account, and what it does whenever it wakes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from delea.simulation.books import Account
    from delea.simulation.world import World


class Actor(ABC):
    """Somebody in the population."""

    kind: ClassVar[str]
    cheats: ClassVar[bool] = False
    """It breaks the rules: its gain counts as what cheating paid, and as a steward it lies."""
    trains: ClassVar[bool] = False
    sells: ClassVar[bool] = False
    audits: ClassVar[bool] = False
    is_creator: ClassVar[bool] = False

    def __init__(self, world: World, account: Account) -> None:
        self.world = world
        self.account = account

    @abstractmethod
    def wake(self) -> int | None:
        """Act, and return in how many seconds to wake again; None for never."""

    def audit(self, version: int) -> None:  # noqa: B027  # most have nothing to do here
        """Act on a claim that the world drew for checking."""
