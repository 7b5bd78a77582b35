"""What no ABI encoder makes: refused by the compiler's own code, hence without a reason.

These are all the calls that are: SPEC.md says so under "Bounds".
"""

from dataclasses import asdict

import pytest

from delea.errors import RevertError

WORD = 32


def word(value):
    return value.to_bytes(WORD, "big")


def with_word(data, place, value):
    """Calldata whose argument at a place is another word."""
    at = 4 + WORD * place
    return data[:at] + word(value) + data[at + WORD :]


def is_refused_bare(world, contract, data, value=0):
    """Whether a raw call is refused without a word, and changes nothing."""
    evm = world.chain.evm
    coin = contract.coin
    with pytest.raises(RuntimeError, match="Revert") as caught:
        evm.message_call(world.creator, contract.address, calldata=data, value=value)
    return "output: 0x " in f"{caught.value} " and contract.coin == coin


@pytest.mark.parametrize("data", [b"", b"\x01", b"\xa9\x05\x9c", b"\xff\xff\xff\xff", b"\x00" * 64])
@pytest.mark.parametrize("value", [0, 1])
def test_a_call_of_nothing_that_exists_is_refused(world, model, data, value):
    assert is_refused_bare(world, model, data, value)


ANY, ROOT = "0x" + "a1" * 20, b"\x07" * 32
DIRTY = {
    "an address of 21 bytes": ("transfer", (ANY, 1), 0, 2**160),
    "a beneficiary of 32 bytes": ("train", (0, ROOT, 1, ANY, 0), 3, 2**256 - 1),
    "a v of 256": ("permit", (ANY, ANY, 1, 2**255, 27, ROOT, ROOT), 4, 256),
    "a truth of 2": ("rule", (1, 1, True, True), 2, 2),
    "a truth of 2^255": ("rule", (1, 1, True, True), 3, 2**255),
    "bytes beyond": ("infer_with_signature", (ANY, 1, 1, ROOT, 2**255, b""), 5, 2**256 - 1),
}


@pytest.mark.parametrize("case", DIRTY)
def test_a_word_out_of_its_type_is_refused(world, model, case):
    name, arguments, place, value = DIRTY[case]
    data = with_word(model.data(name, *arguments), place, value)
    assert is_refused_bare(world, model, data)


def test_a_call_cut_short_is_refused(world, model):
    data = model.data("transfer", world.consumer, 1)
    assert is_refused_bare(world, model, data[:-1])
    assert is_refused_bare(world, model, data[:4])


def test_a_call_with_more_behind_it_is_the_same_call(world, model):
    data = model.data("transfer", world.consumer, 1) + b"\xff" * 40
    world.chain.evm.message_call(world.creator, model.address, calldata=data)
    assert model.balanceOf(world.consumer) == 1


def test_a_signature_of_1025_bytes_is_refused(world, model):
    order = (world.creator, 1, 1, b"\x01" * 32, 2**255)
    assert is_refused_bare(
        world, model, model.data("infer_with_signature", *order, b"\x01" * 1_025)
    )


def test_coin_that_comes_with_a_call_that_takes_none_is_refused(world, model):
    calls = [
        ("transfer", (world.consumer, 1)),
        ("settle", (1,)),
        ("withdraw", ()),
        ("infer", (1, 1, b"\x01" * 32)),
        ("propose_rollback", (0,)),
        ("balanceOf", (world.consumer,)),
    ]
    for name, arguments in calls:
        assert is_refused_bare(world, model, model.data(name, *arguments), value=1)


@pytest.mark.parametrize("changes", [{"name": "n" * 65}, {"symbol": "s" * 17}])
def test_a_name_beyond_its_bound_is_refused(world, load, changes):
    with pytest.raises(RevertError) as caught:
        world.deploy(**changes)
    assert caught.value.reason == ""
    blueprint = world.chain.put(b"\xfe\x71\x00\x00", sender=world.creator)
    factory = world.chain.deploy(*load("ModelFactory"), blueprint, 1, 0, sender=world.creator)
    terms = tuple((asdict(world.terms) | changes).values())
    assert is_refused_bare(world, factory, factory.data("create", terms, b"\x01" * 32))
