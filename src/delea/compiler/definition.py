"""What a module is rebuilt from: its graphs, and the facts of its manifest that are not places."""

from dataclasses import dataclass
from typing import Any

from delea.artifact import (
    GRAPH_SECTION,
    Field,
    Hyper,
    Manifest,
    StateTensor,
    decode,
    encode,
    read_manifest,
)
from delea.artifact.wasm import custom_section
from delea.errors import GraphError
from delea.graph import I32, Graph, from_plain, to_plain
from delea.graph.ops import HEADER_WORDS

GRAPHS = ("train", "evaluate", "infer", "infer_one")


@dataclass(frozen=True, slots=True)
class Definition:
    """A program as the compiler's back end sees it: four graphs and the data they run on.

    `train` is one step; `evaluate` the losses of `infer_batch` rows; `infer` and `infer_one` the
    outputs of `infer_batch` rows and of one.
    """

    graphs: dict[str, Graph]
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


def leaf_dtype(field: str) -> str:
    """Return a field's element type inside a graph: bytes are widened to int32 when copied."""
    return I32 if field == "u8" else field


def encode_graphs(definition: Definition) -> bytes:
    """Return the canonical bytes of the section `delea.graph`."""
    return encode({name: to_plain(definition.graphs[name]) for name in GRAPHS})


def read_definition(module: bytes) -> Definition:
    """Read the definition that a module carries; the module is foreign until then.

    Raises:
        MalformedError, GraphError: the sections are not there, not canonical or not legal.
    """
    manifest = read_manifest(module)
    plain = decode(custom_section(module, GRAPH_SECTION))
    if not isinstance(plain, dict) or set(plain) != set(GRAPHS):
        raise GraphError(f"the graphs {', '.join(GRAPHS)} expected")
    definition = _definition(manifest, plain)
    check_definition(definition)
    return definition


def check_definition(definition: Definition) -> None:
    """Raise GraphError unless the leaves and outputs of every graph are those of the data."""
    for name, graph in definition.graphs.items():
        _check_leaves(name, graph, definition)


def _definition(manifest: Manifest, plain: dict[str, Any]) -> Definition:
    return Definition(
        graphs={name: from_plain(plain[name]) for name in GRAPHS},
        tensors=manifest.tensors,
        input=manifest.input,
        target=manifest.target,
        output=manifest.output,
        batch=manifest.batch,
        infer_batch=manifest.infer_batch,
        max_rows=manifest.max_rows,
        steps_per_update=manifest.steps_per_update,
        loss=manifest.loss,
        optimizer=manifest.optimizer,
    )


def _check_leaves(name: str, graph: Graph, definition: Definition) -> None:
    rows = {"train": definition.batch, "infer_one": 1}.get(name, definition.infer_batch)
    states = {tensor.name: (tensor.shape, tensor.dtype) for tensor in definition.tensors}
    inputs = {
        "input": ((rows, *definition.input.shape), leaf_dtype(definition.input.dtype)),
        "target": ((rows, *definition.target.shape), definition.target.dtype),
    }
    if name.startswith("infer"):
        del inputs["target"]
    if name == "train":
        inputs["header"] = ((HEADER_WORDS,), "i32")
    for kind, known in (("state", states), ("input", inputs)):
        for leaf, node in graph.leaves(kind):
            if known.get(leaf) != (node.shape, node.dtype):
                raise GraphError(f"{name}: {kind} '{leaf}' is not one of the program's")
    outputs = {key: (graph.nodes[at].shape, graph.nodes[at].dtype) for key, at in graph.outputs}
    results = {"output": ((rows, *definition.output.shape), definition.output.dtype)}
    if name == "train":
        results = {"loss": ((), "f32"), **states}
    elif name == "evaluate":
        results = {"row_losses": ((rows,), "f32")}
    if outputs != results:
        other = min(key for key, _ in outputs.items() ^ results.items())
        raise GraphError(
            f"{name}: output '{other}' as {results.get(other)} expected, got {outputs.get(other)}"
        )
