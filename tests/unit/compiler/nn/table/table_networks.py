"""The operations networks are made of: products, windows, normalizations, attention, recurrence."""

from table_cases import Choice, Drawn, Op


def matrices(c: Choice):
    m, k, n = c.size(), c.size(), c.size()
    batch = c.one((), (2,), (3, 2))
    other = c.one(batch, (), tuple(c.one(1, size) for size in batch))
    ta, tb = c.flag(), c.flag()
    left = (*batch, *((k, m) if ta else (m, k)))
    right = (*other, *((n, k) if tb else (k, n)))
    return Drawn((left, right), {"ta": ta, "tb": tb})


def product(_, x, y, ta, tb):
    return (x.transpose(-1, -2) if ta else x) @ (y.transpose(-1, -2) if tb else y)


def rows(c):
    width, out = c.size(), c.size()
    biased = ((out,),) if c.flag() else ()
    return Drawn(((*c.shape(1, 2, most=40), width), (out, width), *biased))


def spans(c, size):
    """A kernel, stride, padding and dilation that fit into `size`."""
    kernel = c.one(*range(1, min(size, 3) + 1))
    most = 2 if (kernel - 1) * 2 + 1 <= size else 1
    return kernel, c.one(1, 2, 3), c.one(0, 1), c.one(*range(1, most + 1))


