"""What a child finds out comes back as it is, its faults too; its limits: see the audit's."""

import posixpath

import pytest

from delea.errors import MalformedError
from delea.roles.apart import ChildLimits, ask
from delea.roles.auditing import answer

LIMITS = ChildLimits()


@pytest.mark.parametrize(
    ("asked", "given"),
    [(b"a/b", [b"a", b"b"]), (b"b", [b"", b"b"]), (b"/" + b"b" * (1 << 22), None)],
    ids=["short", "empty", "long"],
)
def test_bytes_go_and_come_as_they_are(asked, given):
    found = ask(posixpath.split, asked, what="splitting", limits=LIMITS)
    assert found == ([asked[:1], asked[1:]] if given is None else given)


def test_a_fault_comes_back_with_its_type_and_text():
    with pytest.raises(MalformedError, match=r"^a Wasm binary starts with "):
        ask(answer, b"(module)", what="an audit", limits=LIMITS)
