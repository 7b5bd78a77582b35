"""A small GPT learns a short text by its characters, then writes on by itself.

The text, about the project, lies beside this file. The loss is in nats per character.
"""

from collections import Counter
from math import log
from pathlib import Path

import numpy as np

from delea import nn, runtime
from delea.compiler import build

LAYERS, WIDTH, HEADS, LENGTH, BATCH, STEPS = 2, 64, 4, 32, 16, 500
text = Path(__file__).with_name("delea.txt").read_text(encoding="utf-8").replace("\n", " ")
letters = sorted(set(text))
tokens = np.array([letters.index(letter) for letter in text], np.uint8)
starts = np.arange(0, len(tokens) - LENGTH - 1, 3)
rows = np.stack([tokens[start : start + LENGTH + 1] for start in starts])


class Block(nn.Module):
    """Attention, then a layer for each position, both added to what was there."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.attention = nn.CausalSelfAttention(WIDTH, HEADS)
        self.norm2 = nn.LayerNorm(WIDTH)
        self.widen = nn.Linear(WIDTH, 4 * WIDTH)
        self.narrow = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: nn.Tensor) -> nn.Tensor:
        """(batch, length, width) -> the same."""
        x = x + self.attention(self.norm1(x))
        return x + self.narrow(nn.gelu(self.widen(self.norm2(x)), "tanh"))


class GPT(nn.Module):
    """Tokens and their places, some blocks, and a guess of the next token at each place."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(len(letters), WIDTH)
        self.places = nn.Parameter((LENGTH, WIDTH), bound=0.1)
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, len(letters), bias=False)

    def forward(self, x: nn.Tensor) -> nn.Tensor:
        """(batch, length) uint8 -> (batch, length, letters)."""
        return self.head(self.norm(self.blocks(self.tokens(x) + self.places)))


program = nn.Program(
    network=GPT(),
    loss=nn.CrossEntropyLoss(),
    optimizer=nn.AdamW(
        nn.CosineWarmup(3e-3, warmup=20, total=STEPS),
        weight_decay=0.1,
        matrices_only=True,
        clip_norm=1.0,
    ),
    data=nn.Dataset(rows[:, :-1], rows[:, 1:].astype(np.int32)),
    batch=BATCH,
    infer_batch=1,
)


def entropy() -> float:
    """Return the loss of the best guess that looks at no other letter, in nats."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * log(share) for share in shares)


def write(module: bytes, state: bytes, beginning: str, count: int) -> str:
    """Return `beginning` and `count` letters more, drawn as likely as the model says."""
    source = np.random.default_rng(0)
    line = [letters.index(letter) for letter in beginning]
    with runtime.Sandbox(module) as sandbox:
        for _ in range(count):
            seen = line[-LENGTH:]
            row = np.array(seen + [0] * (LENGTH - len(seen)), np.uint8)
            logits = np.frombuffer(sandbox.infer(state, row.tobytes()), "<f4")
            last = logits.reshape(LENGTH, -1)[len(seen) - 1].astype(np.float64)
            chances = np.exp((last - last.max()) / 0.7)
            line.append(int(source.choice(len(letters), p=chances / chances.sum())))
    return "".join(letters[token] for token in line)


def main() -> None:
    """Train, measure, write."""
    artifact = build(program)
    work = (artifact.module, artifact.dataset, artifact.genesis, bytes(32), STEPS)
    trained = runtime.train(*work)
    loss = float(np.mean(trained.losses[-20:]))
    print(f"loss {trained.losses[0]:.4f} -> {loss:.4f}, letters alone {entropy():.4f}")
    print(write(artifact.module, trained.state, "The model ", 200))


if __name__ == "__main__":
    main()
