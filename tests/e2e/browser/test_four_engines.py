"""Networks of every kind give the reference's bits in wasmtime, in node and in a Chromium page."""

import os

import numpy as np
import pytest

from delea import nn
from delea.compiler import build

WORKLOADS = ("mlp", "cnn", "gpt")
STEPS = 25 if os.environ.get("DELEA_FUZZ") else 2


def numbers(*shape):
    return np.random.default_rng(3).uniform(-1, 1, shape).astype(np.float32)


def small_cnn():
    """Uneven sizes: a padded and a strided convolution, a pool that leaves a row out."""
    network = nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(5, 7, 2, stride=2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(28, 6),
    )
    data = nn.Dataset(numbers(13, 3, 9, 9), np.arange(13) % 6)
    return nn.Program(network, nn.CrossEntropyLoss(), nn.Adam(1e-2), data, batch=5, infer_batch=3)


class SmallGPT(nn.Module):
    """One block of odd sizes: 11 tokens, 5 positions, 3 heads of 3."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(11, 9)
        self.norm = nn.LayerNorm(9)
        self.qkv, self.out, self.head = nn.Linear(9, 27), nn.Linear(9, 9), nn.Linear(45, 11)

    def forward(self, x):
        x = self.tokens(x)
        batch, length, width = x.shape
        parts = self.qkv(self.norm(x)).split(width, -1)
        heads = (part.reshape(batch, length, 3, 3).permute(0, 2, 1, 3) for part in parts)
        mixed = nn.attention(*heads, causal=True).permute(0, 2, 1, 3)
        x = x + nn.gelu(self.out(mixed.reshape(batch, length, width)), "tanh")
        return self.head(x.flatten(1))


def small_gpt():
    tokens = np.arange(7 * 5).reshape(7, 5) * 3 % 11
    data = nn.Dataset(tokens, np.arange(7) * 5 % 11)
    optimizer = nn.AdamW(1e-2, weight_decay=0.1, matrices_only=True)
    return nn.Program(SmallGPT(), nn.CrossEntropyLoss(), optimizer, data, batch=3, infer_batch=2)


SMALL = {"small CNN": small_cnn, "small GPT": small_gpt}


@pytest.fixture
def check(engines, case_of, differences):
    """Train a program in every engine, evaluate it and infer from its first rows."""

    def run(program, steps, rows):
        kind, _ = program.data.field("inputs")
        inputs = program.data.inputs[:rows].astype({"f32": "<f4", "i32": "<i4"}[kind]).tobytes()
        cases = [case_of(build(program), steps, inputs)]
        assert differences({name: engine(cases)[0] for name, engine in engines.items()}) == []

    return run


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_benchmarks_are_bit_exact_in_four_engines(bench, check, name):
    check(bench("workloads").WORKLOADS[name].program(), steps=STEPS, rows=2)


@pytest.mark.parametrize("name", SMALL)
def test_uneven_networks_are_bit_exact_in_four_engines(check, name):
    check(SMALL[name](), steps=9, rows=7)


def test_a_page_refuses_what_does_not_fit_in_one_line(browser, tmp_path):
    (tmp_path / "module").write_bytes(b"not a module")
    job = {"paths": {"module": str(tmp_path / "module")}, "steps": 1, "seed": "00" * 32}
    with pytest.raises(SystemExit, match=r"\Abench: the Chromium driver failed: [^\n]+\Z"):
        browser.run("/drivers/page.mjs", job)


def test_without_chromium_the_command_that_installs_it_is_named(bench, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DELEA_CHROMIUM", raising=False)
    with pytest.raises(SystemExit) as refused:
        bench("engines.chromium").find_chromium()
    assert str(refused.value) == (
        "bench: chromium expected on PATH; run as root: "
        "apt-get install -y --no-install-recommends chromium"
    )
