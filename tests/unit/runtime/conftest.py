"""A tiny module that really trains, built from text, and its pieces to break one by one.

Its manifest, its files and its `seed` are those of the module that the attacks start from.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from delea.artifact import Manifest, encode_manifest
from delea.artifact.wasm import encode_u32, read_sections

_PATH = Path(__file__).parents[3] / "attacks" / "victim.py"
_spec = importlib.util.spec_from_file_location("attacks_victim", _PATH)
victim = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(victim)
LEGAL = victim.Pieces()

# State at 1024: seed 32, step 8, w (4 x f32) at 1064. Scratch at 6144.

# loss = sum(w * w) of before; w -= 0.1 * w; step += 1
STEP = """(func (export "train_step") (result f32) (local v128 v128)
  (local.set 0 (v128.load (i32.const 1064)))
  (local.set 1 (f32x4.mul (local.get 0) (local.get 0)))
  (v128.store (i32.const 1064)
    (f32x4.sub (local.get 0) (f32x4.mul (f32x4.splat (f32.const 0.1)) (local.get 0))))
  (i64.store (i32.const 1056) (i64.add (i64.load (i32.const 1056)) (i64.const 1)))
  (f32.add
    (f32.add (f32x4.extract_lane 0 (local.get 1)) (f32x4.extract_lane 1 (local.get 1)))
    (f32.add (f32x4.extract_lane 2 (local.get 1)) (f32x4.extract_lane 3 (local.get 1)))))"""
# output row = w[0] * input row
INFER = """(func (export "infer") (param i32) (local i32)
  (loop
    (f32.store offset=5120 (i32.shl (local.get 1) (i32.const 2))
      (f32.mul (f32.load (i32.const 1064))
        (f32.load offset=4096 (i32.shl (local.get 1) (i32.const 2)))))
    (local.set 1 (i32.add (local.get 1) (i32.const 1)))
    (br_if 0 (i32.lt_u (local.get 1) (local.get 0)))))"""
# loss = w[0] * (input of row 0)
EVALUATE = """(func (export "evaluate") (result f32)
  (f32.mul (f32.load (i32.const 1064)) (f32.load (i32.const 2056))))"""
IS_FINITE = """(func (export "is_finite") (result i32)
  (f32.eq (f32.sub (f32.load (i32.const 1064)) (f32.load (i32.const 1064))) (f32.const 0)))"""
PIECES = {
    "memory": LEGAL.memory,
    "abi": '(global (export "delea_abi") i32 (i32.const 1))',
    "seed": LEGAL.seed,
    "train_step": STEP,
    "infer": INFER,
    "evaluate": EVALUATE,
    "is_finite": IS_FINITE,
    "more": "",
}


@dataclass(frozen=True, slots=True)
class Toy:
    """The tiny module with inputs that fit it."""

    module: bytes
    state: bytes
    dataset: bytes
    seed: bytes


def build_module(manifest: Manifest | None = victim.MANIFEST, **pieces: str) -> bytes:
    """Return the tiny module with some of its pieces replaced, and its manifest."""
    text = f"(module {' '.join({**PIECES, **pieces}.values())})"
    return victim.assemble(text, None if manifest is None else encode_manifest(manifest))


@pytest.fixture(scope="session")
def build() -> Callable[..., bytes]:
    return build_module


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    return victim.MANIFEST


@pytest.fixture(scope="session")
def toy() -> Toy:
    files = victim.artifact()
    return Toy(build_module(), files.genesis, files.dataset, seed=bytes(range(32)))


def add_function(module: bytes, body: bytes) -> bytes:
    """Return the module with one more function, of the last one's type, with this body."""
    parts = {s.id: s.body for s in read_sections(module)}
    count = bytes([parts[10][0] + 1])
    module = victim.swap_section(module, 3, count + parts[3][1:] + parts[3][-1:])
    return victim.swap_section(module, 10, count + parts[10][1:] + encode_u32(len(body)) + body)


@pytest.fixture(scope="session")
def swap() -> Callable[..., bytes]:
    return victim.swap_section


@pytest.fixture(scope="session")
def add_body() -> Callable[..., bytes]:
    return add_function
