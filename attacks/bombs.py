"""Bombs for the compiler, each as large as the rules allow and eight times larger: `bombs.py`.

Prints how each ended: which check refuses it, or what its compilation took in the sandbox's child.
"""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from victim import Pieces, module

from delea.errors import PolicyError, SandboxError
from delea.runtime import Sandbox, check_module

LARGER = 8


@dataclass(frozen=True, slots=True)
class End:
    """How a bomb ended: `told` by a check or a limit, or compiled if that is empty."""

    told: str
    module_bytes: int
    check_s: float = 0.0
    cpu_s: float = 0.0
    peak_mib: int = 0


def chain(kind: str, instructions: str, count: int) -> str:
    """Return a function that applies instructions again and again to one number."""
    body = f"local.get 0 {instructions * count} local.set 0"
    return f"(func (local {kind}) {body} ({kind}.store (i32.const 0) (local.get 0)))"


def live_values(count: int) -> str:
    """Return a function that holds so many vectors at once."""
    each, joined = "local.get 0 i8x16.popcnt " * count, "v128.or " * (count - 1)
    return (
        f"(func (local v128) {each} {joined} local.set 0 (v128.store (i32.const 0) (local.get 0)))"
    )


def live_locals(rounds: int) -> str:
    """Return a function that mixes 400 vectors and keeps all of them."""
    width = 400
    mix = "".join(
        f"(local.set {i} (i32x4.trunc_sat_f32x4_u (v128.xor (local.get {i})"
        f" (local.get {(i * 7 + turn) % width}))))"
        for turn in range(rounds)
        for i in range(width)
    )
    return f"(func (local{' v128' * width}) {mix}{_stores('v128', width, 16)})"


def joins(width: int, branches: int) -> str:
    """Return a function whose locals change, and join, behind each branch."""
    change = "".join(
        f"(if (local.get {at % width}) (then (local.set {(at * 5 + 1) % width} (i32.const {at}))))"
        for at in range(branches)
    )
    return f"(func (local{' i32' * width}) {change}{_stores('i32', width, 4)})"


def _stores(kind: str, width: int, size: int) -> str:
    return "".join(f"({kind}.store (i32.const {size * i}) (local.get {i}))" for i in range(width))


def loops(count: int) -> str:
    """Return a function of loops, each 60 deep, that leave by any of them."""
    depth = 60
    inner = "".join(f"(br_if {at} (local.get 0))" for at in range(depth))
    return f"(func (local i32) {('(loop ' * depth + inner + ')' * depth) * count})"


def tables(count: int) -> str:
    """Return a function of jumps to 200 labels each."""
    jump = f"(br_table {'0 1 2 3 ' * 50} 0 (local.get 0))"
    return f"(func (local i32) {('(block ' * 4 + jump + ')' * 4) * count})"


def calls(count: int) -> str:
    """Return functions that hand 60 vectors on, in another order."""
    width = 60
    parameters = f"(param{' v128' * width})"
    given = "".join(f"(local.get {(at * 7) % width})" for at in range(width))
    last = f"(func {parameters} (v128.store (i32.const 0) (local.get 0)))"
    return last + f"(func {parameters} {f'(call 5 {given})' * 40})" * count


def constants(count: int) -> str:
    """Return a function of different vector constants."""
    each = "".join(f"(v128.const i32x4 {at} 1 2 3) v128.or " for at in range(count))
    kept = "(v128.store (i32.const 0) (local.get 0))"
    return f"(func (local v128) local.get 0 {each} local.set 0 {kept})"


COPY = "(memory.copy (i32.const 0) (i32.const 9) (i32.const 5))"
SHUFFLE = f"local.get 0 i8x16.shuffle {' '.join(map(str, range(31, 15, -1)))} "
BOMBS: dict[str, Callable[[int], str]] = {
    "vector conversions": lambda n: chain("v128", "i32x4.trunc_sat_f32x4_u ", 13_000) * 6 * n,
    "number conversions": lambda n: (
        chain("f64", "i64.trunc_sat_f64_u f64.convert_i64_u ", 13_000) * (6 * n)
    ),
    "byte shifts": lambda n: chain("v128", "local.get 0 i8x16.bitmask i8x16.shr_s ", 6_000) * 6 * n,
    "bit counts": lambda n: chain("v128", "i8x16.popcnt ", 20_000) * 6 * n,
    "shuffles": lambda n: chain("v128", SHUFFLE, 1_900) * 6 * n,
    "divisions": lambda n: chain("i64", "local.get 0 i64.div_s ", 13_000) * 6 * n,
    "loads": lambda n: chain("i32", "i32.load offset=4 ", 13_000) * 6 * n,
    "values alive": lambda n: live_values(6_500) * 6 * n,
    "locals alive": lambda n: live_locals(6) * 6 * n,
    "joins": lambda n: joins(30, 540) * 4 * n,
    "loops": lambda n: loops(2) * 40 * n,
    "jump tables": lambda n: tables(75) * n,
    "calls": lambda n: calls(45 * n),
    "constants": lambda n: constants(1_900) * 6 * n,
    "small functions": lambda n: "(func)" * 1_000 * n,
    "copies of memory": lambda n: f"(func {COPY * 3_900})" * 6 * n,
}
"""Functions by name, one time or several times as large as the rules allow."""


def explode(name: str, times: int) -> End:
    """Check and compile a bomb."""
    made = module(Pieces(more=BOMBS[name](times)))
    before, told = time.process_time(), ""
    try:
        check_module(made)
    except PolicyError as fault:
        return End(str(fault), len(made), time.process_time() - before)
    check_s = time.process_time() - before
    earlier, peak_mib = _children_s(), 0
    try:
        with Sandbox(made) as sandbox:
            peak_mib = _peak_mib(sandbox.pid)
    except SandboxError as fault:
        told = str(fault)
    return End(told, len(made), check_s, _children_s() - earlier, peak_mib)


def _children_s() -> float:
    """Return the CPU seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak_mib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) >> 10


def main() -> None:
    """Print the table of all bombs."""
    print("| bomb | kB | check, s | compile, CPU s | peak, MiB | how it ended |")
    print("|---|---|---|---|---|---|")
    for name in BOMBS:
        for times in (1, LARGER):
            end = explode(name, times)
            took = f"{end.cpu_s:.1f} | {end.peak_mib}" if end.cpu_s else "- | -"
            numbers = f"{end.module_bytes >> 10} | {end.check_s:.3f} | {took}"
            print(f"| {name} | {numbers} | {end.told or 'compiled'} |", flush=True)


if __name__ == "__main__":
    main()
