"""What a kernel is to who wrote the network: `fc1: matmul 512x128x64 +bias`, `fc1.weight: update`.

Nothing is recorded for this while a network is traced. The graph tells: a kernel's buffers name the
nodes it computes, and the parameters around a node say which layer it belongs to.
"""

from collections.abc import Iterable
from math import prod

from delea.compiler.kernel import Gather, Kernel, Loop, Matmul, Random, Scatter
from delea.compiler.origin import Origin
from delea.compiler.owner import LOSS_LAYER, Owners, layer_of
from delea.compiler.words import words
from delea.graph import Graph

MAX_NAMES = 3
MAX_WORDS = 5


def describe(graph: Graph, kernels: list[Kernel], optimizer: str) -> list[str]:
    """Return the name of each kernel of a graph: where it belongs, what it does, how large it is.

    An update is called by the name of its `optimizer`, not by its arithmetic.
    """
    origin, owners = Origin(graph, kernels), Owners(graph)
    names = []
    for kernel in kernels:
        nodes, roots = origin.nodes(kernel), origin.roots(kernel)
        where = _where(owners, nodes, roots)
        what = _what(graph, nodes, kernel)
        if where.startswith(("update of", "optimizer")):
            what = f"{optimizer} {_sizes(kernel)}"
        names.append(f"{where}: {what}" if where else what)
    return names


def _where(owners: Owners, nodes: list[int], roots: list[int]) -> str:
    """Return the layers or parameters that a kernel works for; empty for nobody in particular."""
    ahead = [root for root in roots if root in owners.forward]
    back = [root for root in roots if root not in owners.forward]
    found = []
    if ahead:
        found.append(_ahead(owners, [n for n in nodes if n in owners.forward], max(ahead)))
    if back:
        found.append(_back(owners, [n for n in nodes if n not in owners.forward], back))
    return ", ".join(filter(None, found))


def _ahead(owners: Owners, nodes: list[int], root: int) -> str:
    """Return whose forward pass some nodes are part of."""
    layer = owners.layers[root]
    read = _read(owners, nodes)
    if layer in read or (read and layer in ("", LOSS_LAYER)):
        return _joined([*read, LOSS_LAYER] if layer == LOSS_LAYER else read)
    return layer if layer in ("", LOSS_LAYER) else f"after {layer}"


def _back(owners: Owners, nodes: list[int], roots: list[int]) -> str:
    """Return whose gradient or whose next value some nodes are part of."""
    if owners.shared.issuperset(roots):
        return "optimizer"
    for known, what in ((owners.gradients, "gradient of"), (owners.updates, "update of")):
        found = [known[root] for root in roots if root in known]
        if found:
            return f"{what} {_joined(found)}"
    if read := _read(owners, nodes):
        return f"backward of {_joined(read)}"
    layer = owners.layers[max(roots)]
    return f"backward of {LOSS_LAYER}" if layer in ("", LOSS_LAYER) else f"backward after {layer}"


def _read(owners: Owners, nodes: list[int]) -> list[str]:
    """Return the layers whose parameters some nodes read."""
    return [layer_of(name) for number in nodes for name in owners.parameters(number)]


def _joined(names: Iterable[str]) -> str:
    """Return names, each once, the first few."""
    found = list(dict.fromkeys(names))
    return "+".join(found[:MAX_NAMES]) + ("+..." if len(found) > MAX_NAMES else "")


def _what(graph: Graph, nodes: list[int], kernel: Kernel) -> str:
    """Return what a kernel does and its sizes."""
    match kernel:
        case Matmul():
            done = [graph.nodes[number].op for number in nodes]
            return _matmul(kernel, conv="window" in done)
        case Gather():
            return f"embedding {kernel.count}x{kernel.width} of {kernel.rows}"
        case Scatter():
            return f"embedding {kernel.count}x{kernel.width} into {kernel.rows}"
        case Random():
            return f"random {kernel.out.elements}"
    found = words(graph, nodes, MAX_WORDS) or ["copy"]
    if all(value.op == "constant" for value in kernel.body.values):
        found = ["fill"]
    return f"{'+'.join(found)} {_sizes(kernel)}"


def _sizes(kernel: Kernel) -> str:
    """Return the sizes of what a loop runs over, reduced axes last."""
    sizes = kernel.space + kernel.reduced if isinstance(kernel, Loop) else ()
    return "x".join(map(str, sizes)) or "1"


def _matmul(kernel: Matmul, *, conv: bool) -> str:
    """Return `matmul 512x128x64`: (512, 128) @ (128, 64); a batch of them is a `bmm`."""
    batch = [size for size in kernel.batch if size != 1]
    sizes = (*([prod(batch)] if batch else []), kernel.m, kernel.k, kernel.n)
    kind = "conv as matmul" if conv else "bmm" if batch else "matmul"
    words = [*(["sparse"] if kernel.sparse else []), kind, "x".join(map(str, sizes))]
    return " ".join([*words, *(["+bias"] if kernel.bias else [])])
