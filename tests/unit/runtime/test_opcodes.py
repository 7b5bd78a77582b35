"""The grammar's instructions are the engine's, less those the rules name."""

import pytest
import wasmtime

from delea.artifact.wasm import Section, encode_u32, write_sections
from delea.runtime.child import configuration
from delea.runtime.opcodes import STEP

# `unreachable` makes any operands fit; behind the instruction stands one that cannot belong to it.
CONTROL = {0x02, 0x03, 0x04, 0x05, 0x0B, 0x0C, 0x0D, 0x0E, 0x10}
IMMEDIATES = [bytes(length) for length in (0, 1, 2, 3, 4, 8, 16)]
BEHIND = b"\x01\x00\x0b"
REFUSED = {b"\x40", b"\xd1"}  # memory.grow, ref.is_null: known to the engine, against the rules


@pytest.fixture(scope="module")
def engine():
    return wasmtime.Engine(configuration(wasmtime))


def engine_takes(engine, instruction):
    body = b"\x01\x01\x7f\x00" + instruction + BEHIND
    module = write_sections(
        [
            Section(1, "", b"\x01\x60\x00\x00"),
            Section(3, "", b"\x01\x00"),
            Section(5, "", b"\x01\x01\x01\x01"),
            Section(6, "", b"\x01\x7f\x01\x41\x00\x0b"),
            Section(10, "", b"\x01" + encode_u32(len(body)) + body),
        ]
    )
    try:
        wasmtime.Module.validate(engine, module)
    except wasmtime.WasmtimeError:
        return False
    return True


def grammar_takes(instruction):
    code = instruction + BEHIND
    match = STEP.match(code)
    return match.end() == len(code) and match.lastgroup == "end"


def disagreements(engine, opcodes):
    wrong = []
    for opcode in opcodes:
        takes = [engine_takes(engine, opcode + immediate) for immediate in IMMEDIATES]
        ours = [grammar_takes(opcode + immediate) for immediate in IMMEDIATES]
        if opcode in REFUSED:
            takes = [False] * len(takes)
        # Cut short, it swallows what stands behind it; only the engine sees that types differ.
        whole = takes.index(True) if any(takes) else 0
        if ours[whole:] != takes[whole:]:
            wrong.append((opcode.hex(), takes, ours))
    return wrong


def test_every_plain_instruction_is_the_engine_s(engine):
    heads = [bytes([n]) for n in range(0xFC) if n not in CONTROL]
    assert disagreements(engine, heads) == []


def test_every_prefixed_instruction_is_the_engine_s(engine):
    assert disagreements(engine, [b"\xfc" + encode_u32(n) for n in range(8)]) == []
    assert disagreements(engine, [b"\xfc" + encode_u32(n) for n in range(18, 300)]) == []


def test_of_bulk_memory_only_copy_and_fill_are_taken():
    taken = [
        n for n in range(8, 18) if any(grammar_takes(bytes([0xFC, n]) + i) for i in IMMEDIATES)
    ]
    assert taken == [10, 11]


def test_every_vector_instruction_is_the_engine_s(engine):
    assert disagreements(engine, [b"\xfd" + encode_u32(n) for n in range(600)]) == []


def test_a_prefix_that_is_not_allowed_takes_nothing():
    heads = [bytes([prefix]) + encode_u32(n) for prefix in (0xFB, 0xFE, 0xFF) for n in range(256)]
    assert not any(grammar_takes(head + immediate) for head in heads for immediate in IMMEDIATES)


@pytest.mark.parametrize(
    "value",
    [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2**31 - 1, -(2**31), 2**27 - 1, 2**27, -(2**27) - 1],
)
def test_a_constant_s_shortest_form_is_taken_and_a_longer_one_is_not(value):
    shortest = bytearray()
    rest = value
    while True:
        low, rest = rest & 0x7F, rest >> 7
        done = rest == (-1 if low & 0x40 else 0)
        shortest.append(low if done else low | 0x80)
        if done:
            break
    filler = 0x7F if value < 0 else 0
    longer = bytes([*shortest[:-1], shortest[-1] | 0x80, filler])
    for opcode in (b"\x41", b"\x42"):
        assert grammar_takes(opcode + bytes(shortest))
        assert not grammar_takes(opcode + longer)
