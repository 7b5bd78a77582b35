"""Write numbers.json: what PyTorch trains. Run it with PyTorch 2.13 installed."""

import json
from pathlib import Path

import numpy as np
import torch
from cases import ACTIVATIONS, CLIP, LAYERS, LOSSES, OPTIMIZERS, ROWS, STEPS


def ramp(*shape):
    """Multiples of 1/64 in [-1, 1), as the tests make them."""
    numbers = np.arange(int(np.prod(shape)), dtype=np.int64)
    return ((numbers * numbers * 7 + numbers * 13) % 128 / 64 - 1).reshape(shape).astype(np.float32)


def train(network, shape, loss, make, *, clip=0.0):
    """Return the state after some steps on all rows, every target a quarter."""
    with torch.no_grad():
        for part in network.parameters():
            part.copy_(torch.from_numpy(ramp(*part.shape) / 2))
    x = torch.from_numpy(ramp(ROWS, *shape))
    optimizer = make(network.parameters())
    for _ in range(STEPS):
        output = network(x)
        output = output[0] if isinstance(output, tuple) else output
        value = loss(output, torch.full_like(output, 0.25))
        optimizer.zero_grad()
        value.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimizer.step()
    state = network.state_dict()
    return {
        name: [round(float(v), 6) for v in value.reshape(-1)]
        for name, value in state.items()
        if not name.endswith("num_batches_tracked")
    }


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.1)


def two_layers(activation):
    return torch.nn.Sequential(torch.nn.Linear(3, 4), activation, torch.nn.Linear(4, 2))


def main():
    nn, found = torch.nn, {}
    for name, (kind, arguments, options, shape) in LAYERS.items():
        found[name] = train(getattr(nn, kind)(*arguments, **options), shape, nn.MSELoss(), sgd)
    for name in ACTIVATIONS:
        found[name] = train(two_layers(getattr(nn, name)()), (3,), nn.MSELoss(), sgd)
    for name, options in LOSSES.items():
        found[name] = train(nn.Linear(3, 2), (3,), getattr(nn, name)(**options), sgd)
    for name, (kind, options) in OPTIMIZERS.items():
        make = getattr(torch.optim, kind)
        found[name] = train(
            two_layers(nn.Tanh()), (3,), nn.MSELoss(), lambda p, m=make, o=options: m(p, **o)
        )
    found["clip"] = train(two_layers(nn.Tanh()), (3,), nn.MSELoss(), sgd, clip=CLIP)
    text = json.dumps(found, indent=None, separators=(",", ":")).replace("},", "},\n")
    Path(__file__).with_name("numbers.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
