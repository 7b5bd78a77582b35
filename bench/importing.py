"""How long it takes to bring a network of 5 million parameters in, and to refuse hostile files.

.venv/bin/python bench/importing.py          milliseconds, best of some rounds
.venv/bin/python bench/importing.py --json   the same as one list of objects
"""

import argparse
import io
import json
import os
import struct
import time
import zipfile
from collections.abc import Callable

import numpy as np
from torch.nn import functional as F  # noqa: N812 - its usual name

import torch
from delea import nn
from delea.compiler import define
from delea.errors import MalformedError
from delea.importers.checkpoint import read_checkpoint
from delea.importers.npy import read_npz
from delea.importers.onnx import from_bytes, to_onnx
from delea.importers.onnx.wire import field_bytes
from delea.importers.safetensors import read_safetensors, write_safetensors
from delea.importers.torch import from_module

TOKENS, LENGTH, WIDTH, LAYERS = 256, 64, 320, 4
ROUNDS = 3
Job = Callable[[], object]


class Block(torch.nn.Module):
    """Attention and a layer for each position."""

    def __init__(self) -> None:
        super().__init__()
        self.ln1, self.ln2 = torch.nn.LayerNorm(WIDTH), torch.nn.LayerNorm(WIDTH)
        self.qkv, self.out = torch.nn.Linear(WIDTH, 3 * WIDTH), torch.nn.Linear(WIDTH, WIDTH)
        self.up, self.down = torch.nn.Linear(WIDTH, 4 * WIDTH), torch.nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(rows, length, width) -> the same."""
        q, k, v = self.qkv(self.ln1(x)).unflatten(2, (3, 4, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
        x = x + self.out(mixed)
        return x + self.down(F.gelu(self.up(self.ln2(x))))


class GPT(torch.nn.Module):
    """Four blocks between a table of tokens and a guess of the next one."""

    def __init__(self) -> None:
        super().__init__()
        self.wte = torch.nn.Embedding(TOKENS, WIDTH)
        self.wpe = torch.nn.Parameter(torch.zeros(LENGTH, WIDTH))
        self.blocks = torch.nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.head = torch.nn.Linear(WIDTH, TOKENS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(rows, length) -> (rows, length, tokens)."""
        return self.head(self.blocks(self.wte(x) + self.wpe))


def imports() -> dict[str, Job]:
    """Return what brings a network or its weights in."""
    module = GPT()
    count = sum(part.numel() for part in module.parameters())
    example = torch.zeros(2, LENGTH, dtype=torch.int64)
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    checkpoint = file.getvalue()
    tensors = write_safetensors((n, v.numpy()) for n, v in module.state_dict().items())
    model = _onnx(module, example)
    name = f"{count / 1e6:.1f}M parameters"
    return {
        f"a module of {name}": lambda: from_module(module, example),
        f"a .pt of {name}": lambda: read_checkpoint(checkpoint),
        f"safetensors of {name}": lambda: read_safetensors(tensors),
        f"an ONNX file of {name}": lambda: from_bytes(model),
    }


def refusals() -> dict[str, Job]:
    """Return hostile files that take the longest to refuse."""
    deep = b"\x80\x02" + b"]" + b"Na" * 300_000 + b"."
    header = b'{"x":' + b"[" * (7 << 20)
    hostile: dict[str, tuple[Callable[[bytes], object], bytes]] = {
        "a pickle of 600,000 opcodes": (read_checkpoint, _zip([("m/data.pkl", deep)])),
        "a zip of 16,384 entries": (
            read_checkpoint,
            _zip([(f"m/data/{i}", b"") for i in range(1 << 14)]),
        ),
        "safetensors 7 million deep": (
            read_safetensors,
            struct.pack("<Q", len(header)) + header,
        ),
        "a .npz of a thousand to one": (read_npz, _bomb()),
        "an ONNX file of random bytes": (from_bytes, os.urandom(1 << 20)),
        "an ONNX file of empty messages": (from_bytes, _messages(1)),
        "an ONNX file of empty constants": (from_bytes, _messages(5)),
        "an ONNX file of a million sizes": (from_bytes, _sizes()),
    }
    return {name: lambda r=read, d=data: _refused(r, d) for name, (read, data) in hostile.items()}


def _onnx(module: GPT, example: torch.Tensor) -> bytes:
    """Return a module as an ONNX file."""
    network = from_module(module, example)
    tokens = example.numpy().astype(np.int32)
    program = nn.Program(network, nn.CrossEntropyLoss(), nn.SGD(), nn.Dataset(tokens, tokens))
    graphs = define(program, len(tokens)).graphs
    return to_onnx((graphs["infer"], graphs["infer_one"]), network.state_dict())


def _messages(number: int) -> bytes:
    """Return an ONNX file with a million empty messages in one field of its graph."""
    return field_bytes(8, field_bytes(2, 17)) + field_bytes(7, field_bytes(number, b"") * 1_000_000)


def _sizes() -> bytes:
    """Return an ONNX file with a constant of a million axes."""
    constant = field_bytes(2, 1) + field_bytes(1, b"\x01" * 1_000_000)
    return field_bytes(8, field_bytes(2, 17)) + field_bytes(7, field_bytes(5, constant))


def _refused(read: Callable[[bytes], object], data: bytes) -> None:
    try:
        read(data)
    except MalformedError:
        return
    raise AssertionError("a hostile file is refused")


def _zip(entries: list[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as out:
        for name, body in entries:
            out.writestr(name, body)
    return file.getvalue()


def _bomb() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, x=np.zeros(1 << 25))
    return file.getvalue()


def best(job: Job) -> float:
    """Return the best milliseconds of some rounds."""
    found = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        job()
        found.append((time.perf_counter() - started) * 1e3)
    return round(min(found), 1)


def main() -> None:
    """Time everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    jobs = {("import", name): job for name, job in imports().items()}
    jobs |= {("refusal", name): job for name, job in refusals().items()}
    rows = [
        {"kind": kind, "what": what, "ms_best": best(job), "load": os.getloadavg()[0]}
        for (kind, what), job in jobs.items()
    ]
    if as_json:
        print(json.dumps(rows))
        return
    for row in rows:
        print(f"{row['kind']:8} {row['what']:34} {row['ms_best']:9.1f} ms")


if __name__ == "__main__":
    main()
