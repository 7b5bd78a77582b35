"""Which nodes of a graph a kernel computes, found by the names of its buffers."""

import re
from dataclasses import dataclass, field

from delea.compiler.kernel import Buffer, Kernel
from delea.compiler.view import below, storage
from delea.graph import Graph

_OWN = re.compile(r"t([0-9]+)")
_OVERWRITTEN = re.compile(r"(?:next\.)?state\.(.+)")


@dataclass(slots=True)
class Origin:
    """A graph and its kernels; a buffer is a node's own, a result's, or a state's next value."""

    graph: Graph
    kernels: list[Kernel]
    _stored: set[int] = field(init=False)

    def __post_init__(self) -> None:
        kept = [b for k in self.kernels for b in k.writes() if not _OVERWRITTEN.fullmatch(b.name)]
        self._stored = {self.node(buffer) for buffer in kept}

    def node(self, buffer: Buffer) -> int:
        """Return the node whose value a kernel stores in a buffer."""
        if found := _OWN.fullmatch(buffer.name):
            return int(found[1])
        found = _OVERWRITTEN.fullmatch(buffer.name)
        return storage(self.graph, self.graph.output(found[1] if found else buffer.name))

    def roots(self, kernel: Kernel) -> list[int]:
        """Return the nodes that a kernel stores; of one that is assembled, the parts."""
        read, written = self._own(kernel.reads()), self._own(kernel.writes())
        found: set[int] = set()
        for number in map(self.node, kernel.writes()):
            if self.graph.nodes[number].op == "assemble":
                parts = set(self.graph.nodes[number].inputs) - (read - written)
                found |= {p for p in parts if self._loads(p) <= read | written} or {number}
            elif number not in read - written:  # else it is copied only
                found.add(number)
        return sorted(found)

    def nodes(self, kernel: Kernel) -> list[int]:
        """Return the nodes that a kernel computes, in order; those it loads are not among them."""
        roots = set(self.roots(kernel))
        return sorted(below(self.graph, roots, self._stored - roots) - (self._stored - roots))

    def _own(self, buffers: list[Buffer]) -> set[int]:
        return {self.node(buffer) for buffer in buffers if _OWN.fullmatch(buffer.name)}

    def _loads(self, number: int) -> set[int]:
        """Return the stored nodes that a node is computed from; itself, if it is one."""
        return below(self.graph, {number}, self._stored) & self._stored
