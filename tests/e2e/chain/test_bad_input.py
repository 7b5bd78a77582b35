"""What a model refuses: each with the contract's reason, and nothing sent or paid."""

import time
from dataclasses import replace

import pytest

from delea.chain import Anvil, Chain
from delea.chain.codec import encode_deploy, load_contract
from delea.chain.commons import address_of, texts_code
from delea.errors import (
    ChainError,
    RefusedError,
    RevertError,
    UnknownModelError,
    UnreachableError,
    UsageError,
)
from delea.protocol.terms import Terms, check_terms


@pytest.fixture
def refused(chain, roles):
    """Check that an action is refused with a reason and costs nothing; returns its error."""

    def check(action, reason, kind=RevertError):
        keys = [getattr(roles, name) for name in roles.__slots__]
        before = [chain.balance_of(key.address) for key in keys]
        with pytest.raises(kind) as refusal:
            action()
        assert [chain.balance_of(key.address) for key in keys] == before
        assert type(refusal.value) is kind
        assert "\n" not in str(refusal.value)
        if kind is RevertError:
            assert refusal.value.reason == reason
        else:
            assert reason in str(refusal.value)

    return check


def test_a_stale_parent(model, roles, roots, claim, refused):
    claim()
    train = lambda: model.train(0, roots["other"], 1, roles.rival.address, 0, key=roles.rival)  # noqa: E731
    refused(train, "train: stale parent")


def test_an_unknown_parent(model, roles, roots, refused):
    refused(
        lambda: model.train(9, roots["right"], 1, roles.trainer.address, 0, key=roles.trainer),
        "train: unknown parent",
    )


@pytest.mark.parametrize("bond", [0, 11 * 10**14 - 1, 11 * 10**14 + 1])
def test_another_bond(model, roles, roots, refused, bond):
    refused(
        lambda: model.train(
            0, roots["right"], 1, roles.trainer.address, 0, key=roles.trainer, bond=bond
        ),
        "train: bond",
    )


@pytest.mark.parametrize("updates", [0, 17, 2**200])
def test_no_updates_or_too_many(model, roles, roots, refused, updates):
    kind = RevertError if updates < 100 else ChainError
    reason = "train: updates" if updates < 100 else ""
    refused(
        lambda: model.train(
            0, roots["right"], updates, roles.trainer.address, 0, key=roles.trainer
        ),
        reason,
        kind,
    )


def test_a_reward_lower_than_wanted(model, roles, roots, refused):
    wanted = model.quote_after(0, 4) + 1
    refused(
        lambda: model.train(0, roots["right"], 4, roles.trainer.address, wanted, key=roles.trainer),
        "train: min_reward",
    )


def test_a_challenge_too_late(anvil, model, roles, roots, claim, refused):
    version = claim()
    anvil.increase_time(60)
    refused(
        lambda: model.challenge(version, roots["other"], key=roles.verifier),
        "challenge: too late",
    )


def test_a_challenge_that_names_the_same_root(model, roles, roots, claim, refused):
    version = claim()
    refused(
        lambda: model.challenge(version, roots["right"], key=roles.verifier),
        "challenge: same root",
    )


def test_a_challenge_with_too_little_bond(model, roles, roots, claim, refused):
    version = claim()
    refused(
        lambda: model.challenge(version, roots["other"], key=roles.verifier, bond=1),
        "challenge: bond",
    )


def test_a_challenge_of_an_unknown_version(model, roles, roots, refused):
    refused(
        lambda: model.challenge(9, roots["other"], key=roles.verifier), "version: unknown version"
    )


def test_settling_too_early_and_twice(anvil, model, roles, claim, refused):
    version = claim()
    refused(lambda: model.settle(version, key=roles.trainer), "settle: window")
    anvil.increase_time(60)
    model.settle(version, key=roles.trainer)
    refused(lambda: model.settle(version, key=roles.trainer), "settle: decided")


def test_a_price_higher_than_wanted(model, roles, refused):
    wanted = model.price_for(1) - 1
    refused(lambda: model.infer(1, wanted, b"q" * 32, key=roles.creator), "infer: max_price")


def test_inferences_without_tokens(model, roles, refused):
    refused(
        lambda: model.infer(1, model.price_for(1), b"q" * 32, key=roles.consumer), "token: balance"
    )


def test_a_ruling_without_the_stewards_votes(chain, model, arbiter, roles, roots, claim, refused):
    version = claim()
    model.challenge(version, roots["other"], key=roles.verifier)
    refused(
        lambda: chain.arbiter(arbiter).vote(model, version, 1, refuted=True, key=roles.verifier),
        "vote: party",
    )
    refused(
        lambda: chain.arbiter(arbiter).decide(model, version, 1, key=roles.attacker), "decide: tied"
    )


def test_a_rollback_by_anyone_but_the_creator(model, roles, refused):
    refused(lambda: model.propose_rollback(0, key=roles.attacker), "propose_rollback: no seat")


def test_withdrawing_nothing(model, roles, refused):
    refused(lambda: model.withdraw(key=roles.attacker), "withdraw: nothing")


@pytest.mark.parametrize("root", [b"", b"r" * 31, b"r" * 33])
def test_a_root_of_another_length(model, roles, refused, root):
    refused(
        lambda: model.train(0, root, 1, roles.trainer.address, 0, key=roles.trainer),
        "a digest of 32 bytes expected",
        UsageError,
    )


