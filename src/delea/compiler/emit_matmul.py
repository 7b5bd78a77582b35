"""Matrix multiplication: every shape and transposition is a call of `matmul.wat`'s $matmul."""

from importlib.resources import files
from math import prod

from delea.compiler.kernel import Buffer, Matmul
from delea.compiler.plan import ZEROS

PANEL = 16
TILE_BYTES = 2 * PANEL * 4


def workspace(k: int) -> int:
    """Return the bytes of a panel of B and of one tile of C, for an inner size of `k`."""
    return 4 * PANEL * k + TILE_BYTES


def emit_call(kernel: Matmul, addresses: dict[Buffer, int], panel: int) -> str:
    """Return the code that runs a matmul kernel inside a function with `CALL_LOCALS`.

    Its workspace is at `panel`; a batch is a nest of loops that move the three addresses.
    """
    a_row, a_k = (4 * stride for stride in kernel.a.strides[-2:])
    b_k, b_column = (4 * stride for stride in kernel.b.strides[-2:])
    bias = addresses[kernel.bias] if kernel.bias else 0
    a, b = (addresses[side.buffer] + 4 * side.offset for side in (kernel.a, kernel.b))
    c = addresses[kernel.c]
    sizes = (kernel.m, kernel.n, kernel.k)

    def call(a_at: str, b_at: str, c_at: str) -> str:
        before = f"{a_at} {_numbers(a_row, a_k)} {b_at} {_numbers(b_column, b_k)} {c_at}"
        return f"(call $matmul {before} {_numbers(*sizes, bias, panel)})"

    if prod(kernel.batch) == 1:
        return call(*(_numbers(address) for address in (a, b, c)))
    axes = [axis for axis, size in enumerate(kernel.batch) if size != 1]
    moved = 4 * kernel.m * kernel.n
    body = call("(local.get $m0)", "(local.get $m1)", "(local.get $m2)")
    body += f"(local.set $m2 {_plus('$m2', moved)})"
    for depth, axis in enumerate(reversed(axes)):
        size, counter = kernel.batch[axis], f"$n{depth}"
        steps = [4 * side.strides[axis] for side in (kernel.a, kernel.b)]
        body = (
            f"(local.set {counter} (i32.const {size}))(loop $b{depth} {body}"
            + "".join(f"(local.set $m{i} {_plus(f'$m{i}', step)})" for i, step in enumerate(steps))
            + f"(br_if $b{depth} (local.tee {counter} {_plus(counter, -1)})))"
            + "".join(
                f"(local.set $m{i} {_plus(f'$m{i}', -step * size)})" for i, step in enumerate(steps)
            )
        )
    starts = "".join(f"(local.set $m{i} (i32.const {at}))" for i, at in enumerate((a, b, c)))
    return starts + body


BATCH_AXES = 8
CALL_LOCALS = "".join(f"(local $m{i} i32)" for i in range(3)) + "".join(
    f"(local $n{i} i32)" for i in range(BATCH_AXES)
)
"""The locals of a function that runs batched matmuls: three addresses, a counter per axis."""


def _numbers(*numbers: int) -> str:
    return " ".join(f"(i32.const {number})" for number in numbers)


def _plus(local: str, number: int) -> str:
    return f"(i32.add (local.get {local}) (i32.const {number}))"


def emit_functions() -> str:
    """Return `$tile`, `$pack` and `$matmul`."""
    text = files(__package__).joinpath("wat/matmul.wat").read_text(encoding="utf-8")
    return text.replace("MINUS_ZEROS)", f"{ZEROS})")
