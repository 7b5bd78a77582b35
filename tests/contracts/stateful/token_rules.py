"""The rules of tokens: people move them, allow others to, and pay for inferences."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from life import Life, number, off, rarely, sometimes, who, whom

from delea.protocol.twin import NOBODY

YES = bytes.fromhex("1626ba7e").ljust(32, b"\x00")
INFINITE = 2**256 - 1


class TokenRules(Life):
    """transfer, approve, transferFrom, permit, infer, infer_with_signature."""

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
        voted = any(self.twin.votes[n, sender] for n in self.watch.open_proposals())
        lost = sender in seats - set(self.twin.top_holders(now=now))
        self.reached["a seat lost during a window"] += voted and lost

    @rule(role=who, other=who, drawn=number, infinite=sometimes)
    def approve(self, role, other, drawn, infinite):
        owner, spender = self.person(role), self.person(other)
        allowed = INFINITE if infinite else drawn
        self.both_tokens(
            lambda: self.model.approve(spender, allowed, sender=owner),
            lambda: self.twin.approve(owner, spender, allowed),
        )
        assert self.model.allowance(owner, spender) == allowed

    @rule(drawn=number, other=whom, odd=rarely)
    def transfer_from(self, drawn, other, odd):
        """Somebody spends some of an allowance, all of it, or a little more."""
        allowed = [pair for pair, amount in self.twin.allowances.items() if amount]
        owner, spender = (self.person("creator"), self.person("attacker"))
        if allowed and not odd:
            owner, spender = allowed[-1 - drawn % len(allowed)]
        limit = min(self.twin.allowances[owner, spender], 10**18)
        amount = limit * (drawn % 4) // 3 + (drawn % 9 == 0)
        receiver, now = self.person(other), self.world.chain.now
        done, _ = self.both_tokens(
            lambda: self.model.transferFrom(owner, receiver, amount, sender=spender),
            lambda: self.twin.transfer_from(spender, owner, receiver, amount, now=now),
        )
        left = self.twin.allowances[owner, spender]
        assert self.model.allowance(owner, spender) == left
        self.reached["an infinite allowance"] += done and left == INFINITE and amount > 0

    @rule(other=who, drawn=number, wrong=st.sampled_from((0, 0, 0, 1, 2, 3)), now_and_then=rarely)
    def permit(self, other, drawn, wrong, now_and_then):
        """The signer allows by signature; or one second too late, or over the wrong thing."""
        if not now_and_then:
            return
        signer, spender, now = self.world.signer, self.person(other), self.world.chain.now
        owner, amount = signer.address, INFINITE if drawn % 9 == 0 else drawn
        deadline, nonce = now - (wrong == 1), self.twin.nonces[owner] + (wrong == 2)
        values = [owner, spender, amount ^ (wrong == 3), nonce, deadline]
        signature = signer.sign(self.world.model, "Permit", values)
        done, _ = self.both_tokens(
            lambda: self.model.permit(owner, spender, amount, deadline, *signature.words),
            lambda: self.twin.permit(
                owner, spender, amount, deadline, signer=NOBODY if wrong > 1 else owner, now=now
            ),
        )
        assert self.model.allowance(owner, spender) == self.twin.allowances[owner, spender]
        self.reached["permitted" if done else "a permit refused"] += 1

    @rule(role=who, units=st.integers(1, 10**6), off=off, odd=rarely)
    def infer(self, role, units, off, odd):
        payer, poor = self.person(role), self.twin.reserve == 1
        units = 0 if odd else units
        maximum = INFINITE if odd else max(0, self.model.price_for(units) + off)
        request = self.world.root(units)
        done, _ = self.both(
            lambda: self.model.infer(units, maximum, request, sender=payer),
            lambda: self.twin.infer(payer, units, maximum, now=self.world.chain.now),
        )
        self.reached["inferred"] += done
        self.reached["a reserve of one wei"] += done and poor

    @rule(units=st.integers(1, 3_000), off=off, late=rarely, odd=rarely, key=st.booleans())
    def infer_with_signature(self, units, off, late, odd, key):
        """Somebody brings an order of a key or of a wallet: signed, or (if odd) not."""
        owner, now = self.person("signer" if key else "wallet"), self.world.chain.now
        maximum = max(0, self.model.price_for(units) + off)
        deadline, request = now - late, self.world.root(units)
        signature = b"wallet"
        if key:
            values = [owner, units + odd, maximum, request, self.twin.nonces[owner], deadline]
            signature = self.world.signer.sign(self.world.model, "Infer", values).packed
        self.world.wallet.prepare(b"" if odd else YES, refuses=False, expected=b"\x00" * 32)
        done, _ = self.both(
            lambda: self.model.infer_with_signature(
                owner, units, maximum, request, deadline, signature
            ),
            lambda: self.twin.infer_with_signature(
                owner, units, maximum, deadline, signer=NOBODY if odd else owner, now=now
            ),
        )
        self.reached["relayed payment"] += done
        self.reached["relayed for a key"] += done and key
