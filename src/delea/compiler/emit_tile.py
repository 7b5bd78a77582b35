"""The tile that most of training runs in: 2 packed rows x 16 columns of a matrix product.

Eight numbers of k follow each other without a test of the loop. Between them stand branches that
are never taken, each on another address, so that none can be left out: engines move the loads of a
basic block above its arithmetic, and eight times six loads would not fit the registers.
"""

from delea.compiler.emit_pack import PACKED_STEP

TURNS = 8
ROWS, VECTORS = 2, 4
PANEL_STEP = 16 * VECTORS
PARAMETERS = ("$a", "$b", "$end", "$c", "$c_row", "$start0", "$start1")
"""Addresses and a distance: never 0."""


def emit_tile() -> str:
    """Return `$tile_packed`: rows of A packed at a, a panel of B from b to end, C at c.

    Rows of C are c_row bytes apart; their accumulators start as the numbers at start0 and start1.
    """
    given = " ".join(f"(param {name} i32)" for name in PARAMETERS)
    values = ["$s", *(f"$b{j}" for j in range(VECTORS))]
    values += [f"$c{i}_{j}" for i in range(ROWS) for j in range(VECTORS)]
    locals_ = " ".join(f"(local {name} v128)" for name in values)
    turns = [_turn(turn) for turn in range(TURNS)]
    barriers = [f"(br_if $never (i32.eqz (local.get {name})))" for name in PARAMETERS]
    eight = "\n".join(part for pair in zip(turns, [*barriers, ""], strict=True) for part in pair)
    length = "(i32.sub (local.get $end) (local.get $b))"
    turns_of_loop = f"(i32.div_u {length} (i32.const {TURNS * PANEL_STEP}))"
    return f"""(func $tile_packed {given}
(local $turns i32) {locals_}
{_each("(local.set $c{i}_{j} (v128.load offset={at} (local.get $start{i})))")}
(block $never
(local.set $turns {turns_of_loop})
(if (local.get $turns) (then (loop $eight
{eight}
{_on(TURNS)}
(br_if $eight (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))))
(br_if $never (i32.eq (local.get $b) (local.get $end)))
(loop $one
{_turn(0)}
{_on(1)}
(br_if $one (i32.ne (local.get $b) (local.get $end)))))
{_each("(v128.store offset={at} (i32.add (local.get $c) {row}) (local.get $c{i}_{j}))")})
"""


def _turn(turn: int) -> str:
    """Return what one number of k adds: multiply, then add."""
    at = PANEL_STEP * turn
    lines = [
        f"(local.set $b{j} (v128.load offset={at + 16 * j} (local.get $b)))" for j in range(VECTORS)
    ]
    for i in range(ROWS):
        lines.append(
            f"(local.set $s (v128.load offset={PACKED_STEP * turn + 16 * i} (local.get $a)))"
        )
        for j in range(VECTORS):
            product = f"(f32x4.mul (local.get $s) (local.get $b{j}))"
            lines.append(f"(local.set $c{i}_{j} (f32x4.add (local.get $c{i}_{j}) {product}))")
    return "\n".join(lines)


def _on(turns: int) -> str:
    """Return the instructions that move both addresses on."""
    steps = {"$a": PACKED_STEP * turns, "$b": PANEL_STEP * turns}
    moves = (f"(local.set {x} (i32.add (local.get {x}) (i32.const {n})))" for x, n in steps.items())
    return "\n".join(moves)


def _each(line: str) -> str:
    """Return a line for every accumulator."""
    rows = "(i32.const 0)", "(local.get $c_row)"
    places = [(i, j) for i in range(ROWS) for j in range(VECTORS)]
    return "\n".join(line.format(i=i, j=j, at=16 * j, row=rows[i]) for i, j in places)
