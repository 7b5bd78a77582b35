"""The rules of the tree: people train, doubt, settle and take their coin."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from life import Life, number, off, rarely, who, whom

from delea.protocol.version import Status


class TreeRules(Life):
    """train, challenge, settle, void, reclaim, withdraw."""

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
        poor = self.twin.reserve == 1
        done, settled = self.both(
            lambda: self.model.settle(number), lambda: self.twin.settle(number, now=now)
        )
        if done and settled:
            claim = versions[number]
            self.reached["settled"] += 1
            self.reached["a reserve of one wei"] += poor
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
