"""The rules of an arbiter that says whatever it is told: it may lie, and it may sleep."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from life import Life, number, rarely, who


class PuppetRules(Life):
    """rule, by the arbiter."""

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
