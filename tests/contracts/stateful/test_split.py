"""A split and its twin under random lives: people deposit, withdraw, sign, send and donate."""

import os
from collections import Counter
from functools import partial

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from signing import Signer

from delea.errors import RevertError
from delea.protocol.twin import NOBODY, Twin, TwinSplit

MUTANT = "DELEA_CONTRACTS" in os.environ
FUZZ = os.environ.get("DELEA_FUZZ") == "1"
LIVES = 1_500 if FUZZ else 30
STEPS = 50
KEYS = {
    role: Signer(bytes([number]) * 32) for number, role in enumerate(("owner", "other", "third"), 1)
}
BRANCHES = (
    "deposited",
    "withdrawn",
    "withdrawn with dust left",
    "permitted",
    "a permit refused, the allowance enough",
    "a permit brought before",
    "donated",
    "deposit: amount",
    "token: allowance",
    "token: balance",
    "token: receiver",
    "permit: expired",
    "permit: signature",
)
who = st.sampled_from(tuple(KEYS))
share = st.integers(0, 9)
amount = st.sampled_from((0, 1, 2, 999, 10**18, 2**112 - 1, 2**112, 2**256 - 1))
rarely = st.sampled_from((False,) * 5 + (True,))
nowhere = st.sampled_from((*KEYS, *KEYS, *KEYS, "nobody", "split", "model"))


