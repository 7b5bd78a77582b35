"""Matrix multiplication: every shape and transposition is a call of `matmul.wat`'s $matmul.

An operand whose axes walk memory unevenly (a convolution's windows) is packed block by block: rows
of a block by block of c's rows, rows of b block by block of k, each block going on where the one
before ended. The order of additions is the same: k ascending, one accumulator per output.
"""

from importlib.resources import files
from math import prod

from delea.compiler.emit_pack import (
    PACKED_STEP,
    Blocks,
    function,
    loop,
    move,
    numbers,
    pack,
    pack_rows,
)
from delea.compiler.emit_tile import emit_tile
from delea.compiler.kernel import Matmul, Operand
from delea.compiler.place import Addresses, parameters
from delea.compiler.plan import ZEROS

NUMBER_BYTES = 4
PANEL = 16
TILE_BYTES = 2 * PANEL * 4
BLOCK_BYTES = 256 << 10
"""A block stays in a second-level cache."""

NARROW = 16
"""Up to so many columns of b, packing a costs more than it brings, if its rows are runs."""

DEEPEST = 512
"""Blocks of k so deep: a panel of b fills a first-level cache."""

PACKED = 8192
"""So many numbers of a, packed, stay in a second-level cache beside a panel."""

LISTS = 4
"""So many rows' lists are made at a time where rows of a are neighbours in memory."""

ENTRY_BYTES = 8
"""An entry of a sparse row's list: where b's row lies, and the number."""


def workspace(kernel: Matmul) -> int:
    """Return the bytes a matmul needs: what $matmul works in, a block if it packs one."""
    blocks = blocks_of(kernel)
    if blocks is None:
        return _work(kernel, kernel.k)
    if blocks.operand is kernel.b:
        return _work(kernel, blocks.rows) + blocks.byte_length
    packed = blocks.packed_length if _is_wide(kernel) else blocks.byte_length
    return TILE_BYTES + _panels(kernel.n, kernel.k) + packed


def _is_wide(kernel: Matmul) -> bool:
    """Return whether windows are packed as tiles read them: two panels read them, or more."""
    return kernel.n > PANEL


