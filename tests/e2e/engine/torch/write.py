"""Write numbers.json: what PyTorch trains. Run it with PyTorch 2.13 installed."""

import json
from inspect import Parameter, signature
from pathlib import Path

import cases
import numpy as np
from torch.optim import lr_scheduler as schedules

import torch

nn = torch.nn


def ramp(*shape):
    """Multiples of 1/64 in [-1, 1), as the tests make them."""
    numbers = np.arange(int(np.prod(shape)), dtype=np.int64)
    return ((numbers * numbers * 7 + numbers * 13) % 128 / 64 - 1).reshape(shape).astype(np.float32)


def inputs(shape, *, tokens):
    """Return the rows that are trained on: numbers, or places in a table."""
    if tokens:
        places = np.arange(cases.ROWS * int(np.prod(shape))) ** 2 % cases.TABLE
        return torch.from_numpy(places.reshape(cases.ROWS, *shape))
    return torch.from_numpy(ramp(cases.ROWS, *shape))


def targets(loss, output):
    """Return labels for a loss of classes, else a quarter everywhere."""
    if isinstance(loss, nn.CrossEntropyLoss):
        return torch.arange(cases.ROWS) % output.shape[1]
    return torch.full_like(output, 0.25)


def train(network, shape, loss, make, *, steps=cases.STEPS, clip=0.0, tokens=False, schedule=None):
    """Return the state after some steps on all rows."""
    with torch.no_grad():
        for part in network.parameters():
            part.copy_(torch.from_numpy(ramp(*part.shape) / 2))
    x = inputs(shape, tokens=tokens)
    optimizer = make(network)
    rates = schedule(optimizer) if schedule else None
    for _ in range(steps):
        output = network(x)
        value = loss(output, targets(loss, output))
        optimizer.zero_grad()
        value.backward()
        if clip:
            nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimizer.step()
        if rates:
            rates.step()
    return {
        name: [round(float(v), 6) for v in value.reshape(-1)]
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


def sgd(network):
    return torch.optim.SGD(network.parameters(), lr=0.1)


def fast(network):
    return torch.optim.SGD(network.parameters(), lr=cases.RATE)


def decaying(network):
    """AdamW with weight decay for the matrices alone."""
    groups = ([p for p in network.parameters() if (p.ndim > 1) == big] for big in (True, False))
    matrices, biases = groups
    decays = [{"params": matrices, "weight_decay": cases.DECAY}]
    return torch.optim.AdamW([*decays, {"params": biases, "weight_decay": 0.0}], lr=0.05)


def cosine(optimizer):
    """Warm up linearly, then half a cosine down to the floor, and stay there."""
    rising = schedules.LambdaLR(optimizer, lambda step: (step + 1) / cases.WARMUP)
    length = cases.TOTAL - cases.WARMUP
    falling = schedules.CosineAnnealingLR(optimizer, length, eta_min=cases.FLOOR)
    level = schedules.LambdaLR(optimizer, lambda _: cases.FLOOR / cases.RATE)
    parts, ends = [rising, falling, level], [cases.WARMUP, cases.TOTAL]
    return schedules.SequentialLR(optimizer, parts, ends)


def stairs(optimizer):
    return schedules.StepLR(optimizer, cases.STEP_SIZE, cases.GAMMA)


def two_layers():
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))


def layers():
    """Yield (name, state) of every layer."""
    for name, (kind, arguments, options, shape) in cases.LAYERS.items():
        network = cases.alone(nn, kind, arguments, options)
        yield name, train(network, shape, nn.MSELoss(), sgd, tokens=kind == "Embedding")
    for name, case in cases.BETWEEN.items():
        network, shape = cases.between(nn, *case)
        yield name, train(network, shape, nn.MSELoss(), sgd)
    for name, case in cases.STATES.items():
        network = cases.states(nn, torch.cat, *case)
        yield name, train(network, cases.SEQUENCE, nn.MSELoss(), sgd)


def optimizers():
    """Yield (name, state) of every optimizer and schedule, after many steps."""
    long = {"steps": cases.LONG}
    for name, (kind, options) in cases.OPTIMIZERS.items():
        make = getattr(torch.optim, kind)
        optimizer = lambda n, m=make, o=options: m(n.parameters(), **o)  # noqa: E731
        yield name, train(two_layers(), (3,), nn.MSELoss(), optimizer, **long)
    yield "AdamW groups", train(two_layers(), (3,), nn.MSELoss(), decaying, **long)
    yield "clip", train(two_layers(), (3,), nn.MSELoss(), sgd, clip=cases.CLIP, **long)
    for name, schedule in (("constant", None), ("cosine", cosine), ("steps", stairs)):
        yield name, train(two_layers(), (3,), nn.MSELoss(), fast, schedule=schedule, **long)


def defaults():
    """Return the arguments of every layer, loss and optimizer, and their defaults as texts."""
    tables = cases.LAYERS, cases.BETWEEN, cases.OPTIMIZERS
    kinds = sorted({case[0] for table in tables for case in table.values()} | set(cases.LOSSES))
    found = {}
    for kind in [*kinds, "TransformerEncoder"]:
        whole = getattr(torch.optim, kind, None) or getattr(nn, kind)
        parts = signature(whole).parameters.values()
        if kind in {"LSTM", "GRU", "RNN"}:  # their own signature is (*args, **kwargs)
            parts = signature(nn.RNNBase).parameters.values()
        found[kind] = {
            part.name: as_text(part.default)
            for part in parts
            if part.name not in {"mode", "params"} and part.kind is not part.VAR_KEYWORD
        }
    return found


def as_text(default):
    """Return a default as Delea's would be written: whole numbers as floats, functions by name."""
    if default is Parameter.empty:
        return ""
    if type(default) is int:
        return repr(float(default))
    return repr(getattr(default, "__name__", default))


def spreads():
    """Return the deviation and the largest size of every layer's first weights."""
    torch.manual_seed(0)
    return {
        kind: {
            name: [round(float(part.float().std()), 4), round(float(part.abs().max()), 4)]
            for name, part in getattr(nn, kind)(*arguments, **options).state_dict().items()
            if not name.endswith("num_batches_tracked")
        }
        for kind, (arguments, options) in cases.WIDE.items()
    }


def main():
    found = dict(layers())
    for name, options in cases.LOSSES.items():
        found[name] = train(nn.Linear(3, 2), (3,), getattr(nn, name)(**options), sgd)
    found |= optimizers()
    text = json.dumps(found, indent=None, separators=(",", ":")).replace("},", "},\n")
    Path(__file__).with_name("numbers.json").write_text(text + "\n", encoding="utf-8")
    text = json.dumps(defaults(), indent=None).replace("}, ", "},\n")
    Path(__file__).with_name("defaults.json").write_text(text + "\n", encoding="utf-8")
    text = json.dumps(spreads(), indent=None).replace("}, ", "},\n")
    Path(__file__).with_name("spreads.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
