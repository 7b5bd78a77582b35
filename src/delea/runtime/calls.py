"""Judge who calls whom: no recursion, and a stack that suffices in every engine."""

from dataclasses import dataclass

from delea.errors import PolicyError
from delea.runtime import caps

_OVERHEAD_BYTES = 256  # return address, saved registers, alignment, the engine's own slots
_SLOT_BYTES = 16  # a v128
_BYTES_PER_CODE_BYTE = 8  # an instruction of 1 byte makes 8 at most, one of 2 bytes 16


@dataclass(frozen=True, slots=True)
class Frame:
    """What bounds a function's frame, and the functions it calls."""

    body_bytes: int
    locals: int
    branches: int
    calls: tuple[int, ...]

    @property
    def most_bytes(self) -> int:
        """The largest frame an engine can need, if it gives each value one slot for ever.

        Values are the results of instructions; and for each local what it is at first, the copy
        that was passed, and one more behind every branch.
        """
        values = _SLOT_BYTES * self.locals * (2 + self.branches)
        return _OVERHEAD_BYTES + values + _BYTES_PER_CODE_BYTE * self.body_bytes


def check_calls(frames: list[Frame]) -> None:
    """Raise unless no function can call itself and no path of calls is too long or too large."""
    depth: dict[int, int] = {}  # functions on the longest path down from here
    stack: dict[int, int] = {}  # bytes of the largest
    for root in range(len(frames)):
        path = [(root, iter(frames[root].calls))]
        active = {root}
        while path:
            caller, callees = path[-1]
            new = (c for c in callees if _is_new(c, caller, len(frames), active, depth))
            callee = next(new, None)
            if callee is not None:
                path.append((callee, iter(frames[callee].calls)))
                active.add(callee)
                continue
            path.pop()
            active.discard(caller)
            below = frames[caller].calls
            depth[caller] = 1 + max((depth[c] for c in below), default=0)
            stack[caller] = frames[caller].most_bytes + max((stack[c] for c in below), default=0)
            _check_path(caller, depth[caller], stack[caller])


def _is_new(callee: int, caller: int, count: int, active: set[int], known: dict[int, int]) -> bool:
    """Return whether `callee` is still to be looked at; raise if it must not be called."""
    if callee >= count:
        raise PolicyError(f"function {caller}: a call below {count} expected, got {callee}")
    if callee in active:
        raise PolicyError(f"no recursion expected, function {callee} calls itself")
    return callee not in known


def _check_path(function: int, depth: int, stack: int) -> None:
    if depth > caps.MAX_CALL_DEPTH:
        raise PolicyError(f"calls at most {caps.MAX_CALL_DEPTH} deep expected")
    if stack > caps.MAX_STACK_BYTES:
        raise PolicyError(
            f"function {function}: a stack of at most {caps.MAX_STACK_BYTES} bytes expected,"
            f" its code and locals and those of what it calls may need {stack}"
        )
