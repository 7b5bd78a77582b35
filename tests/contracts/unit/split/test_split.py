"""The constructor and what it fixes: the model, the parts, name and symbol."""

import pytest

NOBODY = "0x" + "00" * 20


def test_a_split_says_whose_it_is_and_in_how_many_parts(model, split):
    assert split.model() == model.address
    assert split.parts() == 1_000


def test_name_and_symbol_follow_from_the_models(split):
    assert split.name() == "Split 1000 of Sine"
    assert split.symbol() == "SIN/1000"
    assert split.decimals() == 18


def test_a_split_starts_with_nothing(world, split):
    assert split.totalSupply() == 0
    assert split.balanceOf(world.creator) == split.balanceOf(world.attacker) == 0


@pytest.mark.parametrize("parts", [2, 3, 10**18])
def test_parts_within_the_bounds_are_accepted(deploy, parts):
    made = deploy(parts)
    assert made.parts() == parts
    assert made.symbol() == f"SIN/{parts}"


@pytest.mark.parametrize("parts", [0, 1, 10**18 + 1, 2**256 - 1])
def test_parts_out_of_bounds_are_refused(deploy, refuses, parts):
    with refuses("split: parts"):
        deploy(parts)


@pytest.mark.parametrize("address", [NOBODY, "0x" + "a0" * 20])
def test_what_is_no_contract_is_refused(deploy, refuses, address):
    with refuses("split: model"):
        deploy(model=address)


def test_the_longest_name_and_symbol_fit(deploy, underlying):
    made = deploy(10**18, model=underlying.address)
    assert made.name() == f"Split {10**18} of {underlying.name()}"
    assert made.symbol() == f"0123456789ABCDEF/{10**18}"
    assert made.eip712Domain()[1] == made.name()


def test_nobody_owns_a_split(split):
    assert sorted(split.functions) == [
        "DOMAIN_SEPARATOR", "allowance", "approve", "balanceOf", "decimals", "deposit",
        "deposit_with_permit", "eip712Domain", "model", "name", "nonces", "parts", "permit",
        "symbol", "totalSupply", "transfer", "transferFrom", "withdraw",
    ]  # fmt: skip
