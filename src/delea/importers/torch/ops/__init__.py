"""What PyTorch's operations are in Delea's words: one function for each, by its name there."""

from collections.abc import Callable
from typing import Any

from delea.importers.torch.ops.elementwise import ELEMENTWISE
from delea.importers.torch.ops.layers import LAYERS
from delea.importers.torch.ops.normalizations import NORMALIZATIONS
from delea.importers.torch.ops.recurrent import RECURRENT
from delea.importers.torch.ops.reductions import REDUCTIONS
from delea.importers.torch.ops.shapes import SHAPES

OPERATIONS: dict[str, Callable[..., Any]] = {
    **ELEMENTWISE,
    **REDUCTIONS,
    **SHAPES,
    **LAYERS,
    **NORMALIZATIONS,
    **RECURRENT,
}

ADVICE = {
    "aten.sort": "rank outside the network",
    "aten.topk": "use max, or rank outside the network",
    "aten.gather": "use an Embedding, or a one-hot product",
    "aten.index": "use slices, or an Embedding for rows by number",
    "aten.index_put": "use torch.where or torch.cat",
    "aten.scatter": "use a one-hot product",
    "aten.nonzero": "use torch.where with three arguments",
    "aten.bernoulli": "use nn.Dropout",
    "aten.rand": "use nn.Dropout: other randomness is not drawn inside a network",
    "aten.randn": "use nn.Dropout: other randomness is not drawn inside a network",
    "aten.floor": "round outside the network",
    "aten.round": "round outside the network",
    "aten.atan2": "use sin and cos",
    "aten._fft": "use a convolution",
    "aten.linalg": "use products of matrices",
    "aten.upsample": "use nn.ConvTranspose2d, or a repeat by expand and reshape",
    "aten._embedding_bag": "use an Embedding, and a mean or a sum",
    "aten._trilinear": "use torch.einsum",
    "aten.convolution": "use convolutions over one or two axes",
    "aten._local_scalar_dense": "leave out .item(): numbers of the data cannot steer Python",
    "aten._assert_async": "leave out assertions on numbers of the data",
}


def advice(op: str) -> str:
    """Return what to use in place of an operation that is not there."""
    found = max((name for name in ADVICE if op.startswith(name)), key=len, default=None)
    return ADVICE[found] if found else "write it with the operations of delea.nn"
