"""A life of contract and twin: what every rule needs, and how it starts."""

from collections import Counter

from eth_abi import encode
from eth_utils import keccak
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

SLOTS = 64
BALANCE_AT = 144  # bits, in the word of an account
number = st.integers(0, 2**16)
who = st.sampled_from(("creator", "trainer", "other_trainer", "challenger", "consumer", "attacker"))
holder = st.sampled_from(("trainer", "other_trainer", "consumer"))
whom = st.sampled_from(
    ("creator", "trainer", "other_trainer", "consumer", "attacker", "wallet", "signer")
)
rarely = st.sampled_from((False,) * 11 + (True,))
sometimes = st.sampled_from((False,) * 4 + (True,))
off = st.sampled_from((0,) * 10 + (-1, 1))


class Counted:
    """A contract whose accepted calls are counted by name; its views are not."""

    def __init__(self, contract, reached):
        self._contract = contract
        self._reached = reached

    def __getattr__(self, name):
        found = getattr(self._contract, name)
        entry = self._contract.functions.get(name)
        if entry is None or entry[-1]["stateMutability"] in ("view", "pure"):
            return found

        def call(*arguments, **named):
            answer = found(*arguments, **named)
            self._reached[name] += 1
            return answer

        return call


class Life(RuleBasedStateMachine):
    """Each rule calls contract and twin with the same arguments."""

    def __init__(self, watch, reached=None):
        super().__init__()
        self.watch = watch
        self.twin = watch.twin
        self.reached = Counter() if reached is None else reached
        self.model = Counted(watch.model, self.reached)
        self.world = watch.world
        self.before = self.world.chain.evm.snapshot()
        self.start = self.world.chain.now

    def person(self, role):
        return self.world.people[role]

    def pick(self, wanted, drawn, anywhere):
        """A version for which `wanted` holds, None if there is none; or any, even unknown."""
        versions = self.twin.versions
        found = [n for n, version in enumerate(versions) if wanted(version)]
        if anywhere:
            return drawn % (len(versions) + 1)
        return found[-1 - drawn % len(found)] if found else None

    def both(self, on_chain, in_python):
        outcome = self.watch.both(on_chain, in_python)
        reason = getattr(outcome, "reason", None)
        self.reached["refused" if reason else "accepted"] += 1
        self.watch.check()
        return not reason, reason or outcome

    def both_tokens(self, on_chain, in_python):
        """Calls that answer with nothing, or with True, where the twin returns nothing."""

        def answered():
            in_python()
            return True

        return self.both(lambda: on_chain() or True, answered)

    def drain(self):
        """Leave the reserve one wei, and the rest of it to the attacker, on the chain and here."""
        model, poor = self.world.model.address, self.person("attacker")
        evm, reserve = self.world.chain.evm, self.twin.reserve
        for slot in range(SLOTS):
            place, other = (
                int.from_bytes(keccak(encode(["uint256", "address"], [slot, account])))
                for account in (model, poor)
            )
            if evm.storage(model, place) == reserve << BALANCE_AT:
                gained = evm.storage(model, other) + (reserve - 1 << BALANCE_AT)
                evm.insert_account_storage(model, place, 1 << BALANCE_AT)
                evm.insert_account_storage(model, other, gained)
                break
        self.twin.balances[model] = 1
        self.twin.balances[poor] += reserve - 1
        self.watch.rewarded += reserve - 1

    @rule(seconds=st.sampled_from((0, 1, 2, 3, 9, 10, 11, 19, 20, 29, 30)))
    def wait(self, seconds):
        self.world.chain.wait(seconds)
        self.watch.check()
