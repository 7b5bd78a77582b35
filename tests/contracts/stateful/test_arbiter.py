"""StewardArbiter under random lives, beside its definition in SPEC.md, "The stewards' arbiter"."""

import os
from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from life import number, rarely, who, whom
from watch import Refused, answer_of
from whole_life import WholeLife

from delea.errors import RevertError

FUZZ = os.environ.get("DELEA_FUZZ") == "1"
LIVES = 1_000 if FUZZ else 50
BRANCHES = (
    "voted",
    "vote: party",
    "vote: already",
    "vote: no open game",
    "decide: no open game",
    "decide: tied",
    "decide: votes are missing",
    "rule: too late",
    "refuted by the creator alone",
    "refuted by a holder",
    "upheld by the creator alone",
    "upheld by a holder",
    "decided before half of the window",
    "decided with votes missing",
    "a beneficiary voted",
)


class JudgedLife(WholeLife):
    """Whoever is no party votes on games, and anyone has them decided."""

    def __init__(self, watch, arbiter, reached):
        super().__init__(watch, reached)
        self.arbiter = arbiter
        self.votes = Counter()

    @initialize(seats=st.sampled_from((0, 2, 3, 3)), poor=rarely)
    def begin(self, seats, poor):
        """Begin with seats taken more often than not."""
        super().begin(seats=seats, poor=poor)

    def game(self, drawn, odd):
        """An open game if there is one and nothing odd is wanted; else any numbers."""
        versions = self.twin.versions
        found = [
            (number, game)
            for number, version in enumerate(versions)
            for game, played in enumerate(version.games, 1)
            if played.is_open
        ]
        if found and not odd:
            return found[-1 - drawn % len(found)]
        return drawn % len(versions), drawn % 3

    def parties(self, version, game, reason):
        """The two who are no judges; refused if the game is not open."""
        claim = self.twin.versions[version]
        if not (1 <= game <= len(claim.games) and claim.games[game - 1].is_open):
            raise RevertError(reason)
        return claim.sender, claim.games[game - 1].challenger

    def tally(self, version, game, parties):
        """Score, weight of who has not voted, whether a holder is of the majority."""
        holders = [h for h in self.twin.top_holders(now=self.world.chain.now) if h not in parties]
        creator = [self.twin.creator] if self.twin.creator not in parties else []
        cast = [(2, self.votes[version, game, holder]) for holder in holders]
        everyone = cast + [(1, self.votes[version, game, account]) for account in creator]
        score = sum(weight * vote for weight, vote in everyone)
        missing = sum(weight for weight, vote in everyone if not vote)
        return score, missing, any(vote * score > 0 for _, vote in cast)

    def both_arbiters(self, on_chain, in_python):
        """The same answer, or refused for the same reason; the model as the twin has it."""
        expected = answer_of(in_python)
        assert answer_of(on_chain) == expected
        reason = getattr(expected, "reason", "")
        self.reached["refused" if reason else "accepted"] += 1
        self.reached[reason] += 1
        self.watch.is_changed = True
        self.watch.check()
        return not isinstance(expected, Refused)

    @rule(
        roles=st.tuples(who, whom, who),
        votes=st.lists(st.sampled_from((True, False, None)), min_size=3, max_size=3),
        wait=st.sampled_from((0, 0, 19, 20, 30)),
    )
    def case(self, roles, votes, wait):
        """A claim is challenged, the stewards vote or do not, some time passes, it is decided."""
        trainer, paid, challenger = roles
        self.train(drawn=2, updates=7, role=trainer, paid=paid, off=0, odd=False)
        self.challenge(drawn=0, role=challenger, off=0, odd=False, same=False)
        now = self.world.chain.now
        for steward, refuted in zip(
            (self.twin.creator, *self.twin.top_holders(now=now)), votes, strict=False
        ):
            if refuted is not None:
                self.vote_on(*self.game(drawn=0, odd=False), steward, refuted=refuted)
        self.world.chain.wait(wait)
        self.decide(drawn=0, odd=False)

    @rule(drawn=number, role=who, refuted=st.booleans(), odd=rarely)
    def vote_on_a_game(self, drawn, role, refuted, odd):
        version, game = self.game(drawn, odd)
        seated = [self.twin.creator, *self.twin.top_holders(now=self.world.chain.now)]
        voter = self.person(role) if drawn % 3 == 0 else seated[drawn % len(seated)]
        self.vote_on(version, game, voter, refuted=refuted)

    def vote_on(self, version, game, voter, *, refuted):
        def vote():
            parties = self.parties(version, game, "vote: no open game")
            if voter in parties:
                raise RevertError("vote: party")
            if self.votes[version, game, voter]:
                raise RevertError("vote: already")
            self.votes[version, game, voter] = 1 if refuted else -1

        model = self.watch.model.address
        done = self.both_arbiters(
            lambda: self.arbiter.vote(model, version, game, refuted, sender=voter), vote
        )
        self.reached["voted"] += done
        beneficiary = self.twin.versions[version].beneficiary
        self.reached["a beneficiary voted"] += done and voter == beneficiary
        if done:
            cast = self.arbiter.vote_of(model, version, game, voter)
            assert cast == self.votes[version, game, voter]
            parties = self.parties(version, game, "")
            score, missing, by_holder = self.tally(version, game, parties)
            told = self.arbiter.tally(model, version, game)
            assert (told["score"], told["missing"]) == (score, missing)
            assert told["by_holder"] == by_holder or score == 0  # then there is no majority

    @rule(drawn=number, odd=rarely)
    def decide(self, drawn, odd):
        version, game = self.game(drawn, odd)
        now, terms = self.world.chain.now, self.world.terms
        made = []

        def decision():
            parties = self.parties(version, game, "decide: no open game")
            score, missing, by_holder = self.tally(version, game, parties)
            if score == 0:
                raise RevertError("decide: tied")
            half = terms.challenge_window + terms.verdict_window // 2
            late = now >= self.twin.versions[version].submitted_at + half
            if abs(score) <= missing and not late:
                raise RevertError("decide: votes are missing")
            refuted = score > 0
            self.twin.rule(version, game, refuted=refuted, rewarded=by_holder, now=now)
            made.append((refuted, by_holder, late, missing))

        model = self.watch.model.address
        if self.both_arbiters(lambda: self.arbiter.decide(model, version, game), decision):
            ((refuted, by_holder, late, missing),) = made
            by = "by a holder" if by_holder else "by the creator alone"
            self.reached[f"{'refuted' if refuted else 'upheld'} {by}"] += 1
            self.reached["decided before half of the window"] += not late
            self.reached["decided with votes missing"] += missing > 0


def test_the_stewards_decide_games_as_their_definition_says(judged):
    start, arbiter = judged
    reached = Counter()
    run_state_machine_as_test(
        lambda: JudgedLife(start(), arbiter, reached),
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=60,
            deadline=None,
            derandomize=not FUZZ,
            report_multiple_bugs=False,
        ),
    )
    print(dict(reached))  # noqa: T201
    assert [branch for branch in BRANCHES if not reached[branch]] == []
