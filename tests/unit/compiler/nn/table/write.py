"""Write numbers.json: what PyTorch makes of every operation. Run it with PyTorch 2.13 installed."""

import json
import math
from pathlib import Path

from table_cases import ELEMENTWISE, REDUCTIONS, SHAPES, by_arithmetic, numbers, places
from table_networks import NETWORKS
from torch.nn import functional as F  # noqa: N812 - its usual name

import torch

OPS = ELEMENTWISE | REDUCTIONS | SHAPES | NETWORKS
WITHOUT = ("dropout",)
CASES = 3


def argmax(x, dim, *, keepdim):
    """Of several axes, in row-major order over them."""
    axes = sorted(axis % x.ndim for axis in dim)
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    found = x.permute(*kept, *axes).flatten(len(kept)).argmax(-1)
    sizes = [1 if axis in axes else size for axis, size in enumerate(x.shape)]
    return found.reshape(sizes) if keepdim else found


def pad(x, before, after, value):
    widths = [n for pair in zip(reversed(before), reversed(after), strict=True) for n in pair]
    return F.pad(x, widths, value=value)


def hidden(scores, mask):
    return scores.masked_fill(mask, -1e9) if mask.dtype == torch.bool else scores + mask


def attention(q, k, v, *, causal):
    return F.scaled_dot_product_attention(q, k, v, is_causal=causal)


def attention_weights(q, k, mask):
    return hidden(q @ k.mT / math.sqrt(q.shape[-1]), mask).softmax(-1)


def causal_mask(scores, masked):
    later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    return scores.masked_fill(later, masked)


def recurrent(kind, x, state, own, *, sizes, **options):
    layer = getattr(torch.nn, kind)(*sizes, **options).double()
    names = [name for name, _ in layer.named_parameters()]
    return torch.func.functional_call(layer, dict(zip(names, own, strict=True)), (x, state))


def loss(kind, x, target, **options):
    target = target.long() if kind == "CrossEntropyLoss" else target
    return getattr(torch.nn, kind)(**options)(x, target)


def batch_norm(x, mean, variance, weight, bias):
    """With given statistics PyTorch gives them no gradient: its formula does."""
    if mean is None:
        return F.batch_norm(x, None, None, weight, bias, training=True)
    own = [part.reshape(-1, *(1,) * (x.ndim - 2)) for part in (mean, variance, weight, bias)]
    found = (x - own[0]) / (own[1] + 1e-5).sqrt() * own[2] + own[3]
    torch.testing.assert_close(
        found, F.batch_norm(x, mean.detach(), variance.detach(), weight, bias)
    )
    return found


def layer_norm(x, *own):
    return F.layer_norm(x, x.shape[-1:], *own)


def rms_norm(x, *own):
    return F.rms_norm(x, x.shape[-1:], *own, eps=1.1920929e-07)


OURS = (argmax, pad, attention, attention_weights, causal_mask, recurrent, loss, batch_norm)


class Functions:
    """PyTorch's functions by Delea's names."""

    def __getattr__(self, name):
        return getattr(F, name, None) or getattr(torch, name)


FUNCTIONS = Functions()
vars(FUNCTIONS).update({function.__name__: function for function in OURS})
vars(FUNCTIONS).update(layer_norm=layer_norm, rms_norm=rms_norm, equal=torch.eq)
FUNCTIONS.batch_moments = lambda _: (None, None)
FUNCTIONS.one_hot = lambda labels, classes: F.one_hot(labels.long(), classes)


def measure(name, op, seed):
    """Return the shapes, the output and, where there are any, the gradients of one case."""
    drawn = op.draw(by_arithmetic(seed))
    tensors = [
        torch.from_numpy(numbers(shape, op.low, op.high, i)).double().requires_grad_()
        for i, shape in enumerate(drawn.shapes)
    ]
    index = [torch.from_numpy(places(*part)) for part in drawn.index.values()]
    y = op.call(FUNCTIONS, *tensors, *index, **drawn.options)
    found = {"shapes": drawn.shapes, "options": repr(drawn.options), "y": flat(y)}
    if op.smooth:
        weights = torch.from_numpy(numbers(tuple(y.shape), 0.5, 1.5, 9)).double()
        (y.double() * weights).sum().backward()
        found["gradients"] = [
            flat(torch.zeros_like(tensor) if tensor.grad is None else tensor.grad)
            for tensor in tensors
        ]
    assert all(map(math.isfinite, found["y"])), name
    return found


def flat(tensor):
    return [float(f"{v:.6g}") for v in tensor.detach().double().reshape(-1).tolist()]


def main():
    found = {
        name: [measure(name, op, seed) for seed in range(CASES)]
        for name, op in OPS.items()
        if name not in WITHOUT
    }
    lines = ",\n".join(
        f"{json.dumps(name)}:{json.dumps(cases, separators=(',', ':'))}"
        for name, cases in found.items()
    )
    Path(__file__).with_name("numbers.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
