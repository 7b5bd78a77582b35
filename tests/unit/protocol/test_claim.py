"""A claim is read off two versions, and judged by where a re-run ends."""

from dataclasses import replace

import pytest

from delea.protocol.claim import (
    NO_STATE,
    Claim,
    Refuted,
    Upheld,
    claim_of,
    judge,
    judge_diverged,
    sealed_root,
)
from delea.protocol.version import Status, Version

SEALED = "91f926d41597b85f36b6f264b2df2ae5cbe86185c21808e89ec393da4718ec4d"  # by sha256sum
CLAIM = Claim(version=2, before=b"b" * 32, after=b"a" * 32, seed=b"s" * 32, steps=30)
PARENT = Version(
    id=1,
    parent=0,
    root=bytes.fromhex("0e6fa7aca3dd0c1ba5f4b8cb04a03d1b8bd6e1b85eef1de15fcbf1ef30fe3b5c"),
    line=0,
    sender="0x" + "11" * 20,
    beneficiary="0x" + "22" * 20,
    updates=4,
    total_updates=4,
    bond=10,
    submitted_at=100,
    games=0,
    games_opened=0,
    child=2,
    next=None,
    rival=None,
    status=Status.PENDING,
    timed_out=False,
)
SENDER, BENEFICIARY = "0x" + "33" * 20, "0x" + "44" * 20
VERSION = replace(
    PARENT, id=2, parent=1, root=b"a" * 32, sender=SENDER, beneficiary=BENEFICIARY, updates=3
)


def test_a_claim_names_both_roots_its_steps_and_the_seed_of_its_sender(vectors):
    case = next(each for each in vectors["seeds"] if each["sender"] != each["beneficiary"])
    parent = replace(PARENT, id=0, root=bytes.fromhex(case["parent_root"]))
    version = replace(
        VERSION, parent=0, sender=case["sender"], beneficiary=case["beneficiary"], updates=3
    )
    claim = claim_of(version, parent, chain_id=31_337, model=case["model"], steps_per_update=500)
    assert claim == Claim(
        version=2,
        before=bytes.fromhex(case["parent_root"]),
        after=b"a" * 32,
        seed=bytes.fromhex(case["seed"]),
        steps=1500,
    )


def test_the_same_root_upholds():
    assert judge(CLAIM, b"a" * 32) == Upheld()


def test_another_root_refutes_and_is_the_right_one():
    assert judge(CLAIM, b"x" * 32) == Refuted(b"x" * 32)


def test_a_claim_whose_re_run_diverges_is_refuted_by_the_root_of_no_state():
    assert judge_diverged(CLAIM) == Refuted(NO_STATE)
    assert bytes(32) == NO_STATE


def test_a_claim_of_no_state_is_refuted_by_another_root_than_its_own():
    assert judge_diverged(replace(CLAIM, after=NO_STATE)) == Refuted(CLAIM.before)


def test_a_sealed_root_is_of_the_domain_the_root_and_the_challenger():
    assert sealed_root(b"r" * 32, "0x" + "Ab" * 20).hex() == SEALED
    assert sealed_root(b"r" * 32, "0x" + "ab" * 20).hex() == SEALED
    assert sealed_root(b"r" * 32, "0x" + "ac" * 20).hex() != SEALED


@pytest.mark.parametrize(
    ("status", "is_live", "is_dead"),
    [
        (Status.PENDING, True, False),
        (Status.CHALLENGED, True, False),
        (Status.SETTLED, False, False),
        (Status.REFUTED, False, True),
        (Status.VOID, False, True),
    ],
)
def test_a_status_is_live_dead_or_settled(status: Status, *, is_live: bool, is_dead: bool):
    assert (status.is_live, status.is_dead) == (is_live, is_dead)
