"""The manifest: what a module says of itself, in its custom section `delea`."""

from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from math import prod
from typing import Any

from delea.artifact.canonical import decode, encode
from delea.artifact.wasm import custom_section
from delea.errors import MalformedError

ABI = 1
SECTION = "delea"
GRAPH_SECTION = "delea.graph"
SEED_BYTES = 32
STEP_BYTES = 8
STATE_HEADER = SEED_BYTES + STEP_BYTES
DATASET_HEADER = 8
MAX_MANIFEST = 1 << 20
MAX_AXES = 16
MEMORY_LIMIT = 1 << 32
ELEMENT_BYTES = {"f32": 4, "i32": 4, "u8": 1}


@dataclass(frozen=True, slots=True)
class Region:
    """A range of the module's memory, in bytes."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Regions:
    """Where state, dataset, input, output and scratch lie in the module's memory."""

    state: Region
    dataset: Region
    input: Region
    output: Region
    scratch: Region


@dataclass(frozen=True, slots=True)
class Field:
    """What one row holds: an element type and a shape without the batch axis."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Elements in one row."""
        return prod(self.shape)

    @property
    def byte_length(self) -> int:
        """Bytes of one row."""
        return self.size * ELEMENT_BYTES[self.dtype]


@dataclass(frozen=True, slots=True)
class StateTensor:
    """One tensor of the state; `offset` counts from the first byte of the state."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    offset: int

    @property
    def byte_length(self) -> int:
        """Bytes of the tensor."""
        return prod(self.shape) * ELEMENT_BYTES[self.dtype]


@dataclass(frozen=True, slots=True)
class Hyper:
    """A loss or an optimizer by name, with its numbers in name order."""

    name: str
    numbers: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a runtime needs to run a module without its compiler."""

    abi: int
    regions: Regions
    tensors: tuple[StateTensor, ...]
    input: Field
    target: Field
    output: Field
    batch: int
    infer_batch: int
    max_rows: int
    steps_per_update: int
    loss: str
    optimizer: Hyper
    flops_per_step: int

    @property
    def record_bytes(self) -> int:
        """Bytes of one dataset record: input, then target."""
        return self.input.byte_length + self.target.byte_length

    @property
    def parameter_count(self) -> int:
        """Numbers of the network: all state but the optimizer's, running statistics included."""
        return sum(prod(t.shape) for t in self.tensors if not t.name.startswith("optimizer."))


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the canonical bytes of the section `delea`."""
    return encode(asdict(manifest))


def read_manifest(module: bytes) -> Manifest:
    """Read and check the manifest of a module; the module is foreign until then.

    Raises:
        MalformedError: no manifest, not canonical, a field of another type, or numbers that
            contradict each other.
    """
    return parse_manifest(custom_section(module, SECTION))


def parse_manifest(data: bytes) -> Manifest:
    """Read and check the bytes of a section `delea`."""
    raw = _record(decode(data, limit=MAX_MANIFEST), Manifest, "manifest")
    regions = _record(raw["regions"], Regions, "regions")
    manifest = Manifest(
        abi=_integer(raw["abi"], "abi"),
        regions=Regions(**{name: _region(part, name) for name, part in regions.items()}),
        tensors=tuple(_tensor(item) for item in _list(raw["tensors"], "tensors")),
        input=_field(raw["input"], "input"),
        target=_field(raw["target"], "target"),
        output=_field(raw["output"], "output"),
        batch=_integer(raw["batch"], "batch", least=1),
        infer_batch=_integer(raw["infer_batch"], "infer_batch", least=1),
        max_rows=_integer(raw["max_rows"], "max_rows", least=1),
        steps_per_update=_integer(raw["steps_per_update"], "steps_per_update", least=1),
        loss=_text(raw["loss"], "loss"),
        optimizer=_hyper(raw["optimizer"]),
        flops_per_step=_integer(raw["flops_per_step"], "flops_per_step"),
    )
    _check(manifest)
    return manifest


def _check(manifest: Manifest) -> None:
    """Raise unless the manifest's numbers agree with each other."""
    if manifest.abi != ABI:
        raise MalformedError(f"delea-abi {ABI} expected, got {manifest.abi}")
    at = STATE_HEADER
    for tensor in manifest.tensors:
        if tensor.offset != at:
            raise MalformedError(f"tensor {tensor.name} expected at {at}, got {tensor.offset}")
        at += tensor.byte_length
    if len({tensor.name for tensor in manifest.tensors}) != len(manifest.tensors):
        raise MalformedError("state tensors of different names expected, one comes twice")
    wanted = {
        "state": at,
        "dataset": DATASET_HEADER + manifest.max_rows * manifest.record_bytes,
        "input": manifest.infer_batch * manifest.input.byte_length,
        "output": manifest.infer_batch * manifest.output.byte_length,
    }
    spans = []
    for name, length in wanted.items():
        region: Region = getattr(manifest.regions, name)
        if region.length != length:
            raise MalformedError(f"region {name} of {length} bytes expected, got {region.length}")
        spans.append((region.offset, region.offset + region.length, name))
    scratch = manifest.regions.scratch
    spans.append((scratch.offset, scratch.offset + scratch.length, "scratch"))
    spans.sort()
    for (_, end, first), (start, _, second) in pairwise(spans):
        if start < end:
            raise MalformedError(f"regions apart expected, {first} and {second} overlap")
    if spans[-1][1] > MEMORY_LIMIT:
        raise MalformedError(f"regions below {MEMORY_LIMIT} expected, got {spans[-1][1]}")


