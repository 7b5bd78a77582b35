"""Equal kernels share one function: they differ in where their buffers lie, and are told.

Of each buffer only the first place that is read or written counts. An address that is the same in
every call stays a constant, so a kernel that is alone of its kind has no parameters.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from delea.compiler.collapse import accesses, collapse
from delea.compiler.emit_kernel import emit_kernel
from delea.compiler.kernel import (
    Access,
    Body,
    Buffer,
    Gather,
    Kernel,
    Loop,
    Matmul,
    Operand,
    Random,
    Scatter,
)
from delea.compiler.place import Addresses, Place

WORD = 4

Calls = list[tuple[int, ...]]
"""For each call of a function, the addresses of its buffers."""


@dataclass(slots=True)
class _Slots:
    """Gives the buffers of a kernel names by their order, and collects where they begin."""

    addresses: dict[Buffer, int]
    buffers: list[Buffer] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def add(self, buffer: Buffer, offset: int = 0, elements: int = 0) -> Buffer:
        """Return the slot of a buffer that is used from element `offset` on."""
        self.starts.append(self.addresses[buffer] + WORD * offset)
        self.buffers.append(Buffer(f"p{len(self.buffers)}", elements))
        return self.buffers[-1]


def share(
    kernels: Iterable[tuple[Kernel, dict[Buffer, int]]], workspace: int
) -> tuple[list[str], list[str]]:
    """Return the functions of kernels, each with the addresses of its buffers, and one call each.

    Functions are numbered in the order in which their first kernels come.
    """
    found: dict[object, tuple[str, Kernel, list[Buffer], Calls]] = {}
    uses: list[tuple[object, int]] = []
    for kernel, addresses in kernels:
        slots = _Slots(addresses)
        form = _form(kernel, slots)
        key = _key(form)
        _, _, _, calls = found.setdefault(key, (f"kernel_{len(found)}", form, slots.buffers, []))
        uses.append((key, len(calls)))
        calls.append(tuple(slots.starts))
    functions, arguments = [], {}
    for key, (name, form, buffers, calls) in found.items():
        places = dict(zip(buffers, _places(calls), strict=True))
        functions.append(emit_kernel(name, form, places, workspace))
        arguments[key] = [_call(name, places, call) for call in calls]
    return functions, [arguments[key][number] for key, number in uses]


def _places(calls: Calls) -> list[Place]:
    """Return where each buffer lies: a constant, a parameter, or as far behind one always."""
    places: list[Place] = []
    columns = list(zip(*calls, strict=True))
    for number, column in enumerate(columns):
        if len(set(column)) == 1:
            places.append(Place(column[0]))
            continue
        place = Place(0, f"$p{number}")
        for other, known in enumerate(columns[:number]):
            apart = {at - before for at, before in zip(column, known, strict=True)}
            if places[other] == Place(0, f"$p{other}") and len(apart) == 1 and min(apart) > 0:
                place = Place(apart.pop(), f"$p{other}")
                break
        places.append(place)
    return places


def _call(name: str, places: Addresses, call: tuple[int, ...]) -> str:
    given = (
        f" (i32.const {at})" for place, at in zip(places.values(), call, strict=True) if place.given
    )
    return f"(call ${name}{''.join(given)})"


def _key(form: Kernel) -> object:
    """Return what is equal for equal kernels only."""
    if not isinstance(form, Loop):
        return form
    body = (tuple(form.body.values), tuple(form.accumulators), tuple(form.stores))
    return (form.space, form.reduced, form.order, body, form.backward)


def _form(kernel: Kernel, slots: _Slots) -> Kernel:
    """Return the kernel over slots: what is left of it without addresses."""
    match kernel:
        case Loop():
            return _loop(collapse(kernel), slots)
        case Matmul():
            a, b = (_operand(side, slots) for side in (kernel.a, kernel.b))
            c = slots.add(kernel.c)
            bias = slots.add(kernel.bias) if kernel.bias else None
            return replace(kernel, a=a, b=b, c=c, bias=bias)
        case Gather():
            table, index = slots.add(kernel.table), slots.add(kernel.index)
            return replace(kernel, table=table, index=index, out=slots.add(kernel.out))
        case Scatter():
            index, value = slots.add(kernel.index), slots.add(kernel.value)
            return replace(kernel, index=index, value=value, out=slots.add(kernel.out))
        case Random():
            header = slots.add(kernel.header)
            out = slots.add(kernel.out, elements=kernel.out.elements)
            return replace(kernel, header=header, out=out)


def _operand(side: Operand, slots: _Slots) -> Operand:
    return replace(side, buffer=slots.add(side.buffer, side.offset), offset=0)


def _loop(loop: Loop, slots: _Slots) -> Loop:
    first: dict[Buffer, int] = {}
    for access in accesses(loop):
        first[access.buffer] = min(first.get(access.buffer, access.offset), access.offset)
    names = {buffer: slots.add(buffer, offset) for buffer, offset in first.items()}

    def moved(access: Access) -> Access:
        offset = access.offset - first[access.buffer]
        return Access(names[access.buffer], access.strides, offset)

    values = [
        replace(value, detail=moved(value.detail)) if isinstance(value.detail, Access) else value
        for value in loop.body.values
    ]
    stores = [(value, moved(access)) for value, access in loop.stores]
    return replace(loop, body=Body(values), stores=stores)
