from dataclasses import replace

import pytest

from delea.errors import RefusedError
from delea.protocol.terms import Terms, check_terms

ARBITER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
TERMS = Terms(
    name="sine",
    symbol="SIN",
    supply=10**24,
    horizon=1024,
    inferences_per_update=100,
    max_updates=16,
    artifact=b"a" * 32,
    dataset=b"d" * 32,
    genesis_root=b"g" * 32,
    challenge_window=60,
    verdict_window=60,
    rollback_window=60,
    bond_base=10**15,
    bond_per_update=10**14,
    arbiter=ARBITER,
)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "x"},
        {"name": "x" * 64},
        {"name": "é" * 32},
        {"symbol": "x" * 16},
        {"supply": 2**112 - 1},
        {"horizon": 64, "max_updates": 1},
        {"horizon": 2**48, "supply": 2**48 * 10**12, "max_updates": 2**16},
        {"inferences_per_update": 1},
        {"inferences_per_update": 2**40},
        {"challenge_window": 1},
        {
            "challenge_window": 30 * 86_400,
            "verdict_window": 30 * 86_400,
            "rollback_window": 30 * 86_400,
        },
        {"rollback_window": 30 * 86_400},
        {"bond_base": 0, "bond_per_update": 0},
        {"bond_base": 2**96, "bond_per_update": 2**96},
    ],
)
def test_terms_on_their_bounds_pass(change):
    check_terms(replace(TERMS, **change))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": ""}, "name of 1 to 64"),
        ({"name": "x" * 65}, "name of 1 to 64"),
        ({"name": "é" * 33}, "name of 1 to 64"),
        ({"name": "two\nlines"}, "name of 1 to 64"),
        ({"symbol": ""}, "symbol of 1 to 16"),
        ({"symbol": "x" * 17}, "symbol of 1 to 16"),
        ({"supply": 10**24 - 1}, "supply of"),
        ({"supply": 2**112}, "supply of"),
        ({"horizon": 63}, "horizon of 64"),
        ({"horizon": 2**48 + 1}, "horizon of 64"),
        ({"horizon": 2**48, "supply": 2**48 * 10**12 - 1}, "supply for the horizon of"),
        ({"inferences_per_update": 0}, "inferences_per_update of 1"),
        ({"inferences_per_update": 2**40 + 1}, "inferences_per_update of 1"),
        ({"max_updates": 0}, "max_updates of 1 to 16"),
        ({"max_updates": 17}, "max_updates of 1 to 16"),
        ({"horizon": 17 * 64 - 1, "max_updates": 17}, "max_updates of 1 to 16"),
        (
            {"horizon": 2**48, "supply": 2**111, "max_updates": 2**16 + 1},
            "max_updates of 1 to 65536",
        ),
        ({"challenge_window": 0}, "challenge_window of 1"),
        ({"challenge_window": 30 * 86_400 + 1}, "challenge_window of 1"),
        ({"verdict_window": 59}, "verdict_window of 60"),
        ({"verdict_window": 30 * 86_400 + 1}, "verdict_window of 60"),
        ({"rollback_window": 59}, "rollback_window of 60"),
        ({"rollback_window": 30 * 86_400 + 1}, "rollback_window of 60"),
        ({"bond_base": 2**96 + 1}, "bond_base of 0"),
        ({"bond_per_update": -1}, "bond_per_update of 0"),
        ({"artifact": b"a" * 31}, "artifact of 32 bytes expected, got 31"),
        ({"dataset": b""}, "dataset of 32 bytes expected, got 0"),
        ({"genesis_root": b"g" * 33}, "genesis_root of 32 bytes expected, got 33"),
    ],
)
def test_terms_out_of_bounds_are_refused_with_a_reason(change, reason):
    with pytest.raises(RefusedError, match=f"terms: {reason}") as refusal:
        check_terms(replace(TERMS, **change))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(("beyond", "seat"), [(0, 0), (1, 1), (200, 1), (201, 2)])
def test_a_seat_takes_half_a_percent_rounded_up(beyond, seat):
    assert replace(TERMS, supply=10**24 + beyond).seat == 5 * 10**21 + seat


def test_the_longest_case_takes_both_windows():
    assert replace(TERMS, challenge_window=100, verdict_window=200).longest_case == 300
