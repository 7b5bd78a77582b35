"""A model and its twin under random lives: people train, doubt, rule, sleep, pay and roll back."""

import os
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from delea.protocol.version import Status

MUTANT = "DELEA_CONTRACTS" in os.environ
FUZZ = os.environ.get("DELEA_FUZZ") == "1"
LIVES = 3_000 if FUZZ else 150
STEPS = 60
BRANCHES = (
    "refuted with descendants",
    "rival settled",
    "dead rival skipped",
    "timed out",
    "void under a dead parent",
    "void beside a settled rival",
    "upheld",
    "reclaimed",
    "reclaimed after a time-out",
    "rollback",
    "rollback of a rollback",
    "old line paid",
    "settled",
    "withdrawn",
    "inferred",
    "two games at once",
    "built on a challenged version",
    "refused",
)
number = st.integers(0, 2**16)
who = st.sampled_from(("creator", "trainer", "other_trainer", "challenger", "consumer", "attacker"))
rarely = st.sampled_from((False,) * 11 + (True,))
off = st.sampled_from((0,) * 10 + (-1, 1))


class Lives(RuleBasedStateMachine):
    """Each rule calls contract and twin with the same arguments."""

    def __init__(self, watch, reached):
        super().__init__()
        self.watch = watch
        self.twin = watch.twin
        self.model = watch.model
        self.world = watch.world
        self.reached = reached
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
        if isinstance(outcome, (int, type(None))):
            self.reached["accepted"] += 1
            done = True
        else:
            self.reached["refused"] += 1
            done = False
        self.watch.check()
        return done, outcome

    @rule(drawn=number, updates=st.integers(0, 1_001), role=who, paid=who, off=off, odd=rarely)
    def train(self, drawn, updates, role, paid, off, odd):
        parent = self.twin.tip
        if drawn % 3 == 0 or odd:
            parent = self.pick(lambda v: v.line == self.twin.line, drawn, odd)
        updates = max(1, min(1_000, updates)) if not odd else updates
        known = parent < len(self.twin.versions)
        challenged = known and self.twin.versions[parent].status is Status.CHALLENGED
        quote = self.twin.quote_after(parent, updates) if known else 0
        minimum = max(0, quote + off)
        bond = max(0, self.twin.bond_for(updates) + (off if odd else 0))
        sender, beneficiary = self.person(role), self.person(paid)
        if odd and drawn % 5 == 0:
            beneficiary = self.model.address
        root = self.world.root(drawn)
        now = self.world.chain.now
        done, _ = self.both(
            lambda: self.model.train(
                parent, root, updates, beneficiary, minimum, sender=sender, value=bond
            ),
            lambda: self.twin.train(
                sender, parent, root, updates, beneficiary, minimum, paid=bond, now=now
            ),
        )
        self.reached["built on a challenged version"] += done and challenged

    @rule(drawn=number, role=who, off=off, odd=rarely, same=rarely)
    def challenge(self, drawn, role, off, odd, same):
        window = self.world.terms.challenge_window
        now = self.world.chain.now
        version = self.pick(
            lambda v: v.status.is_live and now < v.submitted_at + window, drawn, odd
        )
        if version is None:
            return
        known = version < len(self.twin.versions)
        claim = self.twin.versions[version if known else 0]
        bond = self.twin.bond_for(claim.updates) + (off if odd else 0)
        root = claim.root if same else self.world.root(2**17 + drawn)
        sender = self.person(role)
        done, _ = self.both(
            lambda: self.model.challenge(version, root, sender=sender, value=bond),
            lambda: self.twin.challenge(sender, version, root, paid=bond, now=now),
        )
        self.reached["two games at once"] += done and claim.open_games > 1

    @rule(drawn=number, refuted=st.booleans(), odd=rarely)
    def rule_on_a_game(self, drawn, refuted, odd):
        version = self.pick(lambda v: v.open_games, drawn, odd)
        if version is None:
            return
        games = self.twin.versions[version].games if version < len(self.twin.versions) else []
        open_ones = [n for n, played in enumerate(games, 1) if played.is_open]
        game = open_ones[drawn % len(open_ones)] if open_ones and not odd else drawn % 3
        now = self.world.chain.now
        done, _ = self.both(
            lambda: self.world.rule(version, game, refuted=refuted),
            lambda: self.twin.rule(version, game, refuted=refuted, now=now),
        )
        if done:
            above = refuted and self.twin.versions[version].children
            self.reached["refuted with descendants"] += bool(above)
            self.reached["upheld"] += not refuted

    @rule(drawn=number, odd=rarely)
    def settle(self, drawn, odd):
        now, versions = self.world.chain.now, self.twin.versions
        window = self.world.terms.challenge_window

        def ready(version):
            above = versions[version.parent].status is Status.SETTLED
            old = now >= version.submitted_at + window and not version.open_games
            return version.status.is_live and above and old

        version = self.pick(ready, drawn, odd)
        if version is not None:
            self.settle_one(version)

    def settle_one(self, number):
        now, versions = self.world.chain.now, self.twin.versions
        done, settled = self.both(
            lambda: self.model.settle(number), lambda: self.twin.settle(number, now=now)
        )
        if done and settled:
            claim = versions[number]
            self.reached["settled"] += 1
            self.reached["old line paid"] += claim.line != self.twin.line
            self.reached["dead rival skipped"] += bool(claim.rival)
            beside = [versions[n] for n in versions[claim.parent].children if n != number]
            self.reached["rival settled"] += any(v.status.is_live for v in beside)
        return done

    @rule(drawn=number, odd=rarely)
    def void(self, drawn, odd):
        versions = self.twin.versions

        def hopeless(version):
            above = versions[version.parent]
            beside = any(versions[n].status is Status.SETTLED for n in above.children)
            return version.status.is_live and (above.status.is_dead or beside or version.open_games)

        version = self.pick(hopeless, drawn, odd)
        if version is not None:
            self.void_one(version)

    def void_one(self, number):
        now, versions = self.world.chain.now, self.twin.versions
        done, _ = self.both(
            lambda: self.model.void(number), lambda: self.twin.void(number, now=now)
        )
        if done:
            dead = versions[versions[number].parent].status.is_dead
            timed_out = versions[number].timed_out
            self.reached["timed out"] += timed_out
            self.reached["void under a dead parent"] += dead
            self.reached["void beside a settled rival"] += not dead and not timed_out
        return done

    @rule(drawn=number, odd=rarely)
    def reclaim(self, drawn, odd):
        version = self.pick(lambda v: v.status.is_dead and v.open_games, drawn, odd)
        if version is None:
            return
        games = self.twin.versions[version].games if version < len(self.twin.versions) else []
        self.reclaim_one(version, 1 + drawn % (len(games) + 1))

    def reclaim_one(self, version, game):
        done, _ = self.both(
            lambda: self.model.reclaim(version, game), lambda: self.twin.reclaim(version, game)
        )
        if done:
            self.reached["reclaimed"] += 1
            timed_out = self.twin.versions[version].timed_out
            self.reached["reclaimed after a time-out"] += timed_out

    @rule(role=who)
    def withdraw(self, role):
        account = self.person(role)
        purse = self.world.chain.evm.get_balance(account)
        done, amount = self.both(
            lambda: self.model.withdraw(sender=account), lambda: self.twin.withdraw(account)
        )
        if done:
            assert self.world.chain.evm.get_balance(account) == purse + amount
            self.reached["withdrawn"] += 1

    @rule(role=who, other=who, drawn=number, funds=rarely)
    def transfer(self, role, other, drawn, funds):
        sender = self.person(role)
        receiver = self.model.address if funds else self.person(other)
        amount = self.twin.balances[sender] * (drawn % 5) // 3  # sometimes too much
        self.both_tokens(
            lambda: self.model.transfer(receiver, amount, sender=sender),
            lambda: self.twin.transfer(sender, receiver, amount),
        )

    @rule(role=who, other=who, drawn=number, infinite=rarely)
    def transfer_from(self, role, other, drawn, infinite):
        owner, spender = self.person(role), self.person(other)
        allowed = 2**256 - 1 if infinite else drawn
        self.model.approve(spender, allowed, sender=owner)
        self.twin.approve(owner, spender, allowed)
        amount = drawn + drawn % 7 - 5
        if amount >= 0:
            self.both_tokens(
                lambda: self.model.transferFrom(owner, spender, amount, sender=spender),
                lambda: self.twin.transfer_from(spender, owner, spender, amount),
            )
        assert self.model.allowance(owner, spender) == self.twin.allowances[owner, spender]

    def both_tokens(self, on_chain, in_python):
        def answered():
            in_python()
            return True

        self.watch.both(on_chain, answered)
        self.watch.check()

    @rule(role=who, units=st.integers(1, 10**6), off=off, odd=rarely)
    def infer(self, role, units, off, odd):
        payer = self.person(role)
        units = 0 if odd else units
        maximum = 2**256 - 1 if odd else max(0, self.model.price_for(units) + off)
        request = self.world.root(units)
        outcome = self.watch.both(
            lambda: self.model.infer(units, maximum, request, sender=payer),
            lambda: self.twin.infer(payer, units, maximum),
        )
        self.reached["inferred"] += isinstance(outcome, int)
        self.watch.check()

    @rule(drawn=number, role=who, odd=rarely)
    def propose_rollback(self, drawn, role, odd):
        sender = self.person(role if odd else "creator")
        if not odd and not all(proposal.executed for proposal in self.twin.proposals):
            return
        target = self.pick(lambda v: v.status is Status.SETTLED, drawn, odd)
        if drawn % 4 == 0 and not odd:
            target = self.pick(lambda v: v.updates == 0, drawn, odd)
        now = self.world.chain.now
        self.both(
            lambda: self.model.propose_rollback(target, sender=sender),
            lambda: self.twin.propose_rollback(sender, target, now=now),
        )

    @precondition(lambda self: self.twin.proposals)
    @rule(drawn=number, odd=rarely)
    def execute_rollback(self, drawn, odd):
        last = len(self.twin.proposals)
        proposal = drawn % (last + 2) if odd else last
        if not odd:
            self.world.chain.wait(drawn % 4)  # the window is 3
        now, reserve, held = self.world.chain.now, self.twin.reserve, dict(self.twin.balances)
        done, version = self.both(
            lambda: self.model.execute_rollback(proposal),
            lambda: self.twin.execute_rollback(proposal, now=now),
        )
        if done:
            assert (self.twin.reserve, dict(self.twin.balances)) == (reserve, held)
            above = self.twin.versions[version].parent
            self.reached["rollback"] += 1
            self.reached["rollback of a rollback"] += above > 0 and not (
                self.twin.versions[above].updates
            )

    @rule(seconds=st.sampled_from((0, 1, 2, 3, 9, 10, 11, 19, 20, 29, 30)))
    def wait(self, seconds):
        self.world.chain.wait(seconds)

    def teardown(self):
        """Invariants 12 and 13: the tip takes work, and nothing stays locked in the end."""
        try:
            tip = self.twin.tip
            self.train(drawn=1, updates=5, role="trainer", paid="trainer", off=0, odd=False)
            assert self.twin.versions[-1].parent == tip
            self.world.chain.wait(30)
            self.empty()
        finally:
            self.world.chain.evm.revert(self.before)
            self.world.chain.now = self.start
            self.world.chain.wait(0)

    def empty(self):
        for number, version in enumerate(self.twin.versions):
            if version.status.is_live and not self.end(number):
                pytest.fail(f"version {number} can neither settle nor be void")
        for number, version in enumerate(self.twin.versions):
            for game, played in enumerate(version.games, 1):
                if played.is_open:
                    self.reclaim_one(number, game)
        for account in self.world.people.values():
            if self.twin.credits[account]:
                self.model.withdraw(sender=account)
                self.twin.withdraw(account)
        assert self.model.coin == self.model.burned() == self.twin.burned

    def end(self, number):
        """Settle a version or make it void; True if either is possible."""
        while self.settle_one(number):
            if not self.twin.versions[number].status.is_live:
                return True
        return self.void_one(number)


def test_contract_and_twin_live_the_same_lives(watch):
    reached = Counter()
    run_state_machine_as_test(
        lambda: Lives(watch(), reached),
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not FUZZ,
            phases=[Phase.generate] if MUTANT else list(Phase),  # a mutant needs no shrinking
        ),
    )
    print(dict(reached))  # noqa: T201
    missed = [branch for branch in BRANCHES if not reached[branch]]
    assert not missed
    assert reached["accepted"] + reached["refused"] >= 2_000


def test_statuses_are_numbered_as_in_the_specification():
    assert [status.value for status in Status] == [1, 2, 3, 4, 5]
    assert all(after.value == before.value + 1 for before, after in pairwise(Status))
