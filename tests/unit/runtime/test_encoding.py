"""A module has one encoding: whatever is cut, doubled, misplaced or overlong is refused."""

from dataclasses import replace

import pytest

from delea.artifact import SECTION, encode_manifest
from delea.artifact.wasm import Section, read_sections, write_sections
from delea.errors import ArtifactError, MalformedError, PolicyError
from delea.runtime import check_module

REFUSED = (PolicyError, ArtifactError)


def test_a_legal_body_may_be_added(toy, manifest, add_body):
    assert check_module(add_body(toy.module, b"\0\1\0\x0b")) == manifest


def test_text_instead_of_a_binary_is_refused():
    with pytest.raises(MalformedError, match="starts with"):
        check_module(b"(module)")


def test_another_version_of_wasm_is_refused(toy):
    with pytest.raises(MalformedError, match="starts with"):
        check_module(b"\0asm\x02\0\0\0" + toy.module[8:])


def test_every_truncation_is_refused(toy):
    for length in range(len(toy.module)):
        with pytest.raises(REFUSED):
            check_module(toy.module[:length])


def test_every_appended_byte_is_refused(toy):
    for byte in range(256):
        with pytest.raises(REFUSED):
            check_module(toy.module + bytes([byte]))


def test_a_body_longer_than_what_is_left_is_refused(toy):
    parts = list(read_sections(toy.module))
    (code,) = (s for s in parts if s.id == 10)
    body = code.body[:1] + b"\xff\x7f" + code.body[2:]  # the first function's size
    wrong = [replace(code, body=body) if s is code else s for s in parts]
    left = len(body) - 3
    with pytest.raises(PolicyError, match=f"function 0: 16383 bytes expected, {left} are left"):
        check_module(write_sections(wrong))


def test_a_section_twice_is_refused(toy):
    for section in read_sections(toy.module):
        with pytest.raises(REFUSED):
            check_module(toy.module + write_sections([section])[8:])


def test_sections_out_of_order_are_refused(toy):
    parts = list(read_sections(toy.module))
    standard = [s for s in parts if s.id]
    for at in range(len(standard) - 1):
        wrong = [*standard[:at], standard[at + 1], standard[at], *standard[at + 2 :]]
        with pytest.raises(PolicyError, match="in order"):
            check_module(write_sections([*wrong, parts[-1]]))


def test_a_missing_section_is_refused(toy):
    parts = list(read_sections(toy.module))
    for missing in parts:
        with pytest.raises(PolicyError, match="expected, got none"):
            check_module(write_sections([s for s in parts if s is not missing]))


@pytest.mark.parametrize("number", [14, 63, 127, 255])
def test_an_unknown_section_is_refused(toy, number):
    with pytest.raises(PolicyError, match=f"section '{number}'"):
        check_module(toy.module + bytes([number, 0]))


@pytest.mark.parametrize("name", ["", "extra", "metadata.code.branch_hint", "a\nb", "\u202e"])
def test_an_unknown_custom_section_is_refused(toy, name):
    with pytest.raises(PolicyError, match="custom sections among") as refused:
        check_module(toy.module + write_sections([Section(0, name, b"")])[8:])
    assert "\n" not in str(refused.value)


def test_of_a_long_name_forty_letters_are_told(toy):
    with pytest.raises(PolicyError, match=f"got '{'x' * 40}'$"):
        check_module(toy.module + write_sections([Section(0, "x" * 41, b"")])[8:])


@pytest.mark.parametrize("name", ["name", "producers", "target_features", "delea.graph"])
def test_a_custom_section_counts_once_and_below_its_cap(toy, manifest, name):
    once = toy.module + write_sections([Section(0, name, b"x")])[8:]
    assert check_module(once) == manifest
    with pytest.raises(PolicyError, match="got two"):
        check_module(once + write_sections([Section(0, name, b"x")])[8:])
    with pytest.raises(PolicyError, match="at most"):
        check_module(toy.module + write_sections([Section(0, name, bytes(1 << 20) + b"x")])[8:])


def test_a_manifest_over_its_cap_is_refused(build):
    with pytest.raises(PolicyError, match="'delea' of at most 49152"):
        check_module(build(None) + write_sections([Section(0, SECTION, bytes(49153))])[8:])


def test_a_module_over_its_cap_is_refused(toy):
    with pytest.raises(PolicyError, match="at most 2097152 bytes"):
        check_module(toy.module + bytes(1 << 21))


def test_every_overlong_number_is_refused(toy, swap):
    for section in read_sections(toy.module):
        if section.id and section.body[0] < 0x7F:
            body = bytes([section.body[0] | 0x80, 0]) + section.body[1:]
            with pytest.raises(MalformedError, match="shortest form"):
                check_module(swap(toy.module, section.id, body))


