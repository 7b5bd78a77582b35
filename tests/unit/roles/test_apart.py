"""What a child finds out comes back as it is, its faults too; its limits: see the audit's."""

import os
import posixpath
import re
import signal
from pathlib import Path

import pytest

from delea.errors import MalformedError, SandboxError
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


@pytest.fixture
def endless():
    """Ask for what takes for ever, and see that no child is left when that has ended."""

    def asked(limits: ChildLimits) -> None:
        before = _children()
        try:
            ask(re.fullmatch, b"(a|a)+b", b"a" * 64, what="an end", limits=limits)
        finally:
            assert _children() == before

    return asked


def _children() -> str:
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()


def test_a_child_that_takes_too_long_is_ended(endless):
    with pytest.raises(SandboxError, match=r"^an end within 0\.5 s expected$"):
        endless(ChildLimits(seconds=0.5))


def test_an_interrupt_leaves_no_child(endless):
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(KeyboardInterrupt):
            endless(LIMITS)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