def _record(value: Any, kind: type, what: str) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    if not isinstance(value, dict) or set(value) != names:
        raise MalformedError(f"{what} with exactly {sorted(names)} expected, got {_brief(value)}")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedError(f"{what}: a list expected, got {_brief(value)}")
    return value


def _integer(value: Any, what: str, *, least: int = 0) -> int:
    if type(value) is not int or not least <= value <= MEMORY_LIMIT << 20:
        raise MalformedError(
            f"{what}: an integer of at least {least} expected, got {_brief(value)}"
        )
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 256 or not value.isprintable():
        raise MalformedError(f"{what}: a short printable text expected, got {_brief(value)}")
    return value


def _region(value: Any, what: str) -> Region:
    raw = _record(value, Region, f"region {what}")
    return Region(_integer(raw["offset"], what), _integer(raw["length"], what))


def _shape(value: Any, what: str) -> tuple[int, ...]:
    sizes = _list(value, what)
    if len(sizes) > MAX_AXES:
        raise MalformedError(f"{what}: at most {MAX_AXES} axes expected, got {len(sizes)}")
    return tuple(_integer(size, f"{what}: axis", least=1) for size in sizes)


def _dtype(value: Any, what: str) -> str:
    if not isinstance(value, str) or value not in ELEMENT_BYTES:
        raise MalformedError(
            f"{what}: one of {sorted(ELEMENT_BYTES)} expected, got {_brief(value)}"
        )
    return value


def _field(value: Any, what: str) -> Field:
    raw = _record(value, Field, what)
    return Field(_dtype(raw["dtype"], what), _shape(raw["shape"], what))


def _tensor(value: Any) -> StateTensor:
    raw = _record(value, StateTensor, "state tensor")
    name = _text(raw["name"], "tensor name")
    return StateTensor(
        name,
        _shape(raw["shape"], name),
        _dtype(raw["dtype"], name),
        _integer(raw["offset"], name),
    )


def _hyper(value: Any) -> Hyper:
    raw = _record(value, Hyper, "optimizer")
    numbers = []
    for item in _list(raw["numbers"], "optimizer numbers"):
        match item:
            case [str(name), float(number)]:
                numbers.append((name, number))
            case _:
                raise MalformedError(f"a [name, number] pair expected, got {_brief(item)}")
    return Hyper(_text(raw["name"], "optimizer name"), tuple(numbers))


def _brief(value: Any) -> str:
    """Return at most 60 characters of a foreign value, for one line of error."""
    if isinstance(value, dict):
        value = sorted(map(str, value))
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
