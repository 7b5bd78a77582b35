"""Axes that every access walks as one become one: fewer loops, longer vectors."""

from dataclasses import replace

from delea.compiler.kernel import Access, Body, Loop


def collapse(loop: Loop) -> Loop:
    """Return the same kernel with adjacent axes merged wherever its accesses allow."""
    axis = 0
    while axis + 1 < len(loop.space) + len(loop.reduced):
        if axis + 1 not in (len(loop.space), loop.backward) and _mergeable(loop, axis):
            loop = _merge(loop, axis)
        else:
            axis += 1
    return loop


def _mergeable(loop: Loop, axis: int) -> bool:
    inner = (loop.space + loop.reduced)[axis + 1]
    for value in loop.body.values:
        if value.op == "index" and value.detail in (axis, axis + 1):
            return False
    return all(a.strides[axis] == a.strides[axis + 1] * inner for a in accesses(loop))


def accesses(loop: Loop) -> list[Access]:
    """Return every place the kernel loads from or stores to."""
    loads = [value.detail for value in loop.body.values if isinstance(value.detail, Access)]
    return loads + [access for _, access in loop.stores]


def _merge(loop: Loop, axis: int) -> Loop:
    """Merge `axis` and the one after it."""
    sizes = loop.space + loop.reduced
    merged = (*sizes[:axis], sizes[axis] * sizes[axis + 1], *sizes[axis + 2 :])
    kept = len(loop.space) - (axis < len(loop.space))

    def moved(access: Access) -> Access:
        return replace(access, strides=access.strides[:axis] + access.strides[axis + 1 :])

    values = []
    for value in loop.body.values:
        if isinstance(value.detail, Access):
            values.append(replace(value, detail=moved(value.detail)))
        elif value.op == "index" and isinstance(value.detail, int) and value.detail > axis:
            values.append(replace(value, detail=value.detail - 1))
        else:
            values.append(value)
    return replace(
        loop,
        space=merged[:kept],
        reduced=merged[kept:],
        body=Body(values),
        stores=[(value, moved(access)) for value, access in loop.stores],
        backward=loop.backward - (axis < loop.backward),
    )
