"""Sections, datasets, states and digests: read strictly, and named by their defect."""

import hashlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delea.artifact import (
    check_state,
    digest,
    encode_dataset,
    read_dataset,
    seed_of,
    state_root,
    step_of,
    tensor_bytes,
)
from delea.artifact.wasm import (
    MAGIC,
    Section,
    custom_section,
    encode_u32,
    read_sections,
    read_u32,
    write_sections,
)
from delea.errors import DatasetError, MalformedError

fuzzed = settings(settings.get_profile("artifact"))
LINE = r"\A[^\n]{1,400}\Z"


@pytest.mark.parametrize(
    ("value", "digits"),
    [(0, "00"), (127, "7f"), (128, "8001"), (624485, "e58e26"), (2**32 - 1, "ffffffff0f")],
)
def test_a_number_has_its_shortest_leb128(value, digits):
    assert encode_u32(value).hex() == digits
    assert read_u32(bytes.fromhex(digits), 0) == (value, len(digits) // 2)


@pytest.mark.parametrize(
    "digits", ["", "80", "8000", "ff00", "8080808000", "ffffffff1f", "ffffffff8f00", "808080808000"]
)
def test_an_overlong_or_cut_number_is_refused(digits):
    with pytest.raises(MalformedError, match=LINE):
        read_u32(bytes.fromhex(digits), 0)


def test_sections_read_back_as_they_were_written():
    sections = [Section(1, "", b"abc"), Section(0, "nämé", b""), Section(10, "", b"x" * 300)]
    assert list(read_sections(write_sections(sections))) == sections


@pytest.mark.parametrize(
    "module",
    [
        b"",
        b"\0asm",
        b"(module)",
        b"\0asm\x02\0\0\0",
        MAGIC + b"\x01",
        MAGIC + b"\x01\x05abc",
        MAGIC + b"\x00\x01\x05",
        MAGIC + b"\x00\x03\x02\xff\xfe",
        MAGIC + b"\x00\x00",
    ],
)
def test_a_module_that_is_cut_or_none_at_all_is_refused(module):
    with pytest.raises(MalformedError, match=LINE):
        list(read_sections(module))


def test_a_custom_section_is_found_by_its_name():
    module = write_sections([Section(0, "a", b"1"), Section(0, "b", b"2")])
    assert custom_section(module, "b") == b"2"


@pytest.mark.parametrize("count", [0, 2])
def test_a_section_that_is_missing_or_there_twice_is_refused(count):
    module = write_sections([Section(0, "delea", b"")] * count)
    with pytest.raises(MalformedError, match=f"one custom section 'delea' expected, got {count}"):
        custom_section(module, "delea")


@fuzzed
@given(data=st.binary(max_size=80))
def test_any_bytes_behind_the_magic_are_refused_or_are_sections(data):
    try:
        sections = list(read_sections(MAGIC + data))
    except MalformedError as refused:
        if "\n" in str(refused):
            raise
    else:
        assert write_sections(sections) == MAGIC + data


def test_a_dataset_file_begins_with_its_two_counts(manifest):
    file = encode_dataset(bytes(36), train_rows=2, test_rows=1)
    assert file == struct.pack("<II", 2, 1) + bytes(36)
    info = read_dataset(file, manifest)
    assert (info.train_rows, info.test_rows, info.rows) == (2, 1, 3)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (b"", "at least 8 bytes expected, got 0"),
        (bytes(7), "at least 8 bytes expected, got 7"),
        (struct.pack("<II", 0, 1) + bytes(12), "at least one train row"),
        (struct.pack("<II", 11, 0) + bytes(132), "at most 10 rows expected, got 11"),
        (struct.pack("<II", 2**32 - 1, 2**32 - 1), "at most 10 rows expected, got 8589934590"),
        (struct.pack("<II", 1, 1) + bytes(23), "make 32 bytes, got 31"),
        (struct.pack("<II", 1, 1) + bytes(25), "make 32 bytes, got 33"),
    ],
)
def test_a_dataset_that_does_not_fit_is_refused(manifest, file, message):
    with pytest.raises(DatasetError, match=message):
        read_dataset(file, manifest)


STATE = bytes(range(32)) + struct.pack("<Q", 7) + struct.pack("<5f", 1, 2, 3, 4, 5)


def test_a_state_is_a_seed_a_counter_and_tensors(manifest):
    check_state(STATE, manifest)
    assert seed_of(STATE) == bytes(range(32))
    assert step_of(STATE) == 7
    assert struct.unpack("<4f", tensor_bytes(STATE, manifest, "fc.weight")) == (1, 2, 3, 4)
    assert struct.unpack("<f", tensor_bytes(STATE, manifest, "optimizer.power")) == (5,)


@pytest.mark.parametrize("length", [0, 59, 61])
def test_a_state_of_another_length_is_refused(manifest, length):
    with pytest.raises(MalformedError, match=f"60 bytes expected, got {length}"):
        check_state(bytes(length), manifest)


def test_an_unknown_tensor_is_refused(manifest):
    with pytest.raises(MalformedError, match=r"unknown name 'fc\.bias'"):
        tensor_bytes(STATE, manifest, "fc.bias")


def test_the_digest_is_sha256():
    assert digest(b"abc").hex() == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert state_root(b"").hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_the_root_of_one_leaf_is_that_leaf():
    assert state_root(b"x" * 1024) == leaf(b"x" * 1024)


def test_the_root_of_five_leaves_is_rfc_6962_s_tree():
    state = bytes(i % 251 for i in range(4 * 1024 + 1))
    a, b, c, d, e = (leaf(state[at : at + 1024]) for at in range(0, len(state), 1024))
    assert state_root(state) == node(node(node(a, b), node(c, d)), e)


def test_the_root_of_seven_leaves_is_rfc_6962_s_tree():
    state = bytes(i % 253 for i in range(7 * 1024))
    a, b, c, d, e, f, g = (leaf(state[at : at + 1024]) for at in range(0, len(state), 1024))
    left = node(node(a, b), node(c, d))
    assert state_root(state) == node(left, node(node(e, f), g))
