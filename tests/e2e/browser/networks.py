"""Random whole networks: number `n` is always the same one, and has layer `n` of `LAYERS` in it.

A network is a stack of layers on rows, sequences or images of floats, bytes or integers, with a
loss, an optimizer, a schedule and data to train, evaluate and infer on.
"""

from dataclasses import dataclass
from math import prod

import numpy as np
from layers import LAYERS, Choices, draw_layer, kinds

from delea import nn
from delea.errors import DtypeError, ShapeError
from delea.graph import F32, I32, Builder

MOST = 260
"""Numbers of a row behind any layer: the reference is slow."""
WIDEST = 40
"""Numbers of a row's output."""
DEEPEST = 6
TRIES = 400

OPTIMIZERS = (
    lambda c, lr: nn.SGD(lr, weight_decay=c.of(0.0, 0.1), clip_norm=c.of(0.0, 0.5)),
    lambda c, lr: nn.SGD(lr, momentum=0.9, nesterov=c.flag()),
    lambda c, lr: nn.Adam(lr, betas=c.of((0.9, 0.999), (0.5, 0.0)), clip_norm=c.of(0.0, 1.0)),
    lambda c, lr: nn.AdamW(lr, weight_decay=0.1, matrices_only=c.flag(), no_decay=("bias",)),
    lambda c, lr: nn.RMSprop(lr, momentum=c.of(0.0, 0.5), weight_decay=c.of(0.0, 0.1)),
    lambda c, lr: nn.Lion(lr, weight_decay=c.of(0.0, 0.1), clip_norm=c.of(0.0, 1.0)),
)
SCHEDULES = (
    float,
    nn.Constant,
    lambda lr: nn.CosineWarmup(lr, warmup=1, total=4, floor=lr / 8),
    lambda lr: nn.StepDecay(lr, step_size=2, gamma=0.5),
)
ELEMENT_LOSSES = (
    nn.MSELoss,
    nn.L1Loss,
    lambda: nn.HuberLoss(delta=0.3),
    lambda: nn.SmoothL1Loss(beta=0.3),
    nn.BCEWithLogitsLoss,
)
NUMBERS = {
    F32: lambda generator, shape: generator.uniform(-1, 1, shape).astype("<f4"),
    "u8": lambda generator, shape: generator.integers(0, 256, shape, dtype=np.uint8),
    I32: lambda generator, shape: generator.integers(-1, 17, shape).astype("<i4"),
}


class Network(nn.Module):
    """Layers one after the other; integers become small numbers first, unless embedded."""

    def __init__(self, layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.embeds = bool(layers) and isinstance(layers[0], nn.Embedding)

    def forward(self, x):
        return self.layers(x if self.embeds or x.dtype == F32 else x.float() * (1 / 255))


@dataclass(frozen=True)
class Stack:
    """Layers, what a row is before them and which shape it has behind them."""

    dtype: str
    first: tuple[int, ...]
    layers: list[nn.Module]
    last: tuple[int, ...]


@dataclass(frozen=True)
class Drawn:
    """A program, the inputs of some rows, and how many steps to train."""

    program: nn.Program
    inputs: bytes
    steps: int

    @property
    def parts(self):
        """The class names of its layers, loss, optimizer and schedule."""
        loss, optimizer = self.program.loss, self.program.optimizer
        aims = (loss, optimizer, *([optimizer.schedule] if optimizer.schedule else []))
        return [*kinds(self.program.network)[1:], *map(_name, aims)]


def draw(number, values=()):
    """Return network `number`; of `values`, if there are some, its inputs of floats are made."""
    choices = Choices(number)
    wanted = list(LAYERS)[number % len(LAYERS)]
    for _ in range(TRIES):
        batch = choices.of(1, 2, 3, 4, 5)
        stack = _draw_stack(choices, wanted, batch)
        if wanted in kinds(Network(stack.layers))[1:]:
            return _finish(choices, stack, batch, number, values)
    raise AssertionError(f"a network with {wanted} expected, none in {TRIES} draws")


def _draw_stack(c, wanted, batch):
    dtype = c.of(F32, F32, "u8", I32)
    image = c.within(1, 3), c.within(2, 8), c.within(2, 8)
    first = c.of((c.size(),), (c.within(1, 5), c.size()), image)
    layers, shape, depth = [], first, c.within(1, DEEPEST)
    for _ in range(4 * depth):
        embed = "Embedding" if not layers and dtype != F32 and c.flag() else None
        want = wanted if c.flag() and wanted not in map(_name, layers) else None
        try:
            layer = draw_layer(c, shape, embed or want)
            after = _shape_after(layer, shape, batch, dtype if embed else F32)
        except (ShapeError, DtypeError):
            continue
        if prod(after) <= MOST and len(layers) < depth:
            layers.append(layer)
            shape = after
    return Stack(dtype, first, layers, shape)


def _shape_after(layer, shape, batch, dtype):
    for name, part in layer.named_tensors():
        part.name = name
    builder = Builder()
    with nn.recording(builder, training=True):
        return layer(nn.Tensor(builder.leaf("input", "x", (batch, *shape), dtype))).shape[1:]


def _finish(c, stack, batch, number, values):
    """Return the stack with a head, a loss and an optimizer, and data for them."""
    generator = np.random.Generator(np.random.PCG64(number))
    layers, last = list(stack.layers), stack.last
    classify = c.within(0, 2) == 0
    placed = len(last) == 2 and last[0] != last[1]
    fits = len(last) == 1 or placed if classify else prod(last) <= WIDEST
    if not fits or not list(Network(layers).named_parameters()):
        layers += [nn.Flatten(), nn.Linear(prod(last), c.size())]
        last = layers[-1].weight.shape[:1]
    train, test = c.within(max(batch, 2), 9), c.of(0, 1, 5)

    def rows(dtype, shape):
        return NUMBERS[dtype](generator, (train + test, *shape))

    loss, targets = _aim(c, classify, last, rows)
    inputs = rows(stack.dtype, stack.first)
    if values and stack.dtype == F32:
        inputs = generator.choice(np.float32(values), inputs.shape)
    data = nn.Dataset(inputs[:train], targets[:train], inputs[train:], targets[train:])
    optimizer = c.of(*OPTIMIZERS)(c, c.of(*SCHEDULES)(c.of(0.01, 0.05)))
    sizes = {"batch": c.of(None, batch), "infer_batch": c.within(1, 4), "seed": number}
    program = nn.Program(Network(layers), loss, optimizer, data, **sizes)
    return Drawn(program, inputs[: c.within(1, 5)].tobytes(), steps=c.within(2, 4))


def _aim(c, classify, last, rows):
    """Return a loss for outputs of shape `last`, and targets."""
    if not classify:
        return c.of(*ELEMENT_LOSSES)(), rows(F32, last) * 0.5 + 0.5
    classes, places = last[-1], last[:-1]
    if places and c.flag():
        classes, places = last[0], last[1:]
    return nn.CrossEntropyLoss(), rows(I32, places) % classes


def _name(part):
    return type(part).__name__
