"""What layers are made of, as functions on tensors."""

from delea.graph import I32, float_bits
from delea.nn.module import Parameter
from delea.nn.tensor import Tensor, apply, builder, lift, reduce


def linear(x: Tensor, weight: Parameter | Tensor, bias: Parameter | Tensor | None = None) -> Tensor:
    """Return x W^T + b: (..., in), (out, in), (out,) -> (..., out)."""
    rows = x if len(x.shape) == 2 else x.reshape(-1, x.shape[-1])
    terms = (rows, weight) if bias is None else (rows, weight, bias)
    result = apply("matmul", *terms, ta=False, tb=True)
    return result if rows is x else result.reshape(*x.shape[:-1], result.shape[-1])


def relu(x: Tensor) -> Tensor:
    """Return x < 0 ? 0 : x."""
    return apply("max", x, 0.0)


def tanh(x: Tensor) -> Tensor:
    """Return tanh x, at most 2 ulp away."""
    return apply("tanh", x)


def exp(x: Tensor) -> Tensor:
    """Return e^x, at most 1 ulp away."""
    return apply("exp", x)


def log(x: Tensor) -> Tensor:
    """Return ln x, at most 1 ulp away."""
    return apply("log", x)


def sqrt(x: Tensor) -> Tensor:
    """Return the square root, correctly rounded."""
    return apply("sqrt", x)


def log_softmax(x: Tensor) -> Tensor:
    """Return log(softmax x) over the last axis."""
    shifted = x - reduce("maximum", x, -1, keepdim=True)
    return shifted - log(exp(shifted).sum(-1, keepdim=True))


def softmax(x: Tensor) -> Tensor:
    """Return e^x over its sum, along the last axis."""
    powers = exp(x - reduce("maximum", x, -1, keepdim=True))
    return powers * (1.0 / powers.sum(-1, keepdim=True))


def gelu(x: Tensor) -> Tensor:
    """Return GELU in its tanh form, x / (1 + e^(-2u)) with u = c (x + 0.044715 x^3)."""
    c = -2.0 * 0.7978845608028654
    return x / (exp(x * (x * x * (c * 0.044715) + c)) + 1.0)


def layer_norm(x: Tensor, weight: Parameter, bias: Parameter, eps: float = 1e-5) -> Tensor:
    """Return (x - mean) / sqrt(variance + eps) * weight + bias, over the last axis."""
    centred = x - x.mean(-1, keepdim=True)
    scale = 1.0 / sqrt((centred * centred).mean(-1, keepdim=True) + eps)
    return centred * scale * weight + bias


def embedding(index: Tensor, weight: Parameter | Tensor) -> Tensor:
    """Return rows of a table: (...) int32, (rows, width) -> (..., width); indices are clipped."""
    return apply("gather", weight, index)


def causal_mask(scores: Tensor, masked: float = -1e9) -> Tensor:
    """Return scores (..., t, t) with `masked` where the column is after the row."""
    size = scores.shape[-1]
    rows, columns = (Tensor(builder().iota((size, size), axis)) for axis in (0, 1))
    later = apply("less", apply("cast", rows), apply("cast", columns))
    return apply("where", later, masked, scores)


def attention(q: Tensor, k: Tensor, v: Tensor, *, causal: bool = False) -> Tensor:
    """Return softmax(q k^T / sqrt(width)) v: (..., t, width) each -> (..., t, width)."""
    scores = apply("matmul", q, k, ta=False, tb=True) * (q.shape[-1] ** -0.5)
    return softmax(causal_mask(scores) if causal else scores) @ v


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Return 1.0 where the class is the label: (batch,) int32 -> (batch, classes).

    A label out of range gives a row of zeros.
    """
    assert labels.dtype == I32, "labels are int32"
    rows = labels.shape[0]
    index = Tensor(builder().iota((rows, classes), 1))
    mask = apply("equal", index, labels.reshape(rows, 1))
    return apply("where", mask, lift(1.0), lift(0.0))


def pad(x: Tensor, before: tuple[int, ...], after: tuple[int, ...], value: float = 0.0) -> Tensor:
    """Return x with so many elements of `value` before and after along each axis."""
    sizes = zip(before, x.shape, after, strict=True)
    shape = tuple(a + size + z for a, size, z in sizes)
    steps = (1,) * len(shape)
    return apply("assemble", x, shape=shape, starts=before, steps=steps, bits=float_bits(value))


def conv2d(
    x: Tensor,
    weight: Parameter | Tensor,
    bias: Parameter | Tensor | None = None,
    *,
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
    dilation: tuple[int, int] = (1, 1),
) -> Tensor:
    """Return the cross-correlation of x with weight, plus bias.

    (batch, in, h, w), (out, in, kh, kw), (out,) -> (batch, out, h', w'). One accumulator per
    output, from its bias; terms in the order (ky, kx, in), ascending.
    """
    filters = lift(weight).permute(0, 2, 3, 1)  # (out, kh, kw, in)
    outputs, *kernel, inputs = filters.shape
    pixels = x.permute(0, 2, 3, 1)  # (batch, h, w, in)
    if padding != (0, 0):
        edges = (0, *padding, 0)
        pixels = pad(pixels, edges, edges)
    spans = {"axes": (1, 2), "sizes": tuple(kernel), "steps": stride, "dilations": dilation}
    windows = apply("window", pixels, **spans)  # (batch, h', w', in, kh, kw)
    batch, height, width = windows.shape[:3]
    columns = kernel[0] * kernel[1] * inputs
    patches = windows.permute(0, 1, 2, 4, 5, 3).reshape(batch * height * width, columns)
    result = linear(patches, filters.reshape(outputs, columns), bias)
    return result.reshape(batch, height, width, outputs).permute(0, 3, 1, 2)


def max_pool2d(x: Tensor, kernel_size: int, stride: int | None = None) -> Tensor:
    """Return the largest of each window: (batch, c, h, w) -> (batch, c, h', w').

    The gradient goes to the first of the largest, in row-major order.
    """
    step = kernel_size if stride is None else stride
    batch, channels, height, width = x.shape
    rows, columns = ((size - kernel_size) // step + 1 for size in (height, width))
    result: Tensor | None = None
    for y in range(kernel_size):
        for z in range(kernel_size):
            part = apply(
                "slice",
                x,
                starts=(0, 0, y, z),
                sizes=(batch, channels, rows, columns),
                steps=(1, 1, step, step),
            )
            result = part if result is None else apply("max", part, result)
    assert result is not None, "a window has an element"
    return result
