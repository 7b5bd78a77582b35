"""Kernels in the making, and which of them has room for a value: found without trying them all."""

from bisect import bisect, bisect_left
from dataclasses import dataclass, field

from delea.compiler.kernel import Access

MAX_STORES = 4
MAX_ACCUMULATORS = 4
MAX_OVERWRITES = 64
"""Stores of a kernel that overwrites states."""

TRIES = 16
"""So many kernels are tried for a value, then it gets one of its own: fusion stays near linear."""

FRESH = -1
"""The cluster of kernels that overwrite nothing."""


@dataclass(frozen=True, slots=True)
class Space:
    """What a kernel runs over; `pattern` says which axes (sizes of 1 aside) are reduced."""

    kept: tuple[int, ...]
    reduced: tuple[int, ...] = ()
    order: str = ""
    pattern: tuple[bool, ...] = ()


@dataclass(slots=True)
class Group:
    """A kernel in the making: reductions, and the values it stores and where.

    Kernels of one `cluster` overwrite states that depend on each other's old values.
    """

    space: Space
    cluster: int = FRESH
    reductions: list[int] = field(default_factory=list)
    stores: list[tuple[int, Access]] = field(default_factory=list)
    alone: int | None = None
    """The node of a kernel that is no loop: a matmul, a gather, a scatter, or the fill of one
    that is assembled."""


@dataclass(slots=True)
class Groups:
    """The kernels in their order; those with room, by what they run over."""

    all: list[Group] = field(default_factory=list)
    _reducing: dict[Space, list[int]] = field(default_factory=dict)
    _storing: dict[tuple[int, tuple[int, ...]], list[int]] = field(default_factory=dict)

    def add_alone(self, number: int, space: Space) -> int:
        """Add the kernel of a node that shares it with no other; return its index."""
        self.all.append(Group(space, alone=number))
        return len(self.all) - 1

    def reduce(self, number: int, space: Space, latest: int) -> int:
        """Add a reduction to the first kernel over `space` with room after `latest`, or a new one.

        Returns:
            The kernel's index.
        """
        known = self._reducing.setdefault(space, [])
        at = bisect(known, latest)
        if at == len(known):
            known.append(len(self.all))
            self.all.append(Group(space))
        index = known[at]
        self.all[index].reductions.append(number)
        if len(self.all[index].reductions) == MAX_ACCUMULATORS:
            known.pop(at)
        return index

    def with_room(self, kept: tuple[int, ...], cluster: int, latest: int) -> list[int]:
        """Return kernels over `kept` with room for a store, none before `latest`, ascending.

        One that reduces is among them only if it is `latest` itself.
        """
        known = self._storing.get((cluster, kept), [])
        at = bisect_left(known, latest)
        last = self.all[latest] if latest != FRESH and cluster == FRESH else None
        follows = last is not None and last.reductions and last.space.kept == kept
        follows = follows and len(self.all[latest].stores) < MAX_STORES
        return ([latest] if follows else []) + known[at : at + TRIES]

    def add_storing(self, kept: tuple[int, ...], cluster: int) -> int:
        """Add a kernel over `kept` that reduces nothing; return its index."""
        known = self._storing.setdefault((cluster, kept), [])
        known.append(len(self.all))
        self.all.append(Group(Space(kept), cluster))
        return known[-1]

    def store(self, index: int, number: int, target: Access) -> None:
        """Let a kernel store a value."""
        group = self.all[index]
        group.stores.append((number, target))
        most = MAX_STORES if group.cluster == FRESH else MAX_OVERWRITES
        if not group.reductions and len(group.stores) == most:
            self._storing[group.cluster, group.space.kept].remove(index)