@pytest.mark.parametrize(
    "code",
    ["20 80 00", "41 80 00", "41 ff 7f", "41 ff ff ff ff 4f", "42 80 00", "42 ff 7f",
     "20 ff ff ff ff 1f", "10 80 00", "0c 80 00", "0e 80 00 00", "28 02 80 00", "28 82 00 00",
     "fd 80 81 00", "fc 8a 00 00 00", "41 80 80 80 80 08", "42 " + "80 " * 9 + "02",
     "28 42 00 00", "fc 0a 00 01", "fc 0b 01", "3f 01", "fd 0d " + "20 " * 16, "fd 15 10"],
)  # fmt: skip
def test_an_instruction_in_another_form_than_the_one_legal_is_refused(toy, code, add_body):
    with pytest.raises(PolicyError, match="allowed instruction"):
        check_module(add_body(toy.module, b"\0" + bytes.fromhex(code) + b"\0\x0b"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "number expected"),
        (b"\x80", "number expected"),
        (b"\0", "got the end of the code"),
        (b"\1", "number expected"),
        (b"\1\1", "the type of a local"),
        (b"\1\1\x40\x0b", "number or vector"),
        (b"\0\1", "got the end of the code"),
        (b"\0\x0b\x0b", "its last end"),
        (b"\0\x0b\1", "its last end"),
        (b"\0\x10\6\x0b", "a call below 6"),
        (b"\0\x10\xff\xff\xff\xff\x0f\x0b", "a call below 6"),
        (b"\0\x0e\2\0\0", "a label expected"),
        (b"\0\x0e\xff\xff\xff\xff\x0f\0\x0b", "at most 256 labels"),
        (b"\1\xff\xff\xff\xff\x0f\x7f\x0b", "at most 512 locals"),
        (b"\xff\xff\xff\xff\x0f\x0b", "groups of locals"),
        (b"\1\0\x7f\x0b", "groups of at least one local"),
    ],
)
def test_a_body_that_is_cut_or_goes_on_is_refused(toy, body, words, add_body):
    with pytest.raises(REFUSED, match=words):
        check_module(add_body(toy.module, body))


def test_a_body_longer_than_its_section_is_refused(toy, swap):
    code = next(s for s in read_sections(toy.module) if s.id == 10).body
    with pytest.raises(PolicyError, match="are left"):
        check_module(swap(toy.module, 10, code[:1] + b"\x7f" + code[2:80]))


def test_a_manifest_with_trailing_bytes_is_refused(build, manifest):
    wrong = Section(0, SECTION, encode_manifest(manifest) + b"\0")
    with pytest.raises(MalformedError):
        check_module(build(None) + write_sections([wrong])[8:])


def test_a_name_twice_among_the_exports_is_refused(toy, swap):
    exports = next(s for s in read_sections(toy.module) if s.id == 7).body
    with pytest.raises(PolicyError, match="got two"):
        check_module(swap(toy.module, 7, bytes([exports[0] + 1]) + exports[1:] + b"\6memory\2\0"))


def test_an_export_of_an_unknown_index_is_refused(toy, swap):
    exports = next(s for s in read_sections(toy.module) if s.id == 7).body
    for name, count in ((b"memory", 1), (b"delea_abi", 1), (b"seed", 5)):
        at = exports.index(name) + len(name) + 1
        with pytest.raises(PolicyError, match="index below"):
            check_module(swap(toy.module, 7, exports[:at] + bytes([count]) + exports[at + 1 :]))


def test_fewer_bodies_than_functions_are_refused(toy, swap):
    functions = next(s for s in read_sections(toy.module) if s.id == 3).body
    with pytest.raises(PolicyError, match="6 function bodies"):
        check_module(swap(toy.module, 3, bytes([functions[0] + 1]) + functions[1:] + b"\0"))


def test_a_function_of_an_unknown_type_is_refused(toy, swap):
    functions = next(s for s in read_sections(toy.module) if s.id == 3).body
    with pytest.raises(PolicyError, match="a type below"):
        check_module(swap(toy.module, 3, functions[:-1] + b"\x30"))


def test_every_standard_section_is_read_to_its_end(toy, swap):
    for section in read_sections(toy.module):
        if section.id:
            with pytest.raises(REFUSED, match=r"fill their section|its last end"):
                check_module(swap(toy.module, section.id, section.body + b"\0"))


@pytest.mark.parametrize(
    ("number", "body", "words"),
    [
        (1, b"\1\x60\2\x7f", "2 parameters expected, the section ends"),
        (3, b"\5\4\0\0\0\0", "a type below 4 expected, got 4"),
        (5, b"\0", "one memory expected, got none"),
        (6, b"\1\x7f\2\x41\1\x0b", "mutability 0 or 1"),
    ],
)
def test_a_section_that_says_what_cannot_be_is_refused(toy, swap, number, body, words):
    with pytest.raises(PolicyError, match=words):
        check_module(swap(toy.module, number, body))
