"""Many senders at one moment."""

import threading

import pytest

from delea.chain import Anvil, Chain, Key
from delea.chain.events import Trained
from delea.errors import ChainError, RevertError

RECEIVER = "0x00000000000000000000000000000000000000f1"


def together(*actions):
    """Run actions at once; returns what each returned or raised."""
    outcomes = [None] * len(actions)

    def run(index, action):
        try:
            outcomes[index] = action()
        except Exception as failure:  # noqa: BLE001
            outcomes[index] = failure

    threads = [threading.Thread(target=run, args=item) for item in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_one_key_sends_from_many_threads(chain, roles):
    before = chain.balance_of(RECEIVER)
    outcomes = together(*[lambda: chain.fund(RECEIVER, 1, key=roles.rival)] * 8)
    assert [type(outcome).__name__ for outcome in outcomes] == ["Receipt"] * 8
    assert chain.balance_of(RECEIVER) == before + 8


def test_one_key_sends_over_many_connections(anvil, chain, roles):
    before = chain.balance_of(RECEIVER)
    chains = [Chain.connect(anvil.url) for _ in range(2)]
    sends = [lambda one=one: one.fund(RECEIVER, 1, key=roles.rival) for one in chains]
    for _ in range(3):
        assert [type(one).__name__ for one in together(*sends)] == ["Receipt"] * 2
    assert chain.balance_of(RECEIVER) == before + 6
    for one in chains:
        one.close()


class Gate:
    """A key's signer that waits until others are about to sign as well."""

    def __init__(self, signer, barrier):
        self._signer, self._barrier = signer, barrier

    def sign_transaction(self, transaction):
        self._barrier.wait(5)
        return self._signer.sign_transaction(transaction)


def test_a_claim_that_is_overtaken_on_its_way_is_refused_with_its_reason(
    anvil, chain, model, roles, roots
):
    barrier = threading.Barrier(2)
    keys = [Key(key.address, Gate(key._signer, barrier)) for key in (roles.trainer, roles.rival)]
    chains = [Chain.connect(anvil.url) for _ in keys]
    models = [one.model(model.address) for one in chains]
    outcomes = together(
        *[
            lambda one=one, key=key: one.train(0, roots["right"], 1, key.address, 0, key=key)
            for one, key in zip(models, keys, strict=True)
        ]
    )
    (lost,) = [one for one in outcomes if isinstance(one, Exception)]
    (won,) = [one for one in outcomes if not isinstance(one, Exception)]
    assert isinstance(lost, RevertError)
    assert lost.reason == "train: stale parent"
    assert won.one(Trained).version == 1
    assert model.version_count() == 2
    assert chain.balance_of(model.address) == model.bond_for(1)
    for one in chains:
        one.close()


def test_a_node_cannot_name_a_tip_that_empties_the_account(chain, roles, monkeypatch):
    evm = chain._evm
    answer = evm.quantity
    monkeypatch.setattr(
        evm,
        "quantity",
        lambda method, *given: 10**18 if "Priority" in method else answer(method, *given),
    )
    receipt = chain.fund(RECEIVER, 1, key=roles.rival)
    base = int(evm.block(receipt.block)["baseFeePerGas"], 16)
    assert receipt.fee == receipt.gas * (base + 10**11)


def test_a_transaction_that_is_not_mined_in_time_is_given_up(roles, monkeypatch):
    with Anvil() as stuck, Chain.connect(stuck.url) as chain:
        chain.deploy_arbiter(key=roles.creator)
        stuck._rpc.call("evm_setAutomine", False)  # noqa: FBT003
        stuck._rpc.call("evm_setIntervalMining", 0)
        monkeypatch.setattr("delea.chain.evm.MINED_S", 0.2)
        with pytest.raises(ChainError, match=r"^transaction 0x[0-9a-f]{64} was not mined within 0"):
            chain.fund(RECEIVER, 1, key=roles.trainer)
