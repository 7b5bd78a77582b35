"""Scan the code of a foreign module: legal instructions, bounded shape, no recursion."""

from dataclasses import dataclass

from delea.artifact.wasm import read_u32
from delea.errors import PolicyError
from delea.runtime import caps
from delea.runtime.layout import Signature, byte_at, check_end, check_value_type, read_count
from delea.runtime.opcodes import LABEL, STEP, refused_name


@dataclass(frozen=True, slots=True)
class Scan:
    """What a body's instructions showed: whom it calls and how often its flow branches."""

    calls: tuple[int, ...]
    branches: int


def check_code(code: bytes, functions: list[Signature]) -> None:
    """Raise unless each function's body keeps the rules and none can call itself."""
    if len(code) > caps.MAX_CODE_BYTES:
        raise PolicyError(f"at most {caps.MAX_CODE_BYTES} bytes of code expected, got {len(code)}")
    count, at = read_count(code, "bodies", caps.MAX_FUNCTIONS)
    if count != len(functions):
        raise PolicyError(f"{len(functions)} function bodies expected, got {count}")
    graph = []
    for index, signature in enumerate(functions):
        size, at = read_u32(code, at)
        end = at + size
        if end > len(code):
            raise PolicyError(f"function {index}: {size} bytes expected, {len(code) - at} are left")
        if size > caps.MAX_BODY_BYTES:
            raise PolicyError(
                f"function {index}: at most {caps.MAX_BODY_BYTES} bytes expected, got {size}"
            )
        graph.append(_check_body(code[at:end], index, signature))
        at = end
    check_end(code, at, "function bodies")
    check_calls(graph)


def _check_body(body: bytes, index: int, signature: Signature) -> tuple[int, ...]:
    """Check one function's locals and instructions; return the functions it calls."""
    own, at = _read_locals(body)
    count = own + len(signature.parameters)
    if count > caps.MAX_LOCALS:
        raise PolicyError(f"function {index}: at most {caps.MAX_LOCALS} locals, got {count}")
    scan = scan_body(body, at, index)
    product = max(count, 1) * scan.branches
    if product > caps.MAX_LOCALS_TIMES_BRANCHES:
        raise PolicyError(
            f"function {index}: at most {caps.MAX_LOCALS_TIMES_BRANCHES} locals times branches"
            f" expected, got {count} locals and {scan.branches} branches"
        )
    return scan.calls


def _read_locals(body: bytes) -> tuple[int, int]:
    """Return how many locals a body declares, and where its instructions start."""
    groups, at = read_count(body, "groups of locals", caps.MAX_LOCALS)
    count = 0
    for _ in range(groups):
        length, at = read_u32(body, at)
        check_value_type(byte_at(body, at, "the type of a local"))
        at += 1
        count += length
    return count, at


def scan_body(body: bytes, at: int, index: int) -> Scan:
    """Read the instructions of function `index`, which start at `at` of its body."""
    calls: set[int] = set()
    depth, branches = 1, 0
    while depth:
        match = STEP.match(body, at)
        assert match is not None, "the grammar's step may be empty, so it always matches"
        if match.end() == at:
            name = refused_name(body, at)
            raise PolicyError(f"function {index}: an allowed instruction expected, got {name}")
        at = match.end()
        match match.lastgroup:
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
        if depth > caps.MAX_NESTING:
            raise PolicyError(
                f"function {index}: at most {caps.MAX_NESTING} nested blocks expected"
            )
    if at != len(body):
        raise PolicyError(f"function {index}: its last end at byte {len(body)} expected, got {at}")
    return Scan(tuple(sorted(calls)), branches)


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


def check_calls(graph: list[tuple[int, ...]]) -> None:
    """Raise unless the call graph has no cycle and no path longer than the cap."""
    height: dict[int, int] = {}  # functions on the longest path down from here
    for root in range(len(graph)):
        path = [(root, iter(graph[root]))]
        active = {root}
        while path:
            caller, callees = path[-1]
            for callee in callees:
                if callee >= len(graph):
                    raise PolicyError(
                        f"function {caller}: a call below {len(graph)} expected, got {callee}"
                    )
                if callee in active:
                    raise PolicyError(f"no recursion expected, function {callee} calls itself")
                if callee not in height:
                    path.append((callee, iter(graph[callee])))
                    active.add(callee)
                    break
            else:
                path.pop()
                active.discard(caller)
                height[caller] = 1 + max((height[callee] for callee in graph[caller]), default=0)
                if height[caller] > caps.MAX_CALL_DEPTH:
                    raise PolicyError(f"calls at most {caps.MAX_CALL_DEPTH} deep expected")
