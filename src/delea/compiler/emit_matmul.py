"""Matrix multiplication: every shape and transposition is a call of `matmul.wat`'s $matmul."""

from importlib.resources import files

from delea.compiler.kernel import Buffer, Matmul
from delea.compiler.plan import ZEROS

PANEL = 16
TILE_BYTES = 2 * PANEL * 4


def workspace(k: int) -> int:
    """Return the bytes of a panel of B and of one tile of C, for an inner size of `k`."""
    return 4 * PANEL * k + TILE_BYTES


def emit_matmul(name: str, kernel: Matmul, addresses: dict[Buffer, int], panel: int) -> str:
    """Return the function `$name` that runs a matmul kernel; its workspace is at `panel`.

    A batch is a nest of loops that move the addresses of a, b and c.
    """
    a_row, a_k = (4 * stride for stride in kernel.a.strides[-2:])
    b_k, b_column = (4 * stride for stride in kernel.b.strides[-2:])
    bias = addresses[kernel.bias] if kernel.bias else 0
    a, b = (addresses[side.buffer] + 4 * side.offset for side in (kernel.a, kernel.b))
    body = (
        f"(call $matmul (local.get $a) {_numbers(a_row, a_k)} (local.get $b)"
        f" {_numbers(b_column, b_k)} (local.get $c)"
        f" {_numbers(kernel.m, kernel.n, kernel.k, bias, panel)})"
        f"(local.set $c {_plus('$c', 4 * kernel.m * kernel.n)})"
    )
    axes = [axis for axis, size in enumerate(kernel.batch) if size != 1]
    for axis in reversed(axes):
        steps = {"$a": 4 * kernel.a.strides[axis], "$b": 4 * kernel.b.strides[axis]}
        body = _loop(axis, kernel.batch[axis], body, steps)
    counters = " ".join(f"(local $n{axis} i32)" for axis in axes)
    starts = " ".join(
        f"(local.set {side} (i32.const {at}))"
        for side, at in (("$a", a), ("$b", b), ("$c", addresses[kernel.c]))
    )
    return f"(func ${name} (local $a i32) (local $b i32) (local $c i32) {counters} {starts} {body})"


def _loop(axis: int, size: int, body: str, steps: dict[str, int]) -> str:
    """Return `body` for every index of a batch axis, its operands moved on and then back."""
    on = "".join(f"(local.set {side} {_plus(side, step)})" for side, step in steps.items())
    back = "".join(f"(local.set {s} {_plus(s, -step * size)})" for s, step in steps.items())
    return (
        f"(local.set $n{axis} (i32.const {size}))(loop $axis{axis} {body} {on}"
        f"(br_if $axis{axis} (local.tee $n{axis} {_plus(f'$n{axis}', -1)}))){back}"
    )


def _numbers(*numbers: int) -> str:
    return " ".join(f"(i32.const {number})" for number in numbers)


def _plus(local: str, number: int) -> str:
    return f"(i32.add (local.get {local}) (i32.const {number}))"


def emit_functions() -> str:
    """Return `$tile`, `$pack` and `$matmul`."""
    text = files(__package__).joinpath("wat/matmul.wat").read_text(encoding="utf-8")
    return text.replace("MINUS_ZEROS)", f"{ZEROS})")
