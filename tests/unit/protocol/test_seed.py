"""A seed binds work to chain, model, parent, sender and beneficiary."""

import pytest

from delea.protocol.seed import address_bytes, seed_of_claim

CASE = {
    "chain_id": 31_337,
    "model": "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
    "parent": 7,
    "parent_root": bytes(range(32)),
    "sender": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "beneficiary": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
}
OTHERS = {
    "chain_id": 1,
    "model": "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    "parent": 8,
    "parent_root": bytes(32),
    "sender": "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    "beneficiary": "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
}


def test_every_vector_has_its_seed(vectors):
    made = [
        seed_of_claim(
            chain_id=int(case["chain_id"]),
            model=case["model"],
            parent=int(case["parent"]),
            parent_root=bytes.fromhex(case["parent_root"]),
            sender=case["sender"],
            beneficiary=case["beneficiary"],
        ).hex()
        for case in vectors["seeds"]
    ]
    assert made == [case["seed"] for case in vectors["seeds"]]
    assert len(set(made)) == len(made) == 32


@pytest.mark.parametrize("name", CASE)
def test_every_argument_changes_the_seed(name: str):
    assert seed_of_claim(**CASE) != seed_of_claim(**{**CASE, name: OTHERS[name]})


def test_sender_and_beneficiary_are_not_interchangeable():
    one = {**CASE, "beneficiary": OTHERS["beneficiary"]}
    other = {**CASE, "sender": OTHERS["sender"]}
    assert seed_of_claim(**one) != seed_of_claim(**other)


def test_the_letters_of_an_address_may_be_large_or_small():
    assert seed_of_claim(**CASE) == seed_of_claim(**{**CASE, "model": CASE["model"].lower()})


def test_an_address_is_20_bytes():
    assert address_bytes("0x" + "01" * 20) == b"\1" * 20
    for length in (19, 21):
        with pytest.raises(AssertionError, match="an address of 20 bytes"):
            address_bytes("0x" + "01" * length)
