"""The rules of the stewards: rights, seats, proposals, votes, rollbacks."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from life import Life, holder, number, rarely, sometimes, who

from delea.protocol.version import Status


class StewardRules(Life):
    """opt_in, opt_out, propose_rollback, vote_rollback, execute_rollback."""

    @rule(role=holder, odd=rarely, other=who)
    def opt_in(self, role, odd, other):
        account, now = self.person(other if odd else role), self.world.chain.now
        if account in self.twin.rights and not odd:
            return
        self.both(
            lambda: self.model.opt_in(sender=account),
            lambda: self.twin.opt_in(account, now=now),
        )

    @rule(role=who, odd=rarely, often=sometimes)
    def opt_out(self, role, odd, often):
        """Few switch their right off, mostly those who have one."""
        account, now = self.person(role), self.world.chain.now
        if not odd and not (often and account in self.twin.rights):
            return
        seated = account in self.twin.top_holders(now=now)
        done, _ = self.both_tokens(
            lambda: self.model.opt_out(sender=account), lambda: self.twin.opt_out(account)
        )
        self.reached["opted out of a seat"] += done and seated

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
        if not odd and self.watch.open_proposals():
            proposal = self.watch.open_proposals()[-1 - drawn % len(self.watch.open_proposals())]
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
        for proposal in sorted(self.watch.open_proposals(), reverse=first):
            self.execute(proposal)

    def against_the_creator(self):
        """The least score of an open proposal that the creator is for."""
        now, twin = self.world.chain.now, self.twin
        mine = [n for n in self.watch.open_proposals() if twin.votes[n, self.world.creator] > 0]
        return min((twin.score(n, now=now) for n in mine), default=0)

    @precondition(lambda self: self.twin.proposals)
    @rule(drawn=number, odd=rarely)
    def execute_rollback(self, drawn, odd):
        last = len(self.twin.proposals)
        proposal = drawn % (last + 2)
        if not odd and self.watch.open_proposals():
            proposal = self.watch.open_proposals()[drawn % len(self.watch.open_proposals())]
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
