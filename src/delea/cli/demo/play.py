"""The main job, played on one model: built, created, trained, checked, paid, used, rolled back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from delea.artifact import DATASET_HEADER, Artifact, read_dataset, state_root
from delea.cli.demo.invariants import check_invariants
from delea.cli.demo.record import Record, Row
from delea.errors import RevertError
from delea.ids import Wei
from delea.protocol.claim import Refuted
from delea.protocol.version import Status
from delea.roles import consumer, creator, steward, trainer, verifier
from delea.roles.auditing import check_audited, trust
from delea.roles.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from delea.cli.demo.cast import Cast
    from delea.cli.demo.screen import Screen
    from delea.roles.trainer import Update

HORIZON = 320
MAX_UPDATES = 5
DAY = 86_400
ASKED_ROWS = 4
DRAWN_POINTS = 200
FIRST_PART = (("trainer A", 1), ("trainer B", 1), ("trainer A", 2), ("trainer B", 2))


@dataclass(slots=True)
class Play:
    """One model's play; `checks` is the session of those who trust nobody: verifier, consumer."""

    cast: Cast
    screen: Screen
    session: Session
    checks: Session
    record: Record

    def genesis(self) -> None:
        """Remember version 0."""
        model = self.session.model
        first = model.version(0)
        self.record.rows.append(
            Row(0, 0, first.beneficiary, first.status, model.reserve(), model.price_for(1))
        )

    def honest(self, role: str, updates: int) -> int:
        """Train the tip and claim it; a verifier re-runs it at once. Return the version."""
        update = self._trained(role, updates)
        version = self._claimed(role, update)
        self.verify(version)
        return version

    def _trained(self, role: str, updates: int) -> Update:
        sender = self.cast.keys[role].address
        steps = updates * self.session.manifest.steps_per_update
        with self.screen.training(f"{role} trains {_count(updates, 'update')}", steps) as on_step:
            return trainer.train(
                self.session, sender=sender, updates=updates, on_step=on_step, keep_losses=True
            )

    def _claimed(self, role: str, update: Update) -> int:
        claimed = trainer.claim(self.session, update, key=self.cast.keys[role])
        model = self.session.model
        parent = model.version(update.parent)
        version = model.version(claimed.version)
        before = self.session.sandbox.evaluate(self.session.state(parent))
        self.record.rows.append(
            Row(
                id=version.id,
                parent=version.parent,
                beneficiary=version.beneficiary,
                status=version.status,
                reserve=model.reserve(block=claimed.block),
                price=model.price_for(1, block=claimed.block),
                updates=update.updates,
                loss_before=before,
                loss_after=self.session.sandbox.evaluate(update.state),
                losses=update.losses,
            )
        )
        return version.id

    def verify(self, version: int) -> verifier.Check:
        """Re-run a claim and remember the verdict."""
        check = verifier.verify(self.checks, self.checks.model.version(version))
        refuted = isinstance(check.verdict, Refuted)
        self.record.row(version).verdict = "refuted" if refuted else "upheld"
        self.screen.say(
            f"the verifier re-ran version {version}: "
            + ("another root, refuted" if refuted else "the same root, upheld")
        )
        return check

    def settle(self) -> None:
        """Cross the challenge window and settle what stood."""
        window = self.session.model.terms.challenge_window
        self.screen.say(f"the challenge window of {window} s is crossed with evm_increaseTime")
        self.cast.anvil.increase_time(window)
        for payment in trainer.settle_due(self.session, key=self.cast.keys["trainer A"]):
            self.record.row(payment.version).reward = payment.reward
        for role in ("trainer A", "trainer B"):
            trainer.withdraw(self.session, key=self.cast.keys[role])

    def infer(self) -> None:
        """A consumer gets tokens by a plain transfer, pays, and re-checks the answer it gets."""
        model, keys = self.session.model, self.cast.keys
        tokens = Wei(model.balance_of(keys["trainer A"].address) // 2)
        model.transfer(keys["consumer"].address, tokens, key=keys["trainer A"])
        paid = consumer.pay(self.session, self._rows_to_ask(), key=keys["consumer"])
        result = consumer.answer(self.session, paid.request)
        consumer.check(self.checks, paid.request, result)
        model.transfer(model.address, paid.price, key=keys["consumer"])
        self.record.paid, self.record.checked = paid.price, True
        self.screen.say(
            f"the consumer got tokens from trainer A, paid for {paid.units} inferences, re-checked"
            " the answers bit for bit, and gave as much again to the reserve"
        )

    def _rows_to_ask(self) -> bytes:
        """Return the inputs of the dataset's first rows."""
        manifest, start = self.session.manifest, DATASET_HEADER
        rows = [
            self.session.dataset[at : at + manifest.input.byte_length]
            for at in range(
                start, start + ASKED_ROWS * manifest.record_bytes, manifest.record_bytes
            )
        ]
        return b"".join(rows)

    def cheat(self) -> None:
        """An attacker flips one bit and claims it; honest work goes on beside the false claim."""
        keys, model = self.cast.keys, self.session.model
        update = self._trained("attacker", 1)
        state = bytearray(update.state)
        state[-1] ^= 1
        false = replace(update, state=bytes(state), root=state_root(bytes(state)))
        version = self._claimed("attacker", false)
        bond = model.version(version).bond
        self.screen.say(f"the attacker claimed version {version} with one bit of the state flipped")
        verifier.challenge(self.checks, self.verify(version), key=keys["verifier"])
        self.screen.say("the verifier challenged it; trainer B builds beside it, at once")
        self.honest("trainer B", 1)
        steward.rule_games(self.checks, key=keys["trainer B"])
        status = model.version(version).status.name.lower()
        won = trainer.withdraw(self.session, key=keys["verifier"])
        self.screen.say(
            f"trainer B, a steward, re-ran it and voted: version {version} is {status}; of the"
            f" attacker's bond of {bond} wei the verifier won {won - bond}, the rest is burned"
        )

    def opt_in(self) -> None:
        """Both trainers switch on their rights to a steward's seat."""
        for role in ("trainer A", "trainer B"):
            self.session.model.opt_in(key=self.cast.keys[role])

    def sit(self) -> None:
        """Cross two rollback windows: who held half a percent all the while sits."""
        model = self.session.model
        self.screen.say("two rollback windows are crossed with evm_increaseTime")
        self.cast.anvil.increase_time(2 * model.terms.rollback_window)
        seats = ", ".join(self.cast.role_of(holder) for holder in model.top_holders())
        self.screen.say(f"the stewards: the creator, and by what they earned and hold, {seats}")

    def rollback(self) -> None:
        """A holder beats the creator: his veto stands, and his own rollback passes.

        The old root is appended and nothing is lost.
        """
        model, keys = self.session.model, self.cast.keys
        head = model.version(model.head())
        vetoed = steward.propose(self.cast.chain, model, 0, key=keys["creator"])
        model.vote_rollback(vetoed.proposal, -1, key=keys["trainer B"])
        wanted = steward.propose(self.cast.chain, model, head.parent, key=keys["trainer B"])
        model.vote_rollback(wanted.proposal, -1, key=keys["creator"])
        window = model.terms.rollback_window
        self.screen.say(f"the rollback window of {window} s is crossed with evm_increaseTime")
        self.cast.anvil.increase_time(window)
        self._vetoed(vetoed.proposal)
        done = steward.execute(model, wanted.proposal, key=keys["consumer"])
        version = model.version(done.version)
        evaluate = self.session.sandbox.evaluate
        self.record.rows.append(
            Row(
                id=version.id,
                parent=version.parent,
                beneficiary=version.beneficiary,
                status=version.status,
                reserve=model.reserve(),
                price=model.price_for(1),
                loss_before=evaluate(self.session.state(head)),
                loss_after=evaluate(self.session.state(version)),
            )
        )
        self.screen.say(
            f"trainer B rolled back to version {done.target}, as version {version.id}, against the"
            f" creator's vote: score {done.score}"
        )

    def _vetoed(self, proposal: int) -> None:
        """Try to carry out a proposal that a holder voted against."""
        score = self.session.model.score_of(proposal)
        try:
            steward.execute(self.session.model, proposal, key=self.cast.keys["creator"])
        except RevertError as refusal:
            self.screen.say(
                f"the creator wanted to go back to genesis, trainer B voted against: score {score},"
                f" {refusal.reason}"
            )
            return
        raise AssertionError("a holder's vote outweighs the creator's")

    def finish(self) -> None:
        """Remember how every version ended, measure the head, and check the books."""
        model = self.session.model
        for version in model.versions():
            self.record.row(version.id).status = version.status
        self._fit()
        head = self.session.state(model.version(model.head()))
        self.record.test_accuracy = _accuracy(self.session, head)
        upheld = {row.id for row in self.record.rows if row.verdict == "upheld"}
        self.record.invariants = check_invariants(self.cast, self.session, upheld)

    def _fit(self) -> None:
        """Remember what each settled version answers, if it is a curve that can be drawn."""
        model, manifest = self.session.model, self.session.manifest
        if (manifest.input.size, manifest.output.size) != (1, 1):
            return
        count = manifest.max_rows
        records = np.frombuffer(self.session.dataset, "<f4", offset=DATASET_HEADER)
        asked = np.sort(records.reshape(count, 2)[:: max(1, count // DRAWN_POINTS), 0])
        self.record.asked = tuple(asked.tolist())
        for version in model.versions():
            if version.status is Status.SETTLED:
                outputs = self.session.sandbox.infer(self.session.state(version), asked.tobytes())
                rows = consumer.decode_rows(outputs, manifest.output)
                self.record.row(version.id).fit = tuple(rows.reshape(-1).tolist())


def play(cast: Cast, screen: Screen, path: Path, name: str) -> Record:
    """Play the whole job with the program in a Python file."""
    screen.title(name)
    artifact = creator.build_artifact(path)
    screen.say(f"built {path.name}: a module of {len(artifact.module)} bytes")
    made = _create(cast, artifact, name)
    screen.say(f"created at {made.address}, {made.seconds_per_update:.2f} s per update")
    with (
        Session(cast.chain, made.address, cast.store, audit=check_audited) as session,
        Session(cast.chain, made.address, cast.store, audit=trust) as checks,
    ):
        steps = session.manifest.steps_per_update
        record = Record(name, made.address, made.terms, steps)
        record.tested = read_dataset(session.dataset, session.manifest).test_rows > 0
        played = Play(cast, screen, session, checks, record)
        played.genesis()
        played.opt_in()
        for role, updates in FIRST_PART:
            played.honest(role, updates)
        played.settle()
        played.infer()
        played.sit()
        played.cheat()
        played.settle()
        played.rollback()
        played.honest("trainer A", 2)
        played.settle()
        played.finish()
    return played.record


def _create(cast: Cast, artifact: Artifact, name: str) -> creator.Created:
    offer = creator.Offer(
        name=name,
        symbol=name[:4].upper(),
        horizon=HORIZON,
        max_updates=MAX_UPDATES,
        challenge_window=DAY,
        verdict_window=DAY,
        rollback_window=DAY,
    )
    key = cast.keys["creator"]
    return creator.create(cast.chain, cast.store, artifact, offer, key=key, audit=trust)


def _accuracy(session: Session, state: bytes) -> float | None:
    """Return the part of the test rows classified rightly; None if the model does not classify."""
    manifest = session.manifest
    if manifest.loss != "cross_entropy":
        return None
    inputs, labels = manifest.input, manifest.target
    record = np.dtype([("x", "u1", inputs.byte_length), ("y", "<i4", labels.shape)])
    table = np.frombuffer(session.dataset, record, offset=DATASET_HEADER)
    test = table[int.from_bytes(session.dataset[:4], "little") :]
    outputs = session.sandbox.infer(state, test["x"].tobytes())
    guesses = consumer.decode_rows(outputs, manifest.output).argmax(axis=1)
    return float((guesses == test["y"]).mean())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
