"""Where a kernel's buffers begin: at a constant, or where a parameter of its function says."""

from dataclasses import dataclass

from delea.compiler.kernel import Buffer


@dataclass(frozen=True, slots=True)
class Place:
    """An address: `offset` bytes after what the local `parameter` holds, or after 0."""

    offset: int
    parameter: str = ""

    @property
    def given(self) -> bool:
        """Whether a call gives this address, and not one before it."""
        return bool(self.parameter) and not self.offset

    def expression(self, more: int = 0) -> str:
        """Return the address `more` bytes on as an expression."""
        at = self.offset + more
        if not self.parameter:
            return f"(i32.const {at})"
        local = f"(local.get {self.parameter})"
        return f"(i32.add {local} (i32.const {at}))" if at else local

    def plus(self, moving: str) -> str:
        """Return what a load at `offset` adds to it: the offset in `moving` and the parameter."""
        if not self.parameter:
            return moving
        local = f"(local.get {self.parameter})"
        return local if moving == NOTHING else f"(i32.add {local} {moving})"


NOTHING = "(i32.const 0)"
Addresses = dict[Buffer, Place]
"""Where each buffer of a kernel begins, in the order of its function's parameters."""


def parameters(addresses: Addresses) -> str:
    """Return the declarations of the parameters that `addresses` name."""
    return " ".join(f"(param {p.parameter} i32)" for p in addresses.values() if p.given)
