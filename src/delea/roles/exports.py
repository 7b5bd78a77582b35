"""What was trained goes out: as safetensors or ONNX, with a card that says where from."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from delea.artifact import Manifest, check_state, digest, read_manifest, state_root, step_of
from delea.compiler import read_definition
from delea.importers.onnx import to_onnx as write_onnx
from delea.importers.safetensors import write_safetensors
from delea.roles.apart import ChildLimits, ask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from delea.artifact import Field
    from delea.chain import ModelClient
    from delea.store import Store

OPTIMIZER = "optimizer."
WRITING = ChildLimits()
"""What writing a graph as ONNX may use; its memory grows with the state."""

COPIES = 6
"""Bytes that a child may hold for each of a state's: it takes five to read, write and send it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where on a chain a version is: its contract, its number, and what its contract is called."""

    chain_id: int
    address: str
    version: int
    status: str
    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Export:
    """A state on its way out: the module that it belongs to, and its origin if it has one."""

    module: bytes
    dataset: bytes  # its digest
    state: bytes
    origin: Origin | None = None

    @property
    def manifest(self) -> Manifest:
        """What the module says of itself."""
        return read_manifest(self.module)


def fetch_export(store: Store, model: ModelClient, chain_id: int, version: int | None) -> Export:
    """Return a version of a model (None: the head) from the store.

    Raises:
        MissingError: the store lacks its module or its state (`delea replay` makes that).
    """
    number = model.head() if version is None else version
    found, terms = model.version(number), model.terms
    status = found.status.name.lower()
    origin = Origin(chain_id, model.address, number, status, terms.name, terms.symbol)
    module, state = store.get_file(terms.artifact), store.get_state(found.root)
    return Export(module, terms.dataset, state, origin)


def to_safetensors(export: Export) -> bytes:
    """Return the parameters and buffers of a state as a safetensors file: the same bytes each time.

    Raises:
        MalformedError: the state is not the module's.
    """
    return write_safetensors(tensors_of(export).items())


def to_onnx(export: Export) -> bytes:
    """Return the network with a state's weights as an ONNX file that says where they are from.

    Raises:
        MalformedError: the state is not the module's.
        GraphError: the module's graph holds what ONNX has no place for.
        SandboxError: to read and write it takes more than `WRITING`.
    """
    facts = {"delea_state_root": state_root(export.state).hex()}
    if export.origin is not None:
        facts["delea_contract"] = f"{export.origin.chain_id}:{export.origin.address}"
        facts["delea_version"] = str(export.origin.version)
    room = WRITING.memory_bytes + COPIES * len(export.state)
    limits = replace(WRITING, memory_bytes=room)
    asked = export.module, export.state, json.dumps(facts).encode()
    (data,) = ask(answer, *asked, what="writing a graph as ONNX", limits=limits)
    return data


def answer(module: bytes, state: bytes, facts: bytes) -> tuple[bytes]:
    """Return a network with a state's weights as an ONNX file. Asked in a child."""
    graphs = read_definition(module).graphs
    tensors = tensors_of(Export(module, b"", state))
    return (write_onnx((graphs["infer"], graphs["infer_one"]), tensors, json.loads(facts)),)


def tensors_of(export: Export) -> dict[str, NDArray[np.float32]]:
    """Return a state's tensors by name, without the optimizer's."""
    manifest = export.manifest
    check_state(export.state, manifest)
    return {
        tensor.name: np.frombuffer(export.state, "<f4", prod(tensor.shape), tensor.offset).reshape(
            tensor.shape
        )
        for tensor in manifest.tensors
        if not tensor.name.startswith(OPTIMIZER)
    }


def model_card(export: Export, file: str, data: bytes) -> str:
    """Return a Markdown page about an exported file: what it is, and how to check that."""
    manifest, origin = export.manifest, export.origin
    root = state_root(export.state).hex()
    title = "A model" if origin is None else f"{_plain(origin.name)} ({_plain(origin.symbol)})"
    facts = {} if origin is None else _facts_of(origin)
    facts |= {
        "state root": f"`{root}`",
        "gradient steps": str(step_of(export.state)),
        "module (SHA-256)": f"`{digest(export.module).hex()}`",
        "dataset (SHA-256)": f"`{export.dataset.hex()}`",
        "this file (SHA-256)": f"`{digest(data).hex()}`",
        "input": _field(manifest.input),
        "output": _field(manifest.output),
        "loss": manifest.loss,
        "optimizer": _optimizer(manifest),
        "parameters": f"{manifest.parameter_count:,}",
    }
    lines = [
        f"# {title}",
        "",
        f"The weights in `{_plain(file)}`, made with Delea.",
        "",
    ]
    lines += ["| what | |", "|---|---|", *(f"| {name} | {fact} |" for name, fact in facts.items())]
    lines += ["", "## Check it", "", *_check(origin, root), "", "## Tensors", ""]
    lines += ["| name | shape |", "|---|---|"]
    lines += [f"| `{_plain(name)}` | {_shape(v.shape)} |" for name, v in tensors_of(export).items()]
    return "\n".join(lines) + "\n"


def _facts_of(origin: Origin) -> dict[str, str]:
    return {
        "contract": f"`{origin.address}` on chain {origin.chain_id}",
        "version": f"{origin.version} ({origin.status})",
    }


def _check(origin: Origin | None, root: str) -> list[str]:
    if origin is None:
        return [f"Every state whose root is `{root}` is the same to the last bit."]
    command = f"delea replay {origin.address} {origin.version}"
    return [
        "Anyone can train this version again from genesis and compare the root:",
        "",
        "```sh",
        command,
        "```",
    ]


def _optimizer(manifest: Manifest) -> str:
    numbers = ", ".join(f"{name} {number:g}" for name, number in manifest.optimizer.numbers)
    return f"{_plain(manifest.optimizer.name)} ({numbers})"


def _field(field: Field) -> str:
    return f"{field.dtype}, {_shape(field.shape)} a row"


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one number"


def _plain(text: str) -> str:
    """Return a foreign text without what Markdown or a table would read as its own."""
    return "".join(char if char.isprintable() and char not in "|`<>[]\\" else "?" for char in text)