class Lives(RuleBasedStateMachine):
    """Each rule calls contract and twin with the same arguments."""

    def __init__(self, world, load, reached):
        super().__init__()
        self.world, self.load, self.reached = world, load, reached
        self.chain, self.model = world.chain, world.model
        self.start, self.before = self.chain.now, self.chain.evm.snapshot()
        self.donated = 0

    @initialize(parts=st.sampled_from((2, 3, 7, 1_000, 10**18)))
    def begin(self, parts):
        creator, world = self.world.creator, self.world
        self.split = self.chain.deploy(
            *self.load("Split"), self.model.address, parts, sender=creator
        )
        self.twin = Twin(world.terms, creator, self.model.address)
        self.twin_split = TwinSplit(self.twin, self.split.address, parts)
        self.parts = parts
        self.people = {role: key.address for role, key in KEYS.items()}
        self.people |= {"nobody": NOBODY, "split": self.split.address, "model": self.model.address}
        for number, role in enumerate(KEYS):
            self.send(creator, self.people[role], 10**18 + number)
        self.approve_the_split("owner", 10**18)
        self.deposit("owner", 4, odd=False, other=0)

    def both(self, name, on_chain, in_python, *, donates=0):
        """Invariant 1: the same, or refused for the same reason; return whether it was done."""
        answers = []
        for call in (in_python, on_chain):
            try:
                call()
                answers.append("done")
            except RevertError as fault:
                answers.append(fault.reason)
        assert answers[0] == answers[1]
        done = answers[0] == "done"
        self.reached[name if done else answers[0]] += 1
        self.donated += donates * done
        self.reached["donated"] += bool(donates and done)
        self.check()
        return done

    def check(self):
        split, twin = self.split, self.twin_split
        held = self.model.balanceOf(split.address)
        assert held == self.twin.balances[split.address]
        supply = split.totalSupply()
        assert supply == twin.supply == sum(split.balanceOf(p) for p in self.people.values())
        assert supply + self.donated * self.parts == held * self.parts
        for role in KEYS:
            person = self.people[role]
            assert split.balanceOf(person) == twin.balances[person]
            assert split.nonces(person) == twin.nonces[person]
            assert self.model.balanceOf(person) == self.twin.balances[person]
            assert self.model.nonces(person) == self.twin.nonces[person]
            pair = person, split.address
            assert self.model.allowance(*pair) == self.twin.allowances[pair]
            for other in map(self.people.get, KEYS):
                assert split.allowance(person, other) == twin.allowances[person, other]
        assert {split.balanceOf(self.people[p]) for p in ("nobody", "split", "model")} == {0}

    def send(self, sender, receiver, amount):
        """Move tokens of the model; those sent to the split are gone for good."""
        self.both(
            "sent",
            lambda: self.model.transfer(receiver, amount, sender=sender),
            lambda: self.twin.transfer(sender, receiver, amount, now=self.chain.now),
            donates=amount if receiver == self.split.address else 0,
        )

    @rule(role=who, other=st.sampled_from((*KEYS, "model", "split", "split")), eighths=share)
    def transfer_of_the_model(self, role, other, eighths):
        sender = self.people[role]
        self.send(sender, self.people[other], self.model.balanceOf(sender) * eighths // 16)

    @rule(role=who, allowed=amount)
    def approve_the_split(self, role, allowed):
        owner, spender = self.people[role], self.split.address
        self.both(
            "approved",
            lambda: self.model.approve(spender, allowed, sender=owner),
            lambda: self.twin.approve(owner, spender, allowed),
        )

    @rule(role=who, eighths=share, odd=rarely, other=amount)
    def deposit(self, role, eighths, odd, other):
        account = self.people[role]
        given = other if odd else self.model.balanceOf(account) * eighths // 8
        self.both(
            "deposited",
            lambda: self.split.deposit(given, sender=account),
            lambda: self.twin_split.deposit(account, given, now=self.chain.now),
        )

    def signed(self, token, order, signer):
        return KEYS[signer].sign(token, "Permit", order, name=token.name()).words

    @rule(role=who, by=who, eighths=share, late=rarely, forged=rarely, before=rarely)
    def deposit_with_permit(self, role, by, eighths, late, forged, before):
        account, spender, now = self.people[role], self.split.address, self.chain.now
        given, deadline = self.model.balanceOf(account) * eighths // 8, now - late
        nonce = self.model.nonces(account)
        signer = by if forged else role
        words = self.signed(self.model, (account, spender, given, nonce, deadline), signer)
        signer = self.people[signer]
        if before:
            self.both(
                "a permit brought before",
                lambda: self.model.permit(account, spender, given, deadline, *words),
                lambda: self.twin.permit(account, spender, given, deadline, signer=signer, now=now),
            )
            signer = NOBODY  # good once, or never
        deposited = self.both(
            "deposited",
            lambda: self.split.deposit_with_permit(given, deadline, *words, sender=account),
            lambda: self.twin_split.deposit_with_permit(
                account, given, deadline, signer=signer, now=now
            ),
        )
        if deposited and given and (late or forged):
            self.reached["a permit refused, the allowance enough"] += 1

    @rule(role=who, eighths=share, odd=rarely, other=amount)
    def withdraw(self, role, eighths, odd, other):
        account = self.people[role]
        taken = self.split.balanceOf(account) // self.parts * eighths // 8
        self.withdraw_one(account, other if odd else taken)

    def withdraw_one(self, account, taken):
        done = self.both(
            "withdrawn",
            lambda: self.split.withdraw(taken, sender=account),
            lambda: self.twin_split.withdraw(account, taken, now=self.chain.now),
        )
        dust = self.split.balanceOf(account) % self.parts
        self.reached["withdrawn with dust left"] += bool(done and taken and dust)

    @rule(role=who, other=nowhere, eighths=share, dust=share)
    def transfer(self, role, other, eighths, dust):
        sender = self.people[role]
        self.move(sender, self.people[other], self.split.balanceOf(sender) * eighths // 8 + dust)

    def move(self, sender, receiver, sent):
        self.both(
            "moved",
            lambda: self.split.transfer(receiver, sent, sender=sender),
            lambda: self.twin_split.transfer(sender, receiver, sent),
        )

    @rule(role=who, other=who, allowed=amount)
    def approve(self, role, other, allowed):
        owner, spender = self.people[role], self.people[other]
        self.both(
            "approved",
            lambda: self.split.approve(spender, allowed, sender=owner),
            lambda: self.twin_split.approve(owner, spender, allowed),
        )

    @rule(role=who, other=who, third=nowhere, eighths=share)
    def transfer_from(self, role, other, third, eighths):
        spender, owner, receiver = (self.people[one] for one in (role, other, third))
        sent = self.split.balanceOf(owner) * eighths // 8
        sent = min(sent, self.split.allowance(owner, spender) or sent)
        self.both(
            "moved",
            lambda: self.split.transferFrom(owner, receiver, sent, sender=spender),
            lambda: self.twin_split.transfer_from(spender, owner, receiver, sent),
        )

    @rule(role=who, other=who, by=who, allowed=amount, late=rarely, forged=rarely, skipped=rarely)
    def permit(self, role, other, by, allowed, late, forged, skipped):
        owner, spender, now = self.people[role], self.people[other], self.chain.now
        deadline, signer = now - late, by if forged else role
        nonce = self.split.nonces(owner) + skipped
        words = self.signed(self.split, (owner, spender, allowed, nonce, deadline), signer)
        signer = NOBODY if skipped else self.people[signer]
        self.both(
            "permitted",
            lambda: self.split.permit(owner, spender, allowed, deadline, *words),
            lambda: self.twin_split.permit(
                owner, spender, allowed, deadline, signer=signer, now=now
            ),
        )

    @rule(seconds=st.sampled_from((0, 1, 10)))
    def wait(self, seconds):
        self.chain.wait(seconds)

    def teardown(self):
        """Nothing stays locked: each takes what is whole, and the rests together are whole, too."""
        try:
            for role in KEYS:
                account = self.people[role]
                self.withdraw_one(account, self.split.balanceOf(account) // self.parts)
                assert self.split.balanceOf(account) < self.parts
            for role in ("other", "third"):
                account = self.people[role]
                self.move(account, self.people["owner"], self.split.balanceOf(account))
            assert self.split.totalSupply() % self.parts == 0
            self.withdraw_one(self.people["owner"], self.split.totalSupply() // self.parts)
            assert self.split.totalSupply() == 0
            assert self.model.balanceOf(self.split.address) == self.donated
        finally:
            self.chain.evm.revert(self.before)
            self.chain.now = self.start
            self.chain.wait(0)


@pytest.fixture
def lives(world, load):
    return partial(Lives, world, load)


def test_split_and_twin_live_the_same_lives(lives):
    reached = Counter()
    run_state_machine_as_test(
        lambda: lives(reached),
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not FUZZ,
            report_multiple_bugs=False,
            phases=[Phase.generate] if MUTANT else list(Phase),  # a mutant needs no shrinking
        ),
    )
    print(dict(reached))  # noqa: T201
    assert [branch for branch in BRANCHES if not reached[branch]] == []
