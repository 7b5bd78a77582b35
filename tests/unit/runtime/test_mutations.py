"""Whatever bytes come, the checker accepts or refuses; what it accepts cannot harm the parent."""

import os
import random
import sys
from statistics import median
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delea import nn
from delea.artifact import Manifest
from delea.artifact.wasm import Section, read_sections, write_sections
from delea.compiler import build
from delea.errors import ArtifactError, DeleaError, PolicyError
from delea.runtime import Limits, Sandbox, check_module

REFUSED = (PolicyError, ArtifactError)
FUZZ = bool(os.environ.get("DELEA_FUZZ"))
ROUNDS = 60_000 if FUZZ else 3000
SEED = random.randrange(1 << 32) if FUZZ else 20240229  # a long run looks elsewhere each time
# Bytes that mean something somewhere: opcodes, types, LEB128 edges.
TELLING = bytes.fromhex(
    "00 01 02 03 04 05 0b 0c 0e 10 11 1f 20 40 41 60 70 7b 7f 80 d0 fc fd fe ff"
)


def mutate(data, dice):
    """Return `data` with one to three bytes changed, put in, taken out, or copied about."""
    data = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        if not data:
            data = bytearray(1)
        at = dice.randrange(len(data))
        byte = dice.choice(
            (dice.randrange(256), dice.choice(TELLING), data[at] ^ 1 << dice.randrange(8))
        )
        match dice.randrange(5):
            case 0 | 1:
                data[at] = byte
            case 2:
                data.insert(at, byte)
            case 3:
                del data[at : at + dice.randint(1, 4)]
            case 4:
                start = dice.randrange(len(data))
                data[at:at] = data[start : start + dice.randint(1, 40)]
    return bytes(data)


def mutate_inside(module, dice):
    """Mutate the body of one section and write its length again: what gets past the outer layer."""
    parts = list(read_sections(module))
    at = dice.choice([at for at, part in enumerate(parts) if part.body])
    part = parts[at]
    parts[at] = Section(part.id, part.name, mutate(part.body, dice))
    return write_sections(parts)


def judge(module):
    """Return the manifest or None if refused; anything else is a fault of the checker."""
    try:
        manifest = check_module(module)
    except REFUSED as caught:
        fault = caught
    else:
        assert isinstance(manifest, Manifest)
        return manifest
    assert "\n" not in str(fault)
    return None


@pytest.fixture(scope="module")
def compiled():
    """A module of ours with dozens of functions."""
    rows = np.ones((8, 4), np.float32)
    network = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 4))
    data = nn.Dataset(rows, rows)
    return build(nn.Program(network, nn.MSELoss(), nn.Adam(1e-3), data)).module


def test_mutated_modules_are_judged_quickly_and_nothing_else_happens(toy, compiled):
    dice = random.Random(SEED)
    ms = []
    accepted = 0
    for _ in range(ROUNDS):
        for original in (toy.module, compiled):
            module = dice.choice((mutate, mutate_inside))(original, dice)
            started = process_time()
            accepted += judge(module) is not None
            ms.append(1e3 * (process_time() - started))
    sys.stdout.write(
        f"\n{len(ms)} mutated modules (seed {SEED}), {accepted} accepted, none crashed the check:"
        f" median {median(ms):.2f} ms, longest {max(ms):.1f} ms\n"
    )
    assert 0.01 < accepted / len(ms) < 0.7
    assert median(ms) < 5
    assert max(ms) < (100 if FUZZ else 1000)  # of CPU


@given(st.binary(max_size=400))
def test_any_bytes_are_refused(data):
    for prefix in (b"", b"\0asm\x01\0\0\0"):
        with pytest.raises(REFUSED):
            check_module(prefix + data)


@given(st.data())
@settings(max_examples=300)
def test_any_section_body_is_judged(toy, data):
    parts = list(read_sections(toy.module))
    at = data.draw(st.integers(0, len(parts) - 1))
    body = data.draw(st.binary(max_size=60))
    parts[at] = Section(parts[at].id, parts[at].name, body)
    judge(write_sections(parts))


def test_what_is_accepted_runs_or_ends_as_one_of_our_errors(toy):
    dice = random.Random(7)
    limits = Limits(seconds=2, step_seconds=0.2)
    tried = ran = 0
    told = []
    while tried < 25:
        module = mutate_inside(toy.module, dice)
        if module == toy.module or judge(module) is None:
            continue
        tried += 1
        try:
            with Sandbox(module, limits=limits) as sandbox:
                sandbox.load_dataset(toy.dataset)
                sandbox.train(toy.state, toy.seed, 3)
                sandbox.evaluate(toy.state)
                sandbox.infer(toy.state, bytes(4 * 20))
                ran += 1
        except DeleaError as fault:
            told.append(str(fault))
    assert ran > 1
    assert not any("\n" in line for line in told)
