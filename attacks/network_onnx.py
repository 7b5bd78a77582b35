"""An ONNX file reads other files, or a kilobyte of it becomes gigabytes of constants."""

import tracemalloc

from frame import SucceededError, refusal, run

from delea.errors import DeleaError
from delea.importers.onnx import from_bytes
from delea.importers.onnx.wire import field_bytes as field

MIB = 1 << 20
OPSET = field(8, field(1, "") + field(2, 17))
USED = field(1, field(1, "x") + field(1, "w") + field(2, "y") + field(4, "Mul"))


def model(*parts: bytes) -> bytes:
    """Return a file with these fields of its graph, an input x and an output y."""
    row = field(1, field(1, 2)) + field(1, field(1, 4))
    kind = field(2, field(1, field(1, 1) + field(2, row)))
    ends = field(11, field(1, "x") + kind) + field(12, field(1, "y") + kind)
    return OPSET + field(7, b"".join(parts) + ends)


def tensor(sizes: tuple[int, ...], *more: bytes) -> bytes:
    """Return a constant w of these sizes."""
    axes = b"".join(field(1, size) for size in sizes)
    return field(5, axes + field(2, 1) + field(8, "w") + b"".join(more))


def nested(depth: int) -> bytes:
    """Return a node whose attribute is a graph with such a node, and so on."""
    inner = b""
    for _ in range(depth):
        inner = field(1, field(4, "If") + field(5, field(1, "then_branch") + field(6, inner)))
    return inner


ELSEWHERE = field(13, field(1, "location") + field(2, "/etc/passwd")) + field(14, 1)
TRICKS = {
    "a constant in /etc/passwd": model(tensor((4,), ELSEWHERE), USED),
    "a constant of 2^64 numbers": model(tensor((1 << 32, 1 << 32), field(9, bytes(16))), USED),
    "150,000 empty constants": model(field(5, b"") * 150_000),
    "2,000 graphs in each other": model(nested(2_000)),
    "a file that ends early": model(tensor((4,), field(9, bytes(16))), USED)[:-7],
}


def attack() -> str:
    """Try, and say why it failed."""
    tracemalloc.start()
    told = [refusal(lambda data=data: from_bytes(data), DeleaError) for data in TRICKS.values()]
    peak = tracemalloc.get_traced_memory()[1]
    if peak > 64 * MIB:
        raise SucceededError(f"it took {peak // MIB} MiB to refuse them")
    return f"one reader of our own, which opens no file and counts before it makes; {told[0]}"


if __name__ == "__main__":
    run(attack)