def convolution(c, axes=2, *, transposed=False):
    groups = c.one(1, 1, 2, 3)
    inputs, outputs = groups * c.one(1, 2, 3), groups * c.one(1, 2, 3)
    sizes = [c.one(3, 4, 5, 7) for _ in range(axes)]
    columns = [spans(c, size) for size in sizes]
    kernel, stride, padding, dilation = (tuple(part) for part in zip(*columns, strict=True))
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    weight = (outputs, inputs // groups, *kernel)
    if transposed:
        weight = (inputs, outputs // groups, *kernel)
        options["padding"] = tuple(
            min(p, (k - 1) // 2) for p, k in zip(padding, kernel, strict=True)
        )
        options["output_padding"] = tuple(c.one(*range(step)) for step in stride)
        dilated = zip(options["output_padding"], stride, dilation, strict=True)
        options["output_padding"] = tuple(min(o, max(s, d) - 1) for o, s, d in dilated)
    if axes == 1:
        options = {k: v[0] if isinstance(v, tuple) else v for k, v in options.items()}
    biased = ((outputs,),) if c.flag() else ()
    return Drawn(((c.one(1, 2), inputs, *sizes), weight, *biased), options)


def windows(c, *, dilated):
    sizes = [c.one(3, 5, 6, 7) for _ in range(2)]
    kernel, stride, padding, dilation = zip(*(spans(c, size) for size in sizes), strict=True)
    padding = tuple(min(edge, size // 2) for edge, size in zip(padding, kernel, strict=True))
    options = {"kernel_size": kernel, "stride": c.one(stride, None), "padding": padding}
    options |= {"dilation": dilation} if dilated else {}
    return Drawn(((c.one(1, 2), c.one(1, 3), *sizes),), options)


def parts(c):
    return Drawn(((2, 3, 6, 4),), {"output_size": c.one(1, 2, (3, 1), (6, 4))})


def normalized(c, *, bias):
    shape = (*c.shape(1, 2, most=40), c.one(2, 3, 5, 7, 17))
    own = (shape[-1:],) * (1 + bias) if c.flag() else ()
    return Drawn((shape, *own))


def grouped(c):
    groups = c.one(1, 2, 3)
    channels = groups * c.one(1, 2)
    shape = (c.size(), channels, *c.one((3,), (2, 3)))
    return Drawn((shape, (channels,), (channels,)), {"groups": groups})


def batch(c):
    channels = c.size()
    rest = c.one((), (3,), (2, 3))
    return Drawn(((c.one(2, 3, 5), channels, *rest), (channels,), (channels,)))


def measured(c):
    channels = c.size()
    shape = (c.size(), channels, *c.one((), (3,), (2, 3)))
    return Drawn((shape, *((channels,),) * 4))


def heads(c):
    lead, width = c.one((2,), (1, 3)), c.size()
    length, keys = c.one(1, 3, 5), c.one(2, 4)
    causal = c.flag()
    keys = length if causal else keys
    other = (*lead, keys, width)
    return Drawn(((*lead, length, width), other, (*lead, keys, c.size())), {"causal": causal})


def masked(c):
    lead, width, length, keys = (c.one(1, 2),), c.size(), c.one(1, 3, 5), c.one(2, 4)
    shapes = ((*lead, length, width), (*lead, keys, width), (length, keys))
    return Drawn(shapes, {"added": c.flag()})


def weights(f, q, k, m, added):
    """Attention's weights, some positions hidden or all shifted."""
    return f.attention_weights(q, k, m if added else m > 0.3)


def looked_up(c):
    table = (c.one(1, 2, 5, 7), c.size())
    return Drawn((table,), {}, {"index": (c.shape(0, 1, 2, most=20), table[0])})


def classes(c):
    count = c.one(1, 2, 5)
    labels = (c.shape(1, 2, most=20), count)
    return Drawn(((count,),), {"classes": count}, {"labels": labels})


def sequence(gates, memories):
    def draw(c):
        batch, length, width, hidden = c.one(1, 2, 3), c.one(1, 2, 3), c.one(1, 3), c.one(1, 2, 5)
        both, layers, biased = c.flag(), c.one(1, 2), c.flag()
        first, lead = c.flag(), (1 + both) * layers
        own = []
        for number in range(lead):
            columns = width if number < 1 + both else hidden * (1 + both)
            own += [(gates * hidden, columns), (gates * hidden, hidden)]
            own += [(gates * hidden,)] * 2 * biased
        x = (batch, length, width) if first else (length, batch, width)
        options = {"sizes": (width, hidden, layers), "bias": biased, "batch_first": first}
        shapes = (x, *((lead, batch, hidden),) * memories, *own)
        return Drawn(shapes, options | {"bidirectional": both})

    return draw


def recurrent(kind, gates, memories=1):
    def call(f, x, *rest, **options):
        state, own = rest[:memories], rest[memories:]
        y, last = f.recurrent(kind, x, state if memories > 1 else state[0], own, **options)
        ends = last if isinstance(last, tuple) else (last,)
        return f.cat([part.reshape(-1) for part in (y, *ends)], 0)

    return Op(sequence(gates, memories), call, low=-1.0, high=1.0)


def compared(kind, **options):
    return Op(
        lambda c: Drawn((shape := c.shape(1, 2, 3), shape)),
        lambda f, x, t: f.loss(kind, x, t, **options),
    )


def told_apart(c):
    batch, count, length = c.one(1, 3, 5), c.one(2, 3, 7), c.one(None, 4)
    if length is None:
        return Drawn(((batch, count),), {}, {"labels": ((batch,), count)})
    return Drawn(((batch, count, length),), {}, {"labels": ((batch, length), count)})


NETWORKS = {
    "__matmul__": Op(matrices, product),
    "linear": Op(rows, lambda f, *x: f.linear(*x)),
    "conv1d": Op(lambda c: convolution(c, 1), lambda f, *x, **o: f.conv1d(*x, **o)),
    "conv2d": Op(convolution, lambda f, *x, **o: f.conv2d(*x, **o)),
    "conv_transpose2d": Op(
        lambda c: convolution(c, transposed=True), lambda f, *x, **o: f.conv_transpose2d(*x, **o)
    ),
    "max_pool2d": Op(lambda c: windows(c, dilated=1), lambda f, x, **o: f.max_pool2d(x, **o)),
    "avg_pool2d": Op(lambda c: windows(c, dilated=0), lambda f, x, **o: f.avg_pool2d(x, **o)),
    "adaptive_avg_pool2d": Op(parts, lambda f, x, **o: f.adaptive_avg_pool2d(x, **o)),
    "adaptive_max_pool2d": Op(parts, lambda f, x, **o: f.adaptive_max_pool2d(x, **o)),
    "sparse": Op(
        lambda c: Drawn(((c.one(1, 2), 2, 7, 5), (c.one(3, 4), 2, 2, 2))),
        lambda f, x, w: f.max_pool2d(f.relu(f.conv2d(x, w)), 2),
    ),
    "layer_norm": Op(lambda c: normalized(c, bias=1), lambda f, *x: f.layer_norm(*x)),
    "rms_norm": Op(lambda c: normalized(c, bias=0), lambda f, *x: f.rms_norm(*x)),
    "group_norm": Op(grouped, lambda f, x, w, b, groups: f.group_norm(x, groups, w, b)),
    "batch_norm": Op(measured, lambda f, *x: f.batch_norm(*x), low=0.4),
    "batch_moments": Op(batch, lambda f, x, w, b: f.batch_norm(x, *f.batch_moments(x), w, b)),
    "attention": Op(heads, lambda f, q, k, v, causal: f.attention(q, k, v, causal=causal)),
    "attention_weights": Op(masked, weights),
    "causal_mask": Op(
        lambda c: Drawn(((2, n := c.size(), n),)), lambda f, x: f.causal_mask(x, -3.0)
    ),
    "dropout": Op(
        lambda c: Drawn(
            (c.shape(1, 2, 3),),
            {"p": c.one(0.0, 0.3, 0.5, 1.0)},
            {"header": ((10,), 1 << 20)},
        ),
        lambda f, x, _, p: f.dropout(x, p),
    ),
    "embedding": Op(looked_up, lambda f, table, index: f.embedding(index, table)),
    "one_hot": Op(classes, lambda f, x, index, classes: f.one_hot(index, classes).float() * x),
    "lstm": recurrent("LSTM", 4, 2),
    "gru": recurrent("GRU", 3),
    "rnn": recurrent("RNN", 1),
    "mse": compared("MSELoss"),
    "l1": compared("L1Loss"),
    "smooth_l1": compared("SmoothL1Loss", beta=0.73),
    "huber": compared("HuberLoss", delta=0.73),
    "bce_with_logits": compared("BCEWithLogitsLoss"),
    "cross_entropy": Op(told_apart, lambda f, x, t: f.loss("CrossEntropyLoss", x, t)),
}
