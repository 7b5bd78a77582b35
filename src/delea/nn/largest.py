"""Where the first of the largest elements is."""

from math import prod

from delea.graph import Builder


def first_largest(b: Builder, value: int, axes: tuple[int, ...]) -> tuple[int, int]:
    """Return each element's place within `axes`, and that of the first largest, as float32.

    Places count in row-major order and are exact up to 2^24; NaNs are passed over.
    """
    shape = b.shape(value)
    places, step = b.constant(0.0), 1
    for axis in reversed(axes):
        sizes = tuple(size if at == axis else 1 for at, size in enumerate(shape))
        along = b.add("mul", b.add("cast", b.iota(sizes, axis)), b.constant(float(step)))
        places = b.add("add", along, places)
        step *= shape[axis]
    largest = b.reduce("maximum", value, axes)
    last = b.constant(float(1 - prod(shape[axis] for axis in axes)))
    found = b.add("where", b.add("equal", value, largest), b.add("neg", places), last)
    return places, b.add("neg", b.reduce("maximum", found, axes))
