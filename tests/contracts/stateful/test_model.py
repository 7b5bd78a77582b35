"""A model and its twin under random lives: people train, doubt, rule, sleep, pay and roll back."""

import os
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from delea.protocol.twin import NOBODY
from delea.protocol.version import Status

MUTANT = "DELEA_CONTRACTS" in os.environ
FUZZ = os.environ.get("DELEA_FUZZ") == "1"
LIVES = 4_000 if FUZZ else 220
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
    "a seat taken",
    "two seats taken",
    "holder beats creator",
    "creator outvoted",
    "a seat lost during a window",
    "expired",
    "overruled",
    "relayed payment",
    "a reward burned",
)
YES = bytes.fromhex("1626ba7e").ljust(32, b"\x00")
number = st.integers(0, 2**16)
who = st.sampled_from(("creator", "trainer", "other_trainer", "challenger", "consumer", "attacker"))
holder = st.sampled_from(("trainer", "other_trainer", "consumer"))
whom = st.sampled_from(("creator", "trainer", "other_trainer", "consumer", "attacker", "wallet"))
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

    @initialize(seats=st.sampled_from((0, 0, 0, 1, 2, 3)))
    def begin(self, seats):
        """Begin with up to three holders who may sit, and a wallet with tokens."""
        now, wallet, funds = self.world.chain.now, self.person("wallet"), 10**21
        self.both_tokens(
            lambda: self.model.transfer(wallet, funds, sender=self.world.creator),
            lambda: self.twin.transfer(self.world.creator, wallet, funds, now=now),
        )
        for role, updates in (("trainer", 500), ("other_trainer", 400), ("consumer", 900))[:seats]:
            self.train(drawn=2, updates=updates, role=role, paid=role, off=0, odd=False)
            self.opt_in(role=role, odd=False, other=role)
        if seats:
            self.world.chain.wait(10)
            for number in range(1, seats + 1):
                self.settle_one(number)
            self.world.chain.wait(20)

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

    @rule(drawn=number, updates=st.integers(0, 1_001), role=who, paid=whom, off=off, odd=rarely)
    def train(self, drawn, updates, role, paid, off, odd):
        parent = self.twin.tip
        if drawn % 3 == 0 or odd:
            parent = self.pick(lambda v: v.line == self.twin.line, drawn, odd)
        disputed = self.pick(
            lambda v: v.line == self.twin.line and v.status is Status.CHALLENGED,
            drawn,
            anywhere=False,
        )
        if drawn % 4 == 1 and disputed is not None:
            parent = disputed
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

    @rule(drawn=number, role=who, refuted=st.booleans(), rewarded=st.booleans())
    def dispute(self, drawn, role, refuted, rewarded):
        """A challenge that is answered in the same block."""
        self.challenge(drawn=drawn, role=role, off=0, odd=False, same=False)
        self.rule_on_a_game(drawn=drawn, refuted=refuted, rewarded=rewarded, odd=False)

    @rule(drawn=number, refuted=st.booleans(), rewarded=st.booleans(), odd=rarely)
    def rule_on_a_game(self, drawn, refuted, rewarded, odd):
        version = self.pick(lambda v: v.open_games, drawn, odd)
        if version is None:
            return
        games = self.twin.versions[version].games if version < len(self.twin.versions) else []
        open_ones = [n for n, played in enumerate(games, 1) if played.is_open]
        game = open_ones[drawn % len(open_ones)] if open_ones and not odd else drawn % 3
        now = self.world.chain.now
        done, _ = self.both(
            lambda: self.world.rule(version, game, refuted=refuted, rewarded=rewarded),
            lambda: self.twin.rule(version, game, refuted=refuted, rewarded=rewarded, now=now),
        )
        if done:
            self.reached["a reward burned"] += not rewarded
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

    @rule(role=who, other=whom, drawn=number, funds=rarely)
    def transfer(self, role, other, drawn, funds):
        sender = self.person(role)
        receiver = self.model.address if funds else self.person(other)
        amount = self.twin.balances[sender] * (drawn % 9) // 8  # sometimes all
        self.move(sender, receiver, amount + (drawn % 7 == 0))

    def move(self, sender, receiver, amount):
        now = self.world.chain.now
        seats = set(self.twin.top_holders(now=now))
        self.both_tokens(
            lambda: self.model.transfer(receiver, amount, sender=sender),
            lambda: self.twin.transfer(sender, receiver, amount, now=now),
        )
        voted = any(self.twin.votes[n, sender] for n in self.open_proposals())
        lost = sender in seats - set(self.twin.top_holders(now=now))
        self.reached["a seat lost during a window"] += voted and lost

    @rule(role=who, other=who, drawn=number, infinite=rarely)
    def transfer_from(self, role, other, drawn, infinite):
        owner, spender = self.person(role), self.person(other)
        allowed = 2**256 - 1 if infinite else drawn
        self.model.approve(spender, allowed, sender=owner)
        self.twin.approve(owner, spender, allowed)
        amount = drawn + drawn % 7 - 5
        now = self.world.chain.now
        if amount >= 0:
            self.both_tokens(
                lambda: self.model.transferFrom(owner, spender, amount, sender=spender),
                lambda: self.twin.transfer_from(spender, owner, spender, amount, now=now),
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
            lambda: self.twin.infer(payer, units, maximum, now=self.world.chain.now),
        )
        self.reached["inferred"] += isinstance(outcome, int)
        self.watch.check()

    @rule(units=st.integers(1, 3_000), off=off, late=rarely, signed=st.booleans())
    def infer_with_signature(self, units, off, late, signed):
        owner, now = self.person("wallet"), self.world.chain.now
        maximum = max(0, self.model.price_for(units) + off)
        deadline = now - late
        request = self.world.root(units)
        answer = YES if signed else b""
        self.watch.wallet.prepare(answer, refuses=False, expected=b"\x00" * 32)
        outcome = self.watch.both(
            lambda: self.model.infer_with_signature(
                owner, units, maximum, request, deadline, b"wallet"
            ),
            lambda: self.twin.infer_with_signature(
                owner, units, maximum, deadline, signer=owner if signed else NOBODY, now=now
            ),
        )
        self.reached["relayed payment"] += isinstance(outcome, int)
        self.watch.check()

    @rule(role=holder, odd=rarely, other=who)
    def opt_in(self, role, odd, other):
        account, now = self.person(other if odd else role), self.world.chain.now
        if account in self.twin.rights and not odd:
            return
        self.both(
            lambda: self.model.opt_in(sender=account),
            lambda: self.twin.opt_in(account, now=now),
        )

    @rule(role=who, often=rarely)
    def opt_out(self, role, often):
        account = self.person(role)
        if often:
            self.both(
                lambda: self.model.opt_out(sender=account), lambda: self.twin.opt_out(account)
            )

    def open_proposals(self):
        now = self.world.chain.now
        proposals = enumerate(self.twin.proposals, 1)
        return [n for n, proposed in proposals if self.twin.is_open(proposed, now=now)]

    @rule(drawn=number, role=who, odd=rarely)
    def propose_rollback(self, drawn, role, odd):
        now = self.world.chain.now
        seated = [self.world.creator, *self.twin.top_holders(now=now)]
        self.reached["a seat taken"] += len(seated) > 1
        self.reached["two seats taken"] += len(seated) > 2
        sender = self.person(role) if odd else seated[drawn % len(seated)]
        target = self.pick(lambda v: v.status is Status.SETTLED, drawn, odd)
        if drawn % 4 == 0 and not odd:
            target = self.pick(lambda v: v.updates == 0, drawn, odd)
        self.propose(sender, target)

    def propose(self, sender, target):
        now = self.world.chain.now
        return self.both(
            lambda: self.model.propose_rollback(target, sender=sender),
            lambda: self.twin.propose_rollback(sender, target, now=now),
        )

    @precondition(lambda self: self.twin.proposals)
    @rule(drawn=number, role=who, vote=st.integers(-1, 1), odd=rarely)
    def vote_rollback(self, drawn, role, vote, odd):
        now = self.world.chain.now
        proposal = drawn % (len(self.twin.proposals) + 2)
        if not odd and self.open_proposals():
            proposal = self.open_proposals()[-1 - drawn % len(self.open_proposals())]
        vote = 2 if odd and drawn % 2 else vote
        vote = 1 if vote == 0 and drawn % 2 else vote
        seated = [self.world.creator, *self.twin.top_holders(now=now)]
        sender = self.person(role) if drawn % 3 == 0 else seated[drawn % len(seated)]
        self.vote(sender, proposal, vote)

    def vote(self, sender, proposal, vote):
        now = self.world.chain.now
        self.both(
            lambda: self.model.vote_rollback(proposal, vote, sender=sender),
            lambda: self.twin.vote_rollback(sender, proposal, vote, now=now),
        )
        self.reached["creator outvoted"] += self.against_the_creator() < 0

    @precondition(lambda self: self.twin.top_holders(now=self.world.chain.now))
    @rule(drawn=number, first=st.booleans())
    def contest(self, drawn, first):
        """A holder and the creator want different things."""
        now = self.world.chain.now
        seated = [self.world.creator, self.twin.top_holders(now=now)[0]]
        for sender, other in (seated, seated[::-1]):
            done, proposal = self.propose(sender, 0)
            if done and drawn % 3:
                self.vote(other, proposal, -1 if drawn % 2 else 1)
        if drawn % 4 == 0:  # the holder sells his seat
            self.move(seated[1], self.person("attacker"), self.twin.balances[seated[1]])
        self.world.chain.wait(10)
        for proposal in sorted(self.open_proposals(), reverse=first):
            self.execute(proposal)

    def against_the_creator(self):
        """The least score of an open proposal that the creator is for."""
        now, twin = self.world.chain.now, self.twin
        mine = [n for n in self.open_proposals() if twin.votes[n, self.world.creator] > 0]
        return min((twin.score(n, now=now) for n in mine), default=0)

    @precondition(lambda self: self.twin.proposals)
    @rule(drawn=number, odd=rarely)
    def execute_rollback(self, drawn, odd):
        last = len(self.twin.proposals)
        proposal = drawn % (last + 2)
        if not odd and self.open_proposals():
            proposal = self.open_proposals()[drawn % len(self.open_proposals())]
            opens = self.twin.proposals[proposal - 1].proposed_at + 10
            if drawn % 3:
                self.world.chain.wait(max(0, opens - self.world.chain.now))
        self.execute(proposal)

    def execute(self, proposal):
        now, reserve, held = self.world.chain.now, self.twin.reserve, dict(self.twin.balances)
        reasons = self.reached
        done, outcome = self.both(
            lambda: self.model.execute_rollback(proposal),
            lambda: self.twin.execute_rollback(proposal, now=now),
        )
        if done:
            assert (self.twin.reserve, dict(self.twin.balances)) == (reserve, held)
            above = self.twin.versions[outcome].parent
            against = self.twin.votes[proposal, self.world.creator] < 0
            reasons["holder beats creator"] += against
            reasons["rollback"] += 1
            reasons["rollback of a rollback"] += above > 0 and not (
                self.twin.versions[above].updates
            )
        else:
            reasons["expired"] += outcome == "execute_rollback: expired"
            reasons["overruled"] += outcome == "execute_rollback: overruled"

    @rule(seconds=st.sampled_from((0, 1, 2, 3, 9, 10, 11, 19, 20, 29, 30)))
    def wait(self, seconds):
        self.world.chain.wait(seconds)

    def teardown(self):
        """Invariants 12 and 13: the tip takes work, and nothing stays locked in the end."""
        try:
            tip = self.twin.tip
            self.train(drawn=2, updates=5, role="trainer", paid="trainer", off=0, odd=False)
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
            if self.twin.credits[account]:  # the wallet sends no transactions, hence has no bonds
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
            report_multiple_bugs=False,
            phases=[Phase.generate] if MUTANT else list(Phase),  # a mutant needs no shrinking
        ),
    )
    print(dict(reached))  # noqa: T201
    missed = [branch for branch in BRANCHES if not reached[branch]]
    assert not missed
    assert reached["accepted"] + reached["refused"] >= (100_000 if FUZZ else 2_000)


def test_statuses_are_numbered_as_in_the_specification():
    assert [status.value for status in Status] == [1, 2, 3, 4, 5]
    assert all(after.value == before.value + 1 for before, after in pairwise(Status))