def test_an_address_mistyped(model, roles, roots, refused):
    refused(
        lambda: model.train(0, roots["right"], 1, "0x1234", 0, key=roles.trainer),
        "an address (0x and 40 hex digits) expected, got '0x1234'",
        UsageError,
    )
    wrong = roles.consumer.address.replace("C", "c", 1)
    refused(lambda: model.transfer(wrong, 1, key=roles.creator), "wrong checksum", UsageError)


def test_an_unknown_version_is_refused_by_a_view(model):
    with pytest.raises(RevertError, match="version: unknown version"):
        model.version(7)


def test_an_address_where_no_model_lives(chain, arbiter, roles):
    with pytest.raises(UnknownModelError, match=f"^no contract lives at {roles.trainer.address}$"):
        chain.model(roles.trainer.address)
    with pytest.raises(UnknownModelError, match=f"^the contract at {arbiter} is not a model"):
        chain.model(arbiter)
    with pytest.raises(UsageError, match="an address"):
        chain.model("sine")


def test_a_contract_that_only_answers_like_a_model(chain, anvil, model):
    evm = chain._evm
    code = evm.code(model.address)
    fake = "0x00000000000000000000000000000000000000ee"
    anvil._rpc.call("anvil_setCode", fake, "0x" + code.hex())
    assert chain.model(fake).terms == model.terms
    texts = bytes.fromhex(address_of(texts_code())[2:])
    assert texts in code
    altered = code.replace(texts, bytes(20))  # a model that refuses in other words
    anvil._rpc.call("anvil_setCode", fake, "0x" + altered.hex())
    with pytest.raises(UnknownModelError):
        chain.model(fake)


def test_an_account_without_coin(chain, anvil, model, roles, roots):
    poor = roles.attacker
    before = chain.balance_of(poor.address)
    anvil.set_balance(poor.address, 0)
    with pytest.raises(ChainError, match=r"(?i)insufficient funds"):
        model.train(0, roots["right"], 1, poor.address, 0, key=poor)
    anvil.set_balance(poor.address, before)
    assert model.version_count() == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"supply": 10**24 - 1}, "terms: supply"),
        ({"supply": 2**112}, "terms: supply"),
        ({"horizon": 63}, "terms: horizon"),
        ({"horizon": 2**48 + 1}, "terms: horizon"),
        ({"horizon": 2**48, "supply": 2**48 * 10**12 - 1}, "terms: supply for the horizon"),
        ({"inferences_per_update": 0}, "terms: inferences_per_update"),
        ({"inferences_per_update": 2**40 + 1}, "terms: inferences_per_update"),
        ({"max_updates": 0}, "terms: max_updates"),
        ({"max_updates": 17}, "terms: max_updates"),
        ({"challenge_window": 0}, "terms: challenge_window"),
        ({"verdict_window": 59}, "terms: verdict_window"),
        ({"rollback_window": 59}, "terms: rollback_window"),
        ({"verdict_window": 30 * 86_400 + 1}, "terms: verdict_window"),
        ({"rollback_window": 30 * 86_400 + 1}, "terms: rollback_window"),
        ({"bond_base": 2**96 + 1}, "terms: bond_base"),
        ({"bond_per_update": 2**96 + 1}, "terms: bond_per_update"),
    ],
)
def test_terms_out_of_bounds_are_refused_here_as_by_the_contract(
    chain, terms, roles, change, reason, refused
):
    bad = replace(terms, **change)
    refused(lambda: chain.create(bad, key=roles.creator), reason, RefusedError)
    fields = tuple(getattr(bad, name) for name in Terms.__slots__)
    data = encode_deploy(load_contract("Model"), (fields, roles.creator.address))
    refused(lambda: chain._evm.send(roles.creator, None, data), reason)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "é" * 32, "symbol": "x" * 16},
        {"supply": 2**112 - 1, "horizon": 2**48, "max_updates": 2**16},
        {"inferences_per_update": 2**40},
        {"horizon": 64, "max_updates": 1, "inferences_per_update": 1},
        {"challenge_window": 1, "verdict_window": 1, "rollback_window": 1},
        {"verdict_window": 30 * 86_400, "rollback_window": 30 * 86_400},
        {"bond_base": 2**96, "bond_per_update": 2**96},
        {"bond_base": 0, "bond_per_update": 0},
    ],
)
def test_terms_on_their_bounds_are_taken_here_as_by_the_contract(chain, terms, roles, change):
    good = replace(terms, **change)
    check_terms(good)
    model = chain.model(chain.create(good, key=roles.creator))
    if good.max_updates > 1:
        assert model.terms == good


def test_an_arbiter_that_is_no_contract(chain, terms, roles, refused):
    nobody = replace(terms, arbiter=roles.attacker.address)
    refused(lambda: chain.create(nobody, key=roles.creator), "terms: arbiter")


def test_a_chain_that_dies_is_unreachable_at_once(terms, roles):
    with Anvil() as dying:
        chain = Chain.connect(dying.url)
        arbiter = chain.deploy_arbiter(key=roles.creator)
        model = chain.model(chain.create(replace(terms, arbiter=arbiter), key=roles.creator))
    before = time.monotonic()
    with pytest.raises(UnreachableError, match="no chain answers at http://127"):
        model.settle(1, key=roles.trainer)
    with pytest.raises(UnreachableError):
        chain.now()
    assert time.monotonic() - before < 5
    chain.close()
