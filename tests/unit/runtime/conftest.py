"""A tiny module that really trains, built from text, and its pieces to break one by one."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import wasmtime

from delea.artifact import (
    SECTION,
    Field,
    Hyper,
    Manifest,
    Region,
    Regions,
    StateTensor,
    encode_dataset,
    encode_manifest,
)
from delea.artifact.wasm import Section, encode_u32, read_sections, write_sections

STATE, DATASET, INPUT, OUTPUT, SCRATCH = 1024, 2048, 4096, 5120, 6144
MANIFEST = Manifest(
    abi=1,
    regions=Regions(
        state=Region(STATE, 56),
        dataset=Region(DATASET, 8 + 16 * 8),
        input=Region(INPUT, 8 * 4),
        output=Region(OUTPUT, 8 * 4),
        scratch=Region(SCRATCH, 1024),
    ),
    tensors=(StateTensor("w", (4,), "f32", 40),),
    input=Field("f32", (1,)),
    target=Field("f32", (1,)),
    output=Field("f32", (1,)),
    batch=2,
    infer_batch=8,
    max_rows=16,
    steps_per_update=4,
    loss="mse",
    optimizer=Hyper("sgd", (("rate", 0.1),)),
    flops_per_step=8,
)

# State at 1024: seed 32, step 8, w (4 x f32) at 1064. Scratch at 6144.
SEED = """(func (export "seed") (param i64 i64 i64 i64)
  (i64.store (i32.const 1024) (local.get 0)) (i64.store (i32.const 1032) (local.get 1))
  (i64.store (i32.const 1040) (local.get 2)) (i64.store (i32.const 1048) (local.get 3)))"""
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
    "memory": '(memory (export "memory") 1 1)',
    "abi": '(global (export "delea_abi") i32 (i32.const 1))',
    "seed": SEED,
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


def build_module(manifest: Manifest | None = MANIFEST, **pieces: str) -> bytes:
    """Return the tiny module with some of its pieces replaced, and its manifest."""
    text = f"(module {' '.join({**PIECES, **pieces}.values())})"
    sections = [s for s in read_sections(bytes(wasmtime.wat2wasm(text))) if s.name != "name"]
    if manifest is not None:
        sections.append(Section(0, SECTION, encode_manifest(manifest)))
    return write_sections(sections)


@pytest.fixture(scope="session")
def build() -> Callable[..., bytes]:
    return build_module


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    return MANIFEST


@pytest.fixture(scope="session")
def toy() -> Toy:
    records = struct.pack("<6f", 3.0, 0.0, 1.0, 0.0, 2.0, 0.0)
    return Toy(
        module=build_module(),
        state=bytes(40) + struct.pack("<4f", 1.0, 2.0, 3.0, 4.0),
        dataset=encode_dataset(records, train_rows=2, test_rows=1),
        seed=bytes(range(32)),
    )


def swap_section(module: bytes, number: int, body: bytes) -> bytes:
    """Return the module with another body in its section of that number."""
    return write_sections(
        [Section(s.id, s.name, body) if s.id == number else s for s in read_sections(module)]
    )


def add_function(module: bytes, body: bytes) -> bytes:
    """Return the module with one more function, of the last one's type, with this body."""
    parts = {s.id: s.body for s in read_sections(module)}
    count = bytes([parts[10][0] + 1])
    module = swap_section(module, 3, count + parts[3][1:] + parts[3][-1:])
    return swap_section(module, 10, count + parts[10][1:] + encode_u32(len(body)) + body)


@pytest.fixture(scope="session")
def swap() -> Callable[..., bytes]:
    return swap_section


@pytest.fixture(scope="session")
def add_body() -> Callable[..., bytes]:
    return add_function
