"""GPT: 2 layers, width 128, 4 heads, sequence 64, vocabulary 256, batch 8, AdamW 3e-4.

Pre-LayerNorm, GELU in its tanh form, learned positions, untied head; weight decay 0.1 on matrices.
"""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delea import nn
from workloads.batches import BATCHES, drawn

LAYERS, WIDTH, HEADS, LENGTH, VOCABULARY, BATCH = 2, 128, 4, 64, 256, 8
LEARNING_RATE, DECAY, SEED, SUCCESSORS = 3e-4, 0.1, 7, 4
Array = NDArray[np.float32]
Tokens = NDArray[np.int32]


def weights() -> dict[str, Array]:
    """Return the first weights by name: normal, 0.02 wide (0.01 into the residual), biases 0."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    found: dict[str, Array] = {}

    def matrix(name: str, rows: int, columns: int, spread: float = 0.02) -> None:
        drawn_ = generator.standard_normal((rows, columns)) * spread
        found[f"{name}.weight"] = drawn_.astype(np.float32)

    def linear(name: str, inputs: int, outputs: int, spread: float = 0.02) -> None:
        matrix(name, outputs, inputs, spread)
        found[f"{name}.bias"] = np.zeros(outputs, np.float32)

    def norm(name: str) -> None:
        found[f"{name}.weight"] = np.ones(WIDTH, np.float32)
        found[f"{name}.bias"] = np.zeros(WIDTH, np.float32)

    matrix("tokens", VOCABULARY, WIDTH)
    matrix("positions", LENGTH, WIDTH)
    for layer in range(LAYERS):
        at = f"blocks.{layer}"
        norm(f"{at}.norm1")
        linear(f"{at}.qkv", WIDTH, 3 * WIDTH)
        linear(f"{at}.project", WIDTH, WIDTH, 0.01)
        norm(f"{at}.norm2")
        linear(f"{at}.widen", WIDTH, 4 * WIDTH)
        linear(f"{at}.narrow", 4 * WIDTH, WIDTH, 0.01)
    norm("norm")
    matrix("head", VOCABULARY, WIDTH)
    return found


def sequences() -> tuple[Tokens, Tokens]:
    """Return 64 sequences of an order-1 Markov chain, and each one's next tokens: (64, 64) both."""
    generator = np.random.Generator(np.random.PCG64(SEED + 1))
    successors = generator.integers(0, VOCABULARY, (VOCABULARY, SUCCESSORS))
    rows = BATCHES * BATCH
    chain = np.empty((rows, LENGTH + 1), np.int32)
    chain[:, 0] = generator.integers(0, VOCABULARY, rows)
    for at in range(LENGTH):
        chosen = generator.integers(0, SUCCESSORS, rows)
        chain[:, at + 1] = successors[chain[:, at], chosen]
    return chain[:, :-1], chain[:, 1:]


class Block(nn.Module):
    """Attention, then two linear layers, each behind a norm and added to what came."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.project = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.widen, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: nn.Tensor) -> nn.Tensor:
        """(batch, length, width) -> the same."""
        batch, length, width = x.shape
        parts = self.qkv(self.norm1(x)).split(width, -1)
        heads = (
            part.reshape(batch, length, HEADS, width // HEADS).permute(0, 2, 1, 3) for part in parts
        )
        mixed = nn.attention(*heads, causal=True)  # (batch, heads, length, width / heads)
        x = x + self.project(mixed.permute(0, 2, 1, 3).reshape(batch, length, width))
        return x + self.narrow(nn.gelu(self.widen(self.norm2(x)), "tanh"))


class GPT(nn.Module):
    """Tokens in, the next token's logits out."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)

    def forward(self, x: nn.Tensor) -> nn.Tensor:
        """(batch, length) int32 -> (batch, length, vocabulary)."""
        return self.head(self.norm(self.blocks(self.tokens(x) + self.positions.weight)))


class NextToken(nn.CrossEntropyLoss):
    """Cross-entropy, its mean over the positions of a row."""

    def rows(self, output: nn.Tensor, target: nn.Tensor) -> nn.Tensor:
        """(batch, length, vocabulary), (batch, length) -> (batch,)."""
        batch, length, classes = output.shape
        losses = super().rows(output.reshape(-1, classes), target.reshape(-1))
        return losses.reshape(batch, length).mean(1)


def program() -> nn.Program:
    """Return the workload as Delea trains it."""
    network = GPT()
    network.load_state_dict(weights())
    optimizer = nn.AdamW(LEARNING_RATE, weight_decay=DECAY, matrices_only=True)
    data = nn.Dataset(*sequences())
    return nn.Program(network, NextToken(), optimizer, data, batch=BATCH, infer_batch=BATCH)


def torch_step() -> Callable[[], float]:
    """Return one step of the same training in PyTorch."""
    import torch  # noqa: PLC0415 - only `make bench` installs it

    values = {name: torch.from_numpy(w).requires_grad_() for name, w in weights().items()}
    groups = [
        {"params": [p for p in values.values() if p.ndim >= 2], "weight_decay": DECAY},
        {"params": [p for p in values.values() if p.ndim < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE)
    pairs = [[torch.from_numpy(array).long() for array in p] for p in drawn(BATCH, *sequences())]
    batches = cycle(pairs)

    def step() -> float:
        x, y = next(batches)
        optimizer.zero_grad(set_to_none=True)
        logits = torch_logits(values, x).reshape(-1, VOCABULARY)
        loss = torch.nn.functional.cross_entropy(logits, y.reshape(-1))
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return loss.item()

    return step


def torch_logits(values: dict[str, Any], x: Any) -> Any:
    """Return PyTorch's logits: (batch, length) -> (batch, length, vocabulary)."""
    from torch.nn import functional as f  # noqa: PLC0415 - only `make bench` installs it

    def linear(name: str, h: Any) -> Any:
        return f.linear(h, values[f"{name}.weight"], values.get(f"{name}.bias"))

    def norm(name: str, h: Any) -> Any:
        return f.layer_norm(h, (WIDTH,), values[f"{name}.weight"], values[f"{name}.bias"])

    batch = len(x)
    h = values["tokens.weight"][x] + values["positions.weight"]
    for layer in range(LAYERS):
        at = f"blocks.{layer}"
        qkv = linear(f"{at}.qkv", norm(f"{at}.norm1", h)).view(batch, LENGTH, 3, HEADS, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mixed = f.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2)
        h = h + linear(f"{at}.project", mixed.reshape(batch, LENGTH, WIDTH))
        wide = f.gelu(linear(f"{at}.widen", norm(f"{at}.norm2", h)), approximate="tanh")
        h = h + linear(f"{at}.narrow", wide)
    return linear("head", norm("norm", h))
