"""Matrix multiplication: every shape and transposition is a call of `matmul.wat`'s $matmul."""

from importlib.resources import files

from delea.compiler.kernel import Buffer, Matmul
from delea.compiler.plan import ZEROS

PANEL = 16
TILE_BYTES = 2 * PANEL * 4


def workspace(k: int) -> int:
    """Return the bytes of a panel of B and of one tile of C, for an inner size of `k`."""
    return 4 * PANEL * k + TILE_BYTES


def emit_call(kernel: Matmul, addresses: dict[Buffer, int], panel: int) -> str:
    """Return the call that runs a matmul kernel; its workspace is at `panel`."""
    a_row, a_k = (4, 4 * kernel.m) if kernel.ta else (4 * kernel.k, 4)
    b_column, b_k = (4 * kernel.k, 4) if kernel.tb else (4, 4 * kernel.n)
    bias = addresses[kernel.bias] if kernel.bias else 0
    a, b, c = (addresses[buffer] for buffer in (kernel.a, kernel.b, kernel.c))
    sizes = (kernel.m, kernel.n, kernel.k)
    numbers = (a, a_row, a_k, b, b_column, b_k, c, *sizes, bias, panel)
    return f"(call $matmul {' '.join(f'(i32.const {number})' for number in numbers)})"


def emit_functions() -> str:
    """Return `$tile`, `$pack` and `$matmul`."""
    text = files(__package__).joinpath("wat/matmul.wat").read_text(encoding="utf-8")
    return text.replace("MINUS_ZEROS)", f"{ZEROS})")
