"""From any kernel to the function that runs it."""

from delea.compiler.emit_loop import emit_loop
from delea.compiler.emit_matmul import emit_matmul
from delea.compiler.emit_move import emit_gather, emit_scatter
from delea.compiler.emit_random import emit_random
from delea.compiler.kernel import Gather, Kernel, Loop, Matmul, Random, Scatter
from delea.compiler.place import Addresses


def emit_kernel(name: str, kernel: Kernel, addresses: Addresses, workspace: int) -> str:
    """Return the function `$name`, and those it needs; a matmul and a draw work at `workspace`."""
    match kernel:
        case Loop():
            return emit_loop(name, kernel, addresses)
        case Matmul():
            return emit_matmul(name, kernel, addresses, workspace)
        case Gather():
            return emit_gather(name, kernel, addresses)
        case Scatter():
            return emit_scatter(name, kernel, addresses)
        case Random():
            return emit_random(name, kernel, addresses, workspace)
