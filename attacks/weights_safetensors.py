"""A safetensors file lies: tensors share bytes, a name comes twice, or sizes overflow."""

import json

from frame import refusal, run

from delea.errors import MalformedError
from delea.importers.safetensors import read_safetensors


def file(header: str, body: bytes = bytes(16), *, length: int | None = None) -> bytes:
    """Return a file with this header."""
    said = len(header) if length is None else length
    return said.to_bytes(8, "little") + header.encode() + body


def tensor(shape: list[int], span: list[int]) -> dict[str, object]:
    """Return what a header says of one tensor."""
    return {"dtype": "F32", "shape": shape, "data_offsets": span}


TRICKS = {
    "shared bytes": file(json.dumps({"a": tensor([4], [0, 16]), "b": tensor([4], [0, 16])})),
    "hidden bytes": file(json.dumps({"a": tensor([1], [0, 4]), "b": tensor([1], [12, 16])})),
    "a name twice": file('{"a":' + json.dumps(tensor([4], [0, 16])) + ',"a":1}'),
    "sizes that overflow": file(json.dumps({"a": tensor([1 << 32, 1 << 32], [0, 16])})),
    "a way out of the folder": file(json.dumps({"../../a": tensor([4], [0, 16])})),
    "a header of 2^63 bytes": file("{}", length=1 << 63),
    "a header nested deep": file("[" * 100_000),
    "numbers beyond the file": file(json.dumps({"a": tensor([1 << 40], [0, 1 << 42])})),
    "no numbers": file(json.dumps({"a": tensor([4], [0, 16])}), b"\xff" * 16),
}


def attack() -> str:
    """Try, and say why it failed."""
    told = [
        refusal(lambda data=data: read_safetensors(data), MalformedError)
        for data in TRICKS.values()
    ]
    return (
        f"each byte belongs to one tensor of one name; all of {len(TRICKS)} tricks are refused,"
        f" such as {', '.join(TRICKS)}; {told[0]}"
    )


if __name__ == "__main__":
    run(attack)
