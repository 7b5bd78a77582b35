"""Every operation that can be trained, and what to use instead of those that cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from delea.errors import GraphError
from delea.importers.onnx.elementwise import ELEMENTWISE
from delea.importers.onnx.fold import FOLDS
from delea.importers.onnx.linear import LINEAR
from delea.importers.onnx.model import Subgraph
from delea.importers.onnx.normalization import NORMALIZATIONS
from delea.importers.onnx.recurrent import RECURRENT
from delea.importers.onnx.reduction import REDUCTIONS
from delea.importers.onnx.shapes import SHAPES
from delea.importers.onnx.spatial import SPATIAL

if TYPE_CHECKING:
    from delea.importers.onnx.model import Node
    from delea.importers.onnx.shapes import Rule

RULES: dict[str, Rule] = {
    **SHAPES,
    **ELEMENTWISE,
    **LINEAR,
    **REDUCTIONS,
    **NORMALIZATIONS,
    **SPATIAL,
    **RECURRENT,
}

SHOWN = 12
UNROLL = "export with a fixed length, so that it is unrolled, or use LSTM, GRU or RNN"
DOMAINS = ("", "ai.onnx")

INSTEAD: dict[str, str] = {
    "Loop": UNROLL,
    "Scan": UNROLL,
    "If": "export for one case, without a branch",
    "Erfc": "1 - Erf, or GELU in its tanh form",
    "Einsum": "MatMul with Transpose and Reshape",
    "NonZero": "Where with a mask",
    "ScatterND": "Where with a mask",
    "ScatterElements": "Where with a mask",
    "GatherElements": "Gather along axis 0, or OneHot and a sum",
    "GatherND": "Gather along axis 0",
    "TopK": "ReduceMax or ArgMax",
    "CumSum": "MatMul with a triangle of ones",
    "Round": "Floor",
    "Mod": "Sub and Floor",
    "ReduceProd": "Exp of a sum of Log",
    "ZipMap": "the probabilities themselves: skl2onnx with options={'zipmap': False}",
    "ArrayFeatureExtractor": "Gather",
    "Normalizer": "LpNormalization, or scale the data beforehand",
    "Scaler": "scale the data beforehand",
    "Unique": "a fixed vocabulary",
    "RandomNormal": "Dropout in training mode, or no noise",
    "RandomNormalLike": "Dropout in training mode, or no noise",
    "RandomUniform": "Dropout in training mode, or no noise",
    "RandomUniformLike": "Dropout in training mode, or no noise",
    "Multinomial": "draw after inference",
    "NonMaxSuppression": "choose the boxes after inference",
    "QuantizeLinear": "the float32 network",
    "DequantizeLinear": "the float32 network",
    "QLinearConv": "the float32 network",
    "QLinearMatMul": "the float32 network",
    "LRN": "LayerNormalization or BatchNormalization",
    "MaxUnpool": "ConvTranspose",
    "LpPool": "AveragePool",
    "DFT": "MatMul with a matrix of sines and cosines",
    "Det": "a determinant outside of the network",
}


def check_supported(nodes: list[Node]) -> None:
    """Raise GraphError unless every node has a rule; all that have none are named at once."""
    missing = [node for node in nodes if not _is_supported(node)]
    if not missing:
        return
    kinds: dict[str, list[Node]] = {}
    for node in missing:
        kinds.setdefault(_kind(node), []).append(node)
    told = [_told(kind, found) for kind, found in list(kinds.items())[:SHOWN]]
    more = f"; and {len(kinds) - SHOWN} more" if len(kinds) > SHOWN else ""
    raise GraphError(f"operations that can be trained expected, got {'; '.join(told)}{more}")


def _is_supported(node: Node) -> bool:
    if any(isinstance(value, Subgraph) for value in node.attributes.values()):
        return False
    known = node.op in RULES or node.op in FOLDS
    return node.domain in DOMAINS and known


def _kind(node: Node) -> str:
    return node.op[:40] if node.domain in DOMAINS else f"{node.domain[:40]}.{node.op[:40]}"


def _told(kind: str, nodes: list[Node]) -> str:
    """Return one kind of operation, where it stands and what to use instead."""
    places = ", ".join(
        f"node {n.number}" + (f" '{n.name[:60]}'" if n.name else "") for n in nodes[:3]
    )
    more = f" and {len(nodes) - 3} more" if len(nodes) > 3 else ""
    instead = INSTEAD.get(nodes[0].op, "operations that Delea has")
    how = instead if instead.startswith("export") else f"use {instead}"
    return f"{kind} ({places}{more}): {how}"


__all__ = ["FOLDS", "RULES", "check_supported"]
