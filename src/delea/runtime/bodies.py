"""Scan the code of a foreign module: legal instructions, bounded shape."""

from dataclasses import dataclass

from delea.artifact.wasm import read_u32
from delea.errors import PolicyError
from delea.runtime import caps
from delea.runtime.calls import Frame, check_calls
from delea.runtime.layout import Signature, byte_at, check_end, check_value_type, read_count
from delea.runtime.opcodes import LABEL, STEP, refused_name


@dataclass(frozen=True, slots=True)
class Scan:
    """What a body's instructions showed: whom it calls, how often its flow branches.

    `controls` counts the instructions that shape control flow, calls among them.
    """

    calls: tuple[int, ...]
    branches: int
    controls: int


def check_code(code: bytes, functions: list[Signature]) -> None:
    """Raise unless each function's body keeps the rules, and all of them together do."""
    if len(code) > caps.MAX_CODE_BYTES:
        raise PolicyError(f"at most {caps.MAX_CODE_BYTES} bytes of code expected, got {len(code)}")
    count, at = read_count(code, "bodies", caps.MAX_FUNCTIONS)
    if count != len(functions):
        raise PolicyError(f"{len(functions)} function bodies expected, got {count}")
    frames = []
    flow = controls = 0
    for index, signature in enumerate(functions):
        size, at = read_u32(code, at)
        end = at + size
        if end > len(code):
            raise PolicyError(f"function {index}: {size} bytes expected, {len(code) - at} are left")
        if size > caps.MAX_BODY_BYTES:
            raise PolicyError(
                f"function {index}: at most {caps.MAX_BODY_BYTES} bytes expected, got {size}"
            )
        frame, scan = _check_body(code[at:end], index, signature, caps.MAX_CONTROLS - controls)
        frames.append(frame)
        controls += scan.controls
        flow += _flow(frame.locals, scan.branches)
        if flow > caps.MAX_MODULE_FLOW:
            raise PolicyError(
                f"at most {caps.MAX_MODULE_FLOW} locals times branches in all expected,"
                f" got {flow} up to function {index}"
            )
        at = end
    check_end(code, at, "function bodies")
    check_calls(frames)


def _check_body(body: bytes, index: int, signature: Signature, most: int) -> tuple[Frame, Scan]:
    """Check one function's locals and instructions, at most `most` of them of control."""
    own, at = _read_locals(body)
    count = own + len(signature.parameters)
    if count > caps.MAX_LOCALS:
        raise PolicyError(f"function {index}: at most {caps.MAX_LOCALS} locals, got {count}")
    scan = scan_body(body, at, index, most)
    if _flow(count, scan.branches) > caps.MAX_FLOW:
        raise PolicyError(
            f"function {index}: at most {caps.MAX_FLOW} locals times branches"
            f" expected, got {count} locals and {scan.branches} branches"
        )
    return Frame(len(body), count, scan.branches, scan.calls), scan


def _flow(locals_count: int, branches: int) -> int:
    """Return how many values single-assignment form may need to join."""
    return max(locals_count, 1) * (1 + branches)


def _read_locals(body: bytes) -> tuple[int, int]:
    """Return how many locals a body declares, and where its instructions start."""
    groups, at = read_count(body, "groups of locals", caps.MAX_LOCALS)
    count = 0
    for _ in range(groups):
        length, at = read_u32(body, at)
        if not length:
            raise PolicyError("groups of at least one local expected, got an empty one")
        check_value_type(byte_at(body, at, "the type of a local"))
        at += 1
        count += length
    return count, at


def scan_body(body: bytes, at: int, index: int, most: int) -> Scan:
    """Read the instructions of function `index`, which start at `at` of its body."""
    calls: set[int] = set()
    depth, branches, controls = 1, 0, 0
    while depth:
        match = STEP.match(body, at)
        assert match is not None, "the grammar's step may be empty, so it always matches"
        if match.end() == at:
            name = refused_name(body, at)
            raise PolicyError(f"function {index}: an allowed instruction expected, got {name}")
        at = match.end()
        kind = match.lastgroup
        controls += kind is not None
        match kind:
            case "block":
                depth, branches = depth + 1, branches + 1
            case "end":
                depth -= 1
            case "branch":
                branches += 1
            case "call":
                calls.add(read_u32(match["call"], 0)[0])
            case "table":
                length = read_u32(match["table"], 0)[0]
                at, branches = _skip_labels(body, at, length), branches + length + 1
        _check_shape(index, depth, controls, most)
    if at != len(body):
        raise PolicyError(f"function {index}: its last end at byte {len(body)} expected, got {at}")
    return Scan(tuple(sorted(calls)), branches, controls)


def _check_shape(index: int, depth: int, controls: int, most: int) -> None:
    if depth > caps.MAX_NESTING:
        raise PolicyError(f"function {index}: at most {caps.MAX_NESTING} nested blocks expected")
    if controls > most:
        raise PolicyError(
            f"function {index}: at most {caps.MAX_CONTROLS} blocks, branches and calls"
            " expected in all, got more"
        )


def _skip_labels(body: bytes, at: int, length: int) -> int:
    """Return the offset behind the labels of a br_table."""
    if length > caps.MAX_BR_TABLE:
        raise PolicyError(f"a br_table of at most {caps.MAX_BR_TABLE} labels, got {length}")
    for _ in range(length + 1):  # the last is the default
        match = LABEL.match(body, at)
        if match is None:
            raise PolicyError(f"a label expected at byte {at} of a body")
        at = match.end()
    return at
