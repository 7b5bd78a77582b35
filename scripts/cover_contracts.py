"""Run the contracts' unit tests, and count the branches of the contracts that went both ways.

Each call of a test is walked a second time in `shadow`, which sees every conditional jump; Vyper's
source map says which line of the sources it comes from. Prints, by file, how many branches went
both ways and how many there are, then each that did not with file, line and reason. Exits 1 if one
is left that UNREACHABLE does not explain, or explains though it was reached.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

import pyrevm
import pytest
from compile_contracts import CONTRACTS, NAMES
from pyrevm import EVM
from shadow import JUMP, JUMPI, Call, End, Shadow, Turn
from state import code_of
from vyper import ast as vy_ast
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.phases import CompilerData
from vyper.compiler.settings import Settings
from vyper.ir import compile_ir
from words import operations

TESTS: Final = ("tests/contracts/unit",)
CREATED: Final = "0x" + "c0" * 20  # where a creation is walked; its real place is not known before
REASONS: Final = "reasons.vy"
CHECK: Final = "reasons._require("
BOTH: Final = 2
BY_SOURCE = (vy_ast.If, vy_ast.IfExp, vy_ast.BoolOp, vy_ast.For, vy_ast.Assert)
UNREACHABLE: dict[str, str] = {
    "claims.vy: for skipped: uint256 in range(RIVALS_PER_CALL + 1):": (
        "its last round always returns: the loop never runs out"
    ),
    "disputes.vy: reasons._require(game <= tree.COUNT, reasons.CHALLENGE_TOO_MANY)": (
        "takes 2^24 games of one version; tested on a model with a bound of 3"
    ),
    "tree.vy: for i: uint256 in range(65_536):": (
        "takes 65,536 pending versions in a row; tested on a model with a bound of 4"
    ),
}
"""By branch: why the tests cannot make it go its other way."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a branch is in the sources."""

    file: str
    line: int
    column: int
    text: str
    number: int = 0  # of those in the same place


@dataclass(frozen=True)
class Unit:
    """Code as it is deployed: the constructor's, or what it leaves."""

    name: str
    code: bytes
    branches: dict[int, Place | None]  # by pc; None: made by the compiler
    checks: dict[int, Place]  # by the pc of the jump into it: a call of `reasons._require`


def read_units(name: str) -> Iterator[Unit]:
    """Compile a contract as it is shipped, and find its branches."""
    bundle = FilesystemInputBundle([CONTRACTS, CONTRACTS / "src"])
    source = bundle.load_file(CONTRACTS / "src" / f"{name}.vy")
    settings = Settings(experimental_codegen=False)
    data = CompilerData(source, input_bundle=bundle, settings=settings)
    runtime = data.bytecode_runtime
    parts = (
        ("constructor", data.bytecode, data.bytecode.index(runtime), data.assembly),
        ("runtime", runtime, len(runtime), data.assembly_runtime),
    )
    for part, code, size, assembly in parts:
        _, maps = compile_ir.assembly_to_evm(assembly, compiler_metadata=None)
        yield read_unit(f"{name} {part}", code, size, maps["pc_raw_ast_map"])


def read_unit(name: str, code: bytes, size: int, nodes: dict[int, Any]) -> Unit:
    """Find the branches in the first `size` bytes of some code by its source map."""
    branches: dict[int, Place | None] = {}
    checks: dict[int, Place] = {}
    seen: Counter[int] = Counter()
    for pc, op in operations(code[:size]):
        node = nodes.get(pc)
        if op == JUMP and node is not None and CHECK in node.node_source_code.split("\n")[0]:
            checks[pc] = place_of(node)
        if op == JUMPI:
            seen[id(node)] += 1
            made = not isinstance(node, BY_SOURCE)
            # of a loop over a bound the first jump only checks the bound
            bounded = isinstance(node, vy_ast.For) and node.iter.get("keywords")
            made = made or (bool(bounded) and seen[id(node)] == 1)
            branches[pc] = None if made else place_of(node, seen[id(node)])
    return Unit(name, code, branches, checks)


def place_of(node: Any, number: int = 0) -> Place:
    """Return where a node of the syntax tree is."""
    file = Path(node.module_node.resolved_path).name
    text = node.node_source_code.split("\n")[0].strip()
    return Place(file, node.lineno, node.col_offset, text, number)


