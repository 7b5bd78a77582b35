"""Where the attacks on a chain happen: a local chain, people with coin, a model they train."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from eth_account import Account

from delea import nn
from delea.artifact import Artifact
from delea.chain import Anvil, Chain, Key, ModelClient, dev_key
from delea.chain.codec import encode_call, load_contract
from delea.chain.events import Trained
from delea.chain.evm import MINED_S, NO_COIN, read_quantity
from delea.chain.keys import LOCAL_CHAIN_ID
from delea.chain.rpc import Rpc
from delea.compiler import build
from delea.ids import Address, Digest, Wei
from delea.protocol.claim import Refuted
from delea.protocol.version import Version
from delea.roles import creator, steward, trainer, verifier
from delea.roles.auditing import trust
from delea.roles.session import Session
from delea.roles.trainer import ANY_REWARD
from delea.store import Store

OFFER = creator.Offer(
    name="victim",
    symbol="VIC",
    horizon=320,
    max_updates=5,
)
"""An update pays 0.3 % of the supply; windows and bonds are as a production chain has them."""

RICH = Wei(1000 * 10**18)
SEATED_UPDATES = 4
"""What each holder trained: some 1.2 % of the supply, where half a percent takes a seat."""


@dataclass(frozen=True, slots=True)
class People:
    """Who lives there, each with a funded key; the holders are stewards in a seated town."""

    creator: Key
    first_holder: Key
    second_holder: Key
    trainer: Key
    verifier: Key
    consumer: Key
    attacker: Key
    friend: Key  # of the attacker's
    stranger: Key  # closes what anyone may close

    @property
    def holders(self) -> tuple[Key, Key]:
        """Both holders."""
        return self.first_holder, self.second_holder


class Town:
    """A chain, its people and one model, seen by an honest session and by the attacker's own."""

    def __init__(
        self, anvil: Anvil, rpc: Rpc, folder: Path, stack: ExitStack, artifact: Artifact
    ) -> None:
        self.anvil, self.rpc = anvil, rpc
        self._folder, self._stack = folder, stack
        self.chain = stack.enter_context(Chain.connect(anvil.url))
        count = len(fields(People))
        self.people = People(*(dev_key(i, chain_id=LOCAL_CHAIN_ID) for i in range(count)))
        self.artifact = artifact
        self.move(self.open_model(OFFER))

    def open_model(self, offer: creator.Offer) -> Session:
        """Create a model of the town's artifact; return an honest session with it."""
        store = Store(self._folder / "honest")
        made = creator.create(
            self.chain, store, self.artifact, offer, key=self.people.creator, audit=trust
        )
        return self.enter(made.address)

    def enter(self, address: Address) -> Session:
        """Return an honest session with a model."""
        return self._open(address, Store(self._folder / "honest"))

    def move(self, session: Session) -> None:
        """Make a session's model the one that everyone here means."""
        self.honest = session
        self.model: ModelClient = session.model

    def visit(self, name: str, model: ModelClient | None = None) -> Session:
        """Return a session with a store of its own that holds only what everyone can know."""
        store = Store(self._folder / name)
        address = (model or self.model).address
        creator.publish(store, self.artifact)
        return self._open(address, store)

    def _open(self, address: Address, store: Store) -> Session:
        return self._stack.enter_context(Session(self.chain, address, store, audit=trust))

    def sybils(self, count: int) -> list[Key]:
        """Return fresh accounts, with coin."""
        accounts = [Account.create() for _ in range(count)]
        keys = [Key(Address(account.address), account) for account in accounts]
        for key in keys:
            self.anvil.set_balance(key.address, RICH)
        return keys

    def seat(self) -> None:
        """Let both holders train, be paid and wait until they sit."""
        for holder in self.people.holders:
            self.model.opt_in(key=holder)
            self.work(holder, SEATED_UPDATES)
        self.settle()
        self.anvil.increase_time(2 * self.model.terms.rollback_window)

    def work(self, key: Key, updates: int = 1) -> int:
        """Train the tip honestly and claim it; return the version."""
        return trainer.claim(self.honest, self.train(key, updates), key=key).version

    def train(self, key: Key, updates: int = 1) -> trainer.Update:
        """Train the tip honestly, for whatever its worker then does with it."""
        return trainer.train(self.honest, sender=key.address, updates=updates)

    def claim(self, key: Key, parent: int, root: Digest, updates: int = 1) -> int:
        """Claim any root as one's own work, paid to oneself; return the version."""
        receipt = self.model.train(parent, root, updates, key.address, ANY_REWARD, key=key)
        return receipt.one(Trained).version

    def check(self, version: int, *, key: Key | None = None) -> verifier.Check:
        """Let a verifier re-run a claim, and challenge it if that ends elsewhere."""
        check = verifier.verify(self.honest, self.model.version(version))
        return verifier.challenge(self.honest, check, key=key or self.people.verifier)

    def is_wrong(self, version: int) -> bool:
        """Return whether a claim ends elsewhere when it is re-run."""
        found = verifier.verify(self.honest, self.model.version(version))
        return isinstance(found.verdict, Refuted)

    def rule(self) -> None:
        """Let the stewards re-run what is challenged, vote and decide."""
        people = self.people
        for key in (*people.holders, people.creator):
            steward.rule_games(self.honest, key=key)

    def settle(self) -> list[trainer.Payment]:
        """Cross the challenge window, and settle and void what is due."""
        self.anvil.increase_time(self.model.terms.challenge_window)
        return self.settle_now()

    def settle_now(self) -> list[trainer.Payment]:
        """Settle and void what is due."""
        return trainer.settle_due(self.honest, key=self.people.stranger)

    def finish(self) -> None:
        """Cross every window and close everything: no bond is held any more."""
        terms = self.model.terms
        self.anvil.increase_time(terms.challenge_window + terms.verdict_window)
        while self.live():
            self.settle_now()
        for version in self.model.versions(1):
            for game in self.model.open_games(version):
                self.model.reclaim(version.id, game.number, key=self.people.stranger)

    def live(self) -> list[Version]:
        """Return the versions that wait for their end."""
        return [version for version in self.model.versions(1) if version.status.is_live]

    def version(self, version: int) -> Version:
        """Return a version as it is now."""
        return self.model.version(version)

    @contextmanager
    def one_block(self) -> Iterator[None]:
        """Mine whatever is offered meanwhile in one block, the highest tip first."""
        self.rpc.call("evm_setIntervalMining", 0)
        self.rpc.call("evm_setAutomine", False)  # noqa: FBT003
        try:
            yield
            self.rpc.call("evm_mine")
        finally:
            self.rpc.call("evm_setAutomine", True)  # noqa: FBT003

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """Let the chain take back at the end whatever is mined meanwhile."""
        self.rpc.call("evm_setIntervalMining", 0)  # no block comes between count and reorg
        self.rpc.call("evm_setAutomine", True)  # noqa: FBT003
        before = self.chain.block_number()
        yield
        self.anvil.reorg(self.chain.block_number() - before)

    def offer(
        self, key: Key, name: str, *values: Any, amount: Wei = NO_COIN, tip: int = 10**9
    ) -> str:
        """Sign a call of the model and offer it to the chain; return the transaction's name."""
        data = encode_call(load_contract("Model").functions[name], values)
        return self.offer_bytes(key, self.model.address, data, amount=amount, tip=tip)

    def offer_bytes(
        self,
        key: Key,
        to: Address,
        data: bytes,
        *,
        amount: Wei = NO_COIN,
        tip: int = 10**9,
        gas: int = 2_000_000,
    ) -> str:
        """Sign any call and offer it to the chain; `tip` is native wei per gas."""
        nonce = self.rpc.call("eth_getTransactionCount", key.address, "pending")
        transaction = {
            "chainId": self.chain.chain_id,
            "type": 2,
            "nonce": read_quantity(nonce, self.rpc.shown),
            "to": to,
            "value": amount,
            "data": data,
            "gas": gas,
            "maxPriorityFeePerGas": tip,
            "maxFeePerGas": 10**11 + tip,
        }
        return str(self.rpc.call("eth_sendRawTransaction", "0x" + key.sign(transaction).hex()))

    def receipt(self, transaction: str) -> dict[str, Any]:
        """Return the raw receipt of a transaction that was mined; status 0x1 is success."""
        deadline = time.monotonic() + MINED_S
        while (found := self.rpc.call("eth_getTransactionReceipt", transaction)) is None:
            assert time.monotonic() < deadline, "it is mined"
            time.sleep(0.01)
        assert isinstance(found, dict), "a receipt has fields"
        return found


def program(batch: int | None = 16) -> nn.Program:
    """Return a small model of sin x; without a batch every step uses the whole dataset.

    Its second input is always 0, so that some momenta stay 0.0.
    """
    x = np.stack([np.linspace(-3, 3, 64), np.zeros(64)], axis=1).astype(np.float32)  # (64, 2)
    return nn.Program(
        network=nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)),
        loss=nn.MSELoss(),
        optimizer=nn.SGD(0.05, momentum=0.9),
        data=nn.Dataset(x, np.sin(x[:, :1])),
        batch=batch,
        steps_per_update=8,
    )


@contextmanager
def open_town(
    *, seated: bool = False, batch: int | None = 16, chain_id: int = LOCAL_CHAIN_ID
) -> Iterator[Town]:
    """Start a chain and a model on it; everything is stopped and removed at the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="delea-attack-")))
        anvil = stack.enter_context(Anvil())
        rpc = Rpc(anvil.url)
        stack.callback(rpc.close)
        if chain_id != LOCAL_CHAIN_ID:
            rpc.call("anvil_setChainId", chain_id)
        town = Town(anvil, rpc, folder, stack, build(program(batch)))
        if seated:
            town.seat()
        yield town
