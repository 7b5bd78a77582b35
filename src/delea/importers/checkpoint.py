"""PyTorch's `.pt` and `.pth` files: the tensors of a state dict, read without running anything."""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from delea.errors import MalformedError
from delea.importers.archive import MAGIC, Entry, read_directory, unpack
from delea.importers.pickled import MAX_PICKLE_BYTES, STORAGES, Storage, View, read_pickle
from delea.importers.weights import (
    MAX_TENSORS,
    Array,
    check_finite,
    check_name,
    check_shape,
    widen,
)

_BESIDE = {"version", "byteorder", ".format_version", ".storage_alignment", ".data"}
_INSIDE = ("state_dict", "model_state_dict", "model")
"""Where training scripts keep the state dict beside other things."""

_LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_SHARING = 4
"""How often, on average, a byte of the file may be used by tensors that share it."""


def read_checkpoint(data: bytes) -> dict[str, Array]:
    """Return the tensors of a state dict that `torch.save` wrote, by name; bfloat16 as float32.

    Raises:
        MalformedError: not such a file, or one of PyTorch before 1.6; a module, a class or a call
            in place of tensors; a tensor that its storage does not hold; a NaN or an infinity.
    """
    if data.startswith(_LEGACY):
        raise MalformedError(
            "a checkpoint of PyTorch 1.6 or newer expected, got the older format: "
            "load it there and save its state_dict again"
        )
    if not data.startswith(MAGIC):
        raise MalformedError("a checkpoint of PyTorch's, a zip archive, expected, got other bytes")
    entries = _entries(read_directory(data))
    pickle = unpack(data, entries["data.pkl"], MAX_PICKLE_BYTES)
    order = entries.get("byteorder")
    if order is not None and unpack(data, order, 16) != b"little":
        raise MalformedError("a checkpoint in little-endian order expected, got another")
    storages: dict[str, Array] = {}
    left = _SHARING * len(data)
    values = {}
    for name, view in _views(read_pickle(pickle)).items():
        dtype = np.dtype(STORAGES[view.storage.kind])
        shape = check_shape(name, view.shape) if view.shape else ()
        left -= prod(shape) * dtype.itemsize
        if left < 0:
            raise MalformedError(f"{name}: tensors within the file's {len(data)} bytes expected")
        storage = _load(data, entries, view.storage, storages)
        values[name] = _tensor(name, view, storage)
    return values


def _entries(found: dict[str, Entry]) -> dict[str, Entry]:
    """Return the entries by their names below the one folder that holds them."""
    tops = {name.partition("/")[0] for name in found}
    entries = {name.partition("/")[2]: entry for name, entry in found.items()}
    if "constants.pkl" in entries:
        raise MalformedError("a state dict expected, got a TorchScript archive: it holds code")
    strange = [name for name in entries if not _is_known(name.partition("/")[0], name) or not name]
    if len(tops) != 1 or "data.pkl" not in entries or strange:
        came = strange[0][:60] if strange else ", ".join(sorted(tops)[:3])
        raise MalformedError(f"data.pkl, data/ and version in one folder expected, got {came!r}")
    if any(entry.is_deflated for entry in entries.values()):
        raise MalformedError("the entries of a checkpoint stored, not deflated, expected")
    return entries


def _is_known(top: str, name: str) -> bool:
    return name == "data.pkl" or top in _BESIDE or (top == "data" and name[5:].isdigit())


def _views(found: Any) -> dict[str, View]:
    """Return the tensors of a state dict, which may be an item of a dict."""
    if isinstance(found, dict):
        inner = [found[key] for key in _INSIDE if isinstance(found.get(key), dict)]
        found = inner[0] if len(inner) == 1 else found
    if not isinstance(found, dict) or not found or len(found) > MAX_TENSORS:
        raise MalformedError(
            "a state dict expected (torch.save(module.state_dict(), file)), got "
            + (f"a dict of {len(found)}" if isinstance(found, dict) else type(found).__name__)
        )
    for name, value in found.items():
        if not isinstance(value, View):
            raise MalformedError(
                "a state dict of tensors alone expected "
                f"(torch.save(module.state_dict(), file)), got {type(value).__name__} "
                f"as {str(name)[:60]!r}"
            )
    return {check_name(name): view for name, view in found.items()}


def _load(
    data: bytes, entries: dict[str, Entry], storage: Storage, known: dict[str, Array]
) -> Array:
    """Return a storage's elements, from the entry it names."""
    entry = entries.get(f"data/{storage.key}")
    if entry is None:
        raise MalformedError(f"the storage {storage.key[:60]!r} expected in the file, got none")
    dtype = np.dtype(STORAGES[storage.kind])
    if storage.size * dtype.itemsize != entry.size:
        raise MalformedError(
            f"{entry.name}: {storage.size} elements of {dtype.itemsize} bytes expected, "
            f"got {entry.size} bytes"
        )
    found = known.get(storage.key)
    if found is None:
        found = known[storage.key] = np.frombuffer(unpack(data, entry, len(data)), "u1")
    return found.view(dtype)


def _tensor(name: str, view: View, storage: Array) -> Array:
    """Return a view's elements: none outside the storage, and no more than it has."""
    if len(view.steps) != len(view.shape) or min(view.offset, *view.steps, 0) < 0:
        raise MalformedError(f"{name}: an offset and a step per axis of at least 0 expected")
    last = view.offset + sum(
        (size - 1) * step for size, step in zip(view.shape, view.steps, strict=True)
    )
    if last >= len(storage) or prod(view.shape) > len(storage):
        raise MalformedError(
            f"{name}: {view.shape} within a storage of {len(storage)} elements expected"
        )
    each = zip(view.shape, view.steps, strict=True)
    steps = [step * storage.itemsize if size > 1 else 0 for size, step in each]
    values = as_strided(storage[view.offset :], view.shape, steps, writeable=False)
    if view.storage.kind == "torch.BFloat16Storage":
        values = widen(values)
    check_finite(name, values)
    return values