class Watched:
    """pyrevm's EVM; each call to it is walked beside it."""

    def __init__(
        self, name_of: Callable[[bytes], str | None], turns: set[Turn], **given: Any
    ) -> None:
        self.evm = EVM(**given)
        self.name_of = name_of
        self.turns = turns
        self.now = 0

    def __getattr__(self, name: str) -> Any:
        """Whatever is not watched."""
        return getattr(self.evm, name)

    def set_block_env(self, block: Any) -> None:
        """Note the time."""
        self.now = block.timestamp
        self.evm.set_block_env(block)

    def shadow(self) -> Shadow:
        """Begin a walk on the present state."""
        return Shadow(self.evm, self.now, self.name_of, self.turns)

    def message_call(
        self, sender: str, to: str, calldata: bytes = b"", value: int = 0, gas: int | None = None
    ) -> Any:
        """Walk the call, make it, and see that both end alike; a walk has no gas to run out of."""
        if gas is not None:
            return self.evm.message_call(sender, to, calldata=calldata, value=value, gas=gas)
        code = code_of(self.evm, to)
        end = self.shadow().message(Call(to, sender, value, calldata, code))
        try:
            answer = self.evm.message_call(sender, to, calldata=calldata, value=value)
        except RuntimeError as fault:
            said = str(fault).partition("output: 0x")[2].partition(" ")[0]
            expect(end, End(succeeded=False, answer=bytes.fromhex(said)))
            raise
        expect(end, End(succeeded=True, answer=bytes(answer)))
        return answer

    def deploy(self, sender: str, code: bytes, value: int = 0) -> str:
        """Walk the creation, do it, and see that both leave the same code."""
        end = self.shadow().create(Call(CREATED, sender, value, b"", code))
        address: str = ""
        try:
            address = self.evm.deploy(sender, code, value=value)
        finally:
            if not address:
                expect(end, End(succeeded=False, answer=end.answer))
        expect(end, End(succeeded=True, answer=code_of(self.evm, address)))
        return address


def expect(walked: End, real: End) -> None:
    """Stop if a walk did not end as the real machine."""
    if walked != real:
        raise AssertionError(f"the walk must end as the real call, {real}, but ended as {walked}")


def main() -> int:
    """Run the tests and print what they reached."""
    units = [unit for name in NAMES for unit in read_units(name)]
    turns: set[Turn] = set()

    @lru_cache(maxsize=1024)
    def name_of(code: bytes) -> str | None:
        return next((unit.name for unit in units if code.startswith(unit.code)), None)

    pyrevm.EVM = partial(Watched, name_of, turns)  # the tests' conftest takes it from there
    failed = pytest.main(["-q", "-x", "-p", "no:cacheprovider", *(sys.argv[1:] or TESTS)])
    return int(failed) or report(*count(units, turns))


def count(units: list[Unit], turns: set[Turn]) -> tuple[dict[Place, int], list[int]]:
    """Return in how many ways each branch of the sources went, and each that the compiler made."""
    ways: defaultdict[tuple[str, Place], set[bool]] = defaultdict(set)
    made: defaultdict[tuple[str, int], set[bool]] = defaultdict(set)
    by_name = {unit.name: unit for unit in units}
    for unit in units:
        for place in (*unit.branches.values(), *unit.checks.values()):
            if place is not None and place.file != REASONS:
                ways[unit.name, place] = set()
        made |= {(unit.name, pc): set() for pc, place in unit.branches.items() if place is None}
    for turn in turns:
        unit = by_name[turn.code]
        place = unit.branches[turn.pc]
        if place is None:
            made[turn.code, turn.pc].add(turn.jumped)
        else:
            place = unit.checks[turn.caller] if place.file == REASONS else place
            ways[turn.code, place].add(turn.jumped)
    most: Counter[Place] = Counter()
    for (_, place), found in ways.items():
        most[place] = max(most[place], len(found))  # in one of the codes that it is part of
    return most, [len(found) for found in made.values()]


def report(ways: dict[Place, int], made: list[int]) -> int:
    """Print the figures by file, and the branches that did not go both ways."""
    print(f"\n{'file':<20}{'both ways':>10}{'branches':>10}")
    for file in sorted({place.file for place in ways}):
        here = [found for place, found in ways.items() if place.file == file]
        print(f"{file:<20}{here.count(BOTH):>10}{len(here):>10}")
    every = list(ways.values())
    print(f"{'all':<20}{every.count(BOTH):>10}{len(every):>10}")
    print(f"{'by the compiler':<20}{made.count(BOTH):>10}{len(made):>10}")
    wrong = 0
    for place in sorted(ways):
        why = UNREACHABLE.get(f"{place.file}: {place.text}")
        wrong += (why is None) == (ways[place] < BOTH)
        if ways[place] < BOTH:
            told = ("never reached", "one way only")[ways[place]]
            print(f"{place.file}:{place.line}: {told}: {place.text}\n    {why or 'not explained'}")
        elif why:
            print(
                f"{place.file}:{place.line}: reached, though said to be out of reach: {place.text}"
            )
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
