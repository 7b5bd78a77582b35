"""Measure the gas of the contracts on anvil into contracts/gas.json, and their sizes.

Each call is the dearest of its ordinary kind: first writes, two seated holders, a target that is
not genesis. `--check` compares instead, and exits 1 with a line for each figure more than 1 % off.
"""

import argparse
import json
import sys
from pathlib import Path

from delea.chain import Anvil, Chain, Key, ModelClient, dev_key
from delea.chain.codec import load_contract
from delea.ids import Digest, Wei
from delea.protocol.terms import Terms

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "contracts" / "gas.json"
TOLERANCE = 0.01
WINDOW = 60
CONTRACTS = ("Model", "ModelFactory", "ReasonTexts", "Split", "StewardArbiter")


def digest(text: str) -> Digest:
    """Return some digest."""
    return Digest(text.encode().ljust(32, b"."))


class Bench:
    """A model on a chain of its own, and the people around it."""

    def __init__(self, anvil: Anvil) -> None:
        self.anvil = anvil
        self.chain = Chain.connect(anvil.url)
        self.keys = [dev_key(number, chain_id=self.chain.chain_id) for number in range(6)]
        self.gas: dict[str, int] = {}

    def create(self) -> ModelClient:
        """Create a second model: the first one also writes what all share."""
        key = self.keys[0]
        terms = Terms(
            name="Sine",
            symbol="SIN",
            supply=Wei(10**24),
            horizon=1024,
            inferences_per_update=100,
            max_updates=16,
            artifact=digest("artifact"),
            dataset=digest("dataset"),
            genesis_root=digest("genesis"),
            challenge_window=WINDOW,
            verdict_window=WINDOW,
            rollback_window=WINDOW,
            bond_base=Wei(10**15),
            bond_per_update=Wei(10**14),
            arbiter=self.chain.deploy_arbiter(key=key),
        )
        self.chain.create(terms, key=key)
        model = self.chain.model(self.chain.create(terms, key=key))
        self.gas["create"] = self.chain.gas_used()
        return model

    def settled(self, model: ModelClient, key: Key) -> None:
        """Train sixteen updates and settle them; keep the gas of the last time."""
        parent = model.head()
        root = digest(f"root {parent}")
        trained = model.train(parent, root, 16, key.address, Wei(0), key=key)
        self.anvil.increase_time(WINDOW)
        settled = model.settle(parent + 1, key=key)
        self.gas |= {"train": trained.gas, "settle": settled.gas}

    def split(self, model: ModelClient, owner: Key, other: Key) -> None:
        """Create a split, fill it, send of it and take back what the other received."""
        split = self.chain.create_split(model.address, 1_000, key=owner)
        self.gas["split create"] = self.chain.gas_used()
        self.gas |= {
            "split deposit": split.deposit(Wei(10**18), key=owner).gas,
            "split transfer": split.transfer(other.address, Wei(5_000), key=owner).gas,
            "split withdraw": split.withdraw(Wei(4), key=other).gas,
        }

    def measure(self) -> dict[str, int]:
        """Return the gas of each call."""
        model = self.create()
        creator, first, second, consumer, other, _ = self.keys
        for key in (first, second):
            self.settled(model, key)
        for key in (first, second):
            model.opt_in(key=key)
        for receiver in (consumer, other):
            model.transfer(receiver.address, Wei(10**21), key=creator)
        sent = model.transfer(other.address, Wei(1), key=consumer)
        price = model.price_for(5)
        paid = model.infer(5, price, digest("request"), key=consumer)
        self.anvil.increase_time(2 * WINDOW)
        proposed = model.propose_rollback(1, key=first)
        voted = model.vote_rollback(1, 1, key=second)
        model.vote_rollback(1, 1, key=creator)
        self.anvil.increase_time(WINDOW)
        executed = model.execute_rollback(1, key=consumer)
        self.split(model, creator, self.keys[5])
        return self.gas | {
            "transfer": sent.gas,
            "infer": paid.gas,
            "propose_rollback": proposed.gas,
            "vote_rollback": voted.gas,
            "execute_rollback": executed.gas,
        }


def main() -> int:
    """Write or compare the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check: bool = parser.parse_args().check
    with Anvil() as anvil:
        found = Bench(anvil).measure()
    for name in CONTRACTS:
        found[f"bytes of {name}"] = len(load_contract(name).runtime)
    if not check:
        OUTPUT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
        print(OUTPUT.read_text(), end="")
        return 0
    kept = json.loads(OUTPUT.read_text())
    wrong = [
        f"{name}: {kept.get(name)} in contracts/gas.json, {gas} measured: run make generate"
        for name, gas in found.items()
        if abs(gas - kept.get(name, 0)) > TOLERANCE * gas
    ]
    print("\n".join(wrong), end="\n" if wrong else "", file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
