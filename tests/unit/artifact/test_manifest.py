"""The manifest: one encoding, read strictly; anything else is refused in one line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delea.artifact import SECTION, decode, encode, encode_manifest, parse_manifest, read_manifest
from delea.artifact.wasm import Section, write_sections
from delea.errors import MalformedError

fuzzed = settings(settings.get_profile("artifact"))
LINE = r"\A[^\n]{1,400}\Z"


def put(*path_and_value):
    """A change of one place in a plain manifest."""
    *path, last, value = path_and_value

    def change(raw):
        for key in path:
            raw = raw[key]
        raw[last] = value

    return change


def test_a_manifest_reads_back_as_it_was_written(manifest):
    assert parse_manifest(encode_manifest(manifest)) == manifest


def test_a_module_s_manifest_is_in_its_section(manifest):
    module = write_sections([Section(0, SECTION, encode_manifest(manifest))])
    assert read_manifest(module) == manifest


def test_a_record_is_an_input_and_a_target(manifest):
    assert manifest.record_bytes == 12


def test_the_optimizer_s_memory_is_not_counted_as_parameters(manifest):
    assert manifest.parameter_count == 4


WRONG = {
    "another abi": put("abi", 2),
    "an abi that is true": put("abi", bool(1)),
    "a missing field": lambda raw: raw.pop("loss"),
    "a field too many": put("more", 1),
    "a region too many": put("regions", "more", {"offset": 0, "length": 0}),
    "a missing region": lambda raw: raw["regions"].pop("input"),
    "a negative offset": put("regions", "input", "offset", -1),
    "a huge offset": put("regions", "input", "offset", 2**63),
    "an offset beyond the memory": put("regions", "scratch", "offset", 2**32),
    "a float offset": put("regions", "input", "offset", 512.0),
    "a text offset": put("regions", "input", "offset", "512"),
    "a region that overlaps": put("regions", "input", "offset", 130),
    "a region inside another": put("regions", "scratch", {"offset": 140, "length": 4}),
    "a state too short": put("regions", "state", "length", 56),
    "a dataset too long": put("regions", "dataset", "length", 129),
    "an input too short": put("regions", "input", "length", 31),
    "an output too long": put("regions", "output", "length", 17),
    "tensors that are no list": put("tensors", {}),
    "a tensor that is a text": put("tensors", ["w"]),
    "a tensor with a hole before it": put("tensors", 1, "offset", 60),
    "a tensor twice": put("tensors", 1, "name", "fc.weight"),
    "a tensor without a name": put("tensors", 0, "name", ""),
    "a tensor with a long name": put("tensors", 0, "name", "x" * 257),
    "a tensor with a name of two lines": put("tensors", 0, "name", "a\nb"),
    "a tensor of doubles": put("tensors", 0, "dtype", "f64"),
    "a tensor of a list of types": put("tensors", 0, "dtype", ["f32"]),
    "a tensor without elements": put("tensors", 0, "shape", [0, 2]),
    "a tensor of negative size": put("tensors", 0, "shape", [-2, -2]),
    "a tensor of 17 axes": put("tensors", 0, "shape", [4] + [1] * 16),
    "a shape that is a number": put("tensors", 0, "shape", 4),
    "an input of no type": put("input", "dtype", None),
    "an input of more": put("input", "more", 1),
    "no batch": put("batch", 0),
    "no inference": put("infer_batch", 0),
    "no rows": put("max_rows", 0),
    "rows beyond the region": put("max_rows", 11),
    "no steps": put("steps_per_update", 0),
    "a huge number of steps": put("steps_per_update", 2**60),
    "no loss": put("loss", ""),
    "a loss that is a number": put("loss", 3),
    "numbers that are integers": put("optimizer", "numbers", [["lr", 1]]),
    "numbers that are a table": put("optimizer", "numbers", {"lr": 0.1}),
    "a number of three parts": put("optimizer", "numbers", [["lr", 0.1, 0.2]]),
    "a number without a name": put("optimizer", "numbers", [[0.1, 0.1]]),
    "an optimizer without a name": put("optimizer", "name", ""),
    "flops below zero": put("flops_per_step", -1),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_manifest_that_is_wrong_is_refused(manifest, name):
    raw = decode(encode_manifest(manifest))
    WRONG[name](raw)
    with pytest.raises(MalformedError, match=LINE):
        parse_manifest(encode(raw))


@pytest.mark.parametrize("value", [None, 1, "", [], {}, [[]], {"a": 1}, b"x"])
def test_another_value_is_refused(value):
    with pytest.raises(MalformedError, match=LINE):
        parse_manifest(encode(value))


@fuzzed
@given(data=st.data())
def test_a_mutated_manifest_is_refused_or_means_what_its_bytes_say(manifest, data):
    body = bytearray(encode_manifest(manifest))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = parse_manifest(bytes(body))
    except MalformedError as refused:
        if "\n" in str(refused):
            raise
    else:
        assert encode_manifest(found) == bytes(body)


@fuzzed
@given(data=st.binary(max_size=200))
def test_any_bytes_are_refused_in_one_line(data):
    with pytest.raises(MalformedError, match=LINE):
        parse_manifest(data)
