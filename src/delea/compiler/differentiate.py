"""Reverse-mode differentiation: the gradients join the graph they came from."""

from delea.graph import Builder, gradient


def differentiate(builder: Builder, loss: int, wanted: list[int]) -> list[int]:
    """Add the gradients of the scalar `loss` and return those of the nodes `wanted`.

    A node that does not depend on any wanted one gets no gradient; a wanted one that the loss does
    not depend on gets zeros.
    """
    active = _depending(builder, wanted)
    gradients: dict[int, int] = {loss: builder.constant(1.0, builder.shape(loss))}
    for number in range(loss, -1, -1):
        if number not in gradients or number not in active:
            continue
        node = builder.nodes[number]
        found = gradient(builder, number, gradients[number])
        for source, part in zip(node.inputs, found, strict=True):
            if part is None or source not in active:
                continue
            known = gradients.get(source)
            gradients[source] = part if known is None else builder.add("add", known, part)
    return [
        gradients.get(number, builder.constant(0.0, builder.shape(number))) for number in wanted
    ]


def _depending(builder: Builder, wanted: list[int]) -> set[int]:
    """Return the nodes that depend on any of `wanted`, themselves included."""
    active = set(wanted)
    for number, node in enumerate(builder.nodes):
        if any(source in active for source in node.inputs):
            active.add(number)
    return active
