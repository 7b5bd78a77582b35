"""What the attacks start from: a small legal module with pieces to replace, and its files.

The runtime's own tests give their module the same manifest and files.
"""

import struct
from dataclasses import dataclass

import wasmtime

from delea.artifact import (
    SECTION,
    Artifact,
    Field,
    Hyper,
    Manifest,
    Region,
    Regions,
    StateTensor,
    encode_dataset,
    encode_manifest,
    read_manifest,
)
from delea.artifact.wasm import Section, encode_u32, read_sections, read_u32, write_sections
from delea.runtime.layout import read_exports

SEED = bytes(32)
MANIFEST = Manifest(
    abi=1,
    regions=Regions(
        state=Region(1024, 56),
        dataset=Region(2048, 8 + 16 * 8),
        input=Region(4096, 8 * 4),
        output=Region(5120, 8 * 4),
        scratch=Region(6144, 1024),
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
COUNT = "(i64.store (i32.const 1056) (i64.add (i64.load (i32.const 1056)) (i64.const 1)))"


@dataclass(frozen=True, slots=True)
class Pieces:
    """The module's text, piece by piece: functions 0 to 4, then `more`, from function 5 on."""

    memory: str = '(memory (export "memory") 1 1)'
    seed: str = """(func (export "seed") (param i64 i64 i64 i64)
      (i64.store (i32.const 1024) (local.get 0)) (i64.store (i32.const 1032) (local.get 1))
      (i64.store (i32.const 1040) (local.get 2)) (i64.store (i32.const 1048) (local.get 3)))"""
    step: str = f"{COUNT} (f32.load (i32.const 1064))"
    infer: str = "(f32.store (i32.const 5120) (f32.load (i32.const 1064)))"
    evaluate: str = "(f32.load (i32.const 1064))"
    more: str = ""


def module(pieces: Pieces, manifest: bytes | None = None) -> bytes:
    """Return the module of these pieces, with the manifest's bytes."""
    text = f"""(module {pieces.memory} (global (export "delea_abi") i32 (i32.const 1))
      {pieces.seed}
      (func (export "train_step") (result f32) {pieces.step})
      (func (export "infer") (param i32) {pieces.infer})
      (func (export "evaluate") (result f32) {pieces.evaluate})
      (func (export "is_finite") (result i32) (i32.const 1))
      {pieces.more})"""
    return assemble(text, encode_manifest(MANIFEST) if manifest is None else manifest)


def assemble(text: str, manifest: bytes | None) -> bytes:
    """Return the module of this text, with the manifest's bytes if there are some."""
    sections = [s for s in read_sections(bytes(wasmtime.wat2wasm(text))) if s.name != "name"]
    if manifest is not None:
        sections.append(Section(0, SECTION, manifest))
    return write_sections(sections)


def artifact(pieces: Pieces | None = None) -> Artifact:
    """Return the module with a state and a dataset that fit it."""
    records = struct.pack("<6f", 3.0, 0.0, 1.0, 0.0, 2.0, 0.0)
    return Artifact(
        module=module(pieces or Pieces()),
        genesis=bytes(40) + struct.pack("<4f", 1.0, 2.0, 3.0, 4.0),
        dataset=encode_dataset(records, train_rows=2, test_rows=1),
    )


def swap_section(module: bytes, number: int, body: bytes) -> bytes:
    """Return the module with another body in its section of that number."""
    return write_sections(
        [Section(s.id, s.name, body) if s.id == number else s for s in read_sections(module)]
    )


def swap_code(module: bytes, index: int, body: bytes) -> bytes:
    """Return the module with another body of its function of that index."""
    code = next(s.body for s in read_sections(module) if s.id == 10)
    count, at = read_u32(code, 0)
    out = encode_u32(count)
    for number in range(count):
        size, start = read_u32(code, at)
        at = start + size
        new = body if number == index else code[start:at]
        out += encode_u32(len(new)) + new
    return swap_section(module, 10, out)


def show_nan(module: bytes) -> bytes:
    """Return an honest module whose `infer` answers with the bits of a NaN, as a number.

    Which bits 0 / 0 has is left to each engine; every rule of structure is kept.
    """
    exports = read_exports(next(s.body for s in read_sections(module) if s.id == 7))
    output = read_manifest(module).regions.output.offset
    zero = "43 00000000"
    bits = f"{zero} {zero} 95 bc b3"  # 0 / 0, its bits, those as a number
    body = bytes.fromhex(f"00 41 {encode_s32(output).hex()} {bits} 38 02 00 0b")
    return swap_code(module, exports["infer"][1], body)


def encode_s32(value: int) -> bytes:
    """Return a number of at least 0 as the shortest signed LEB128."""
    shortest = encode_u32(value)
    if shortest[-1] < 0x40:
        return shortest
    return shortest[:-1] + bytes([shortest[-1] | 0x80, 0])