def _work(kernel: Matmul, k: int) -> int:
    """Return the bytes one call works in: a tile, panels of b, packed rows of a; or a list."""
    if kernel.sparse:
        return LISTS * ENTRY_BYTES * k
    a_row, _ = _strides(kernel.a)
    if kernel.n <= NARROW and a_row != NUMBER_BYTES:
        return TILE_BYTES + _panels(kernel.n, k)
    depth = -(-k // -(-k // DEEPEST))
    rows = min(kernel.m + kernel.m % 2, PACKED // depth & -2)
    return TILE_BYTES + _panels(kernel.n, depth) + 16 * rows * depth


def _panels(n: int, k: int) -> int:
    """Return the bytes of all panels of b."""
    return 4 * k * -(-n // PANEL) * PANEL


def blocks_of(kernel: Matmul) -> Blocks | None:
    """Return how the uneven operand is cut, if there is one."""
    for side in (kernel.a, kernel.b):
        number = PACKED_STEP // 2 if side is kernel.a and _is_wide(kernel) else 4
        scattered = kernel.sparse and side is kernel.b and side.columns[-1][1] != 1
        if len(side.rows) > 1 or len(side.columns) > 1 or scattered:
            width = prod(size for size, _ in side.columns)
            cut = len(side.rows) - 1
            while cut and prod(s for s, _ in side.rows[cut - 1 :]) * width * number <= BLOCK_BYTES:
                cut -= 1
            return Blocks(side, side.rows[:cut], side.rows[cut:])
    return None


def emit_matmul(name: str, kernel: Matmul, addresses: Addresses, panel: int) -> str:
    """Return the functions of a matmul kernel, `$name` the one to call; workspace at `panel`."""
    blocks = blocks_of(kernel)
    if blocks is None:
        return _whole(name, kernel, addresses, panel)
    if blocks.operand is kernel.b:
        block_at = panel + _work(kernel, blocks.rows)
        loops = _blocks_of_b(name, kernel, blocks, addresses, (panel, block_at))
        return pack(f"{name}_pack", blocks, block_at) + "\n" + loops
    block_at = panel + TILE_BYTES + _panels(kernel.n, kernel.k)
    packed = (pack_rows if _is_wide(kernel) else pack)(f"{name}_pack", blocks, block_at)
    return packed + "\n" + _blocks_of_a(name, kernel, blocks, addresses, (panel, block_at))


def _whole(name: str, kernel: Matmul, addresses: Addresses, panel: int) -> str:
    """Return the function that reads both operands where they lie; a batch is a nest of loops."""
    bias = addresses[kernel.bias].expression() if kernel.bias else 0
    (a_row, a_k), (b_k, b_column) = _strides(kernel.a), _strides(kernel.b)
    sizes = (kernel.m, kernel.n, kernel.k)
    called, b_walk = ("$sparse", (b_k,)) if kernel.sparse else ("$matmul", (b_column, b_k))
    call = (
        f"(call {called} (local.get $a) {numbers(a_row, a_k)} (local.get $b)"
        f" {numbers(*b_walk)} (local.get $c) {numbers(*sizes, bias, panel, 0)})"
    )
    body = call + move("$c", 4 * kernel.m * kernel.n)
    axes = [axis for axis, size in enumerate(kernel.batch) if size != 1]
    for axis in reversed(axes):
        steps = {"$a": 4 * kernel.a.batch[axis], "$b": 4 * kernel.b.batch[axis]}
        body = loop(f"$n{axis}", kernel.batch[axis], body, steps)
    counters = [f"$n{axis}" for axis in axes]
    starts = {"$a": _start(kernel.a, addresses), "$b": _start(kernel.b, addresses)}
    starts["$c"] = addresses[kernel.c].expression()
    return function(name, counters, starts, body, parameters(addresses))


def _blocks_of_a(
    name: str, kernel: Matmul, blocks: Blocks, addresses: Addresses, workspaces: tuple[int, int]
) -> str:
    """Return the function that packs all of b, then a block of a and multiplies, block by block."""
    tile, block_at = workspaces
    panels, panel_bytes = tile + TILE_BYTES, 4 * PANEL * kernel.k
    bias = addresses[kernel.bias].expression() if kernel.bias else 0
    b_k, b_column = _strides(kernel.b)
    all_of_b = _start(kernel.b, addresses), b_column, b_k, kernel.n, kernel.k, panels
    before = f"(drop (call $pack_panels {numbers(*all_of_b)}))"
    a_row, a_k = (0, 0) if _is_wide(kernel) else (4 * blocks.width, 4)
    first = numbers(block_at, a_row, a_k, panels, panel_bytes)
    last = numbers(blocks.rows, kernel.n, bias, tile, 0)
    body = f"(call ${name}_pack (local.get $from))(call $block {first} (local.get $c) {last})"
    body += move("$c", 4 * blocks.rows * kernel.n)
    starts = {"$c": addresses[kernel.c].expression()}
    return _over_blocks(name, blocks, before, body, starts, addresses)


def _blocks_of_b(
    name: str, kernel: Matmul, blocks: Blocks, addresses: Addresses, workspaces: tuple[int, int]
) -> str:
    """Return the function that packs a block of b and adds what it brings, block by block."""
    panel, block_at = workspaces
    bias = addresses[kernel.bias].expression() if kernel.bias else 0
    row, rows = 4 * blocks.width, blocks.rows
    a_row, a_k = _strides(kernel.a)
    called, b_walk = ("$sparse", (row,)) if kernel.sparse else ("$matmul", (4, row))
    c = addresses[kernel.c].expression()
    first = f"(local.get $a) {numbers(a_row, a_k, block_at, *b_walk, c)}"
    last = f"{numbers(kernel.m, kernel.n, rows, bias, panel)} (local.get $more)"
    body = f"(call ${name}_pack (local.get $from))(call {called} {first} {last})"
    body += move("$a", a_k * rows) + "(local.set $more (i32.const 1))"
    starts = {"$a": _start(kernel.a, addresses), "$more": "(i32.const 0)"}
    return _over_blocks(name, blocks, "", body, starts, addresses)


def _over_blocks(
    name: str, blocks: Blocks, before: str, body: str, starts: dict[str, str], addresses: Addresses
) -> str:
    """Return the function that does `body` for each block, its address in $from."""
    counters = [f"$n{i}" for i in range(len(blocks.outer))]
    for counter, (size, stride) in reversed(list(zip(counters, blocks.outer, strict=True))):
        body = loop(counter, size, body, {"$from": 4 * stride})
    starts = starts | {"$from": _start(blocks.operand, addresses)}
    return function(name, counters, starts, before + body, parameters(addresses))


def _strides(side: Operand) -> tuple[int, int]:
    """Return the bytes between rows and between columns of an even operand, never 0.

    An axis of one element has a stride of 0, which $block would take to mean packed rows.
    """
    return NUMBER_BYTES * (side.rows[0][1] or 1), NUMBER_BYTES * (side.columns[0][1] or 1)


def _start(side: Operand, addresses: Addresses) -> str:
    return addresses[side.buffer].expression(4 * side.offset)


def emit_functions(*, dense: bool = True, sparse: bool = True) -> str:
    """Return what `matmul.wat` and `sparse.wat` define, each if it is called."""
    folder = files(__package__).joinpath("wat")
    names = [*(("matmul", "pack") if dense else ()), *(("sparse",) if sparse else ())]
    texts = [folder.joinpath(f"{name}.wat").read_text(encoding="utf-8") for name in names]
    texts += [emit_tile()] if dense else []
    numbers = {"MINUS_ZEROS": ZEROS, "NARROW": NARROW, "DEEPEST": DEEPEST, "PACKED": PACKED}
    numbers["BEFORE_DEEPEST"] = DEEPEST - 1
    text = "".join(texts)
    for name, number in numbers.items():
        text = text.replace(f"(i32.const {name})", f"(i32.const {number})")
    return text
