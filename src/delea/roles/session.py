"""A session: one model at work, its files fetched and checked, its module in a sandbox."""

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from delea.artifact import Manifest, check_state, state_root
from delea.chain import Chain, ModelClient
from delea.errors import (
    ArtifactError,
    ChainError,
    DigestError,
    DivergedError,
    RefusedError,
    ReorgError,
    StoreError,
)
from delea.ids import Address
from delea.protocol.claim import Claim, Refuted, Verdict, claim_of, judge, judge_diverged
from delea.protocol.version import Version
from delea.runtime import DEFAULT_LIMITS, Child, Limits, Sandbox, Trained
from delea.store import Store

OnStep = Callable[[int, float], None]
Audit = Callable[[bytes], None]
"""Raises UnauditedError unless a module may be trusted: see `delea.roles.auditing`."""


class Place(Protocol):
    """A model on a chain: enough for a role that runs nothing."""

    @property
    def chain(self) -> Chain:
        """The chain."""

    @property
    def model(self) -> ModelClient:
        """The model."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A place without a session: no store, no sandbox."""

    chain: Chain
    model: ModelClient


class Session:
    """A model on a chain, with its files from a store; use it as a context manager.

    `audit` decides which modules are trusted to give the same bits everywhere.

    Raises:
        MissingError, DigestError: the store lacks the module or the dataset, or holds others.
        UnauditedError: the audit refuses the module.
        RefusedError: the module breaks the rules, or the dataset does not fit it.
        ChainError: the model's games are not decided by its stewards.
    """

    def __init__(
        self,
        chain: Chain,
        address: Address,
        store: Store,
        *,
        audit: Audit,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.chain, self.store = chain, store
        self._verdicts: dict[Claim, Verdict] = {}  # to run a claim again costs as much as its work
        self._lost: dict[Claim, str] = {}  # what stands on a wrong claim, and what is said of that
        child = Child(limits)  # it gets ready while the files are looked up
        try:
            self.model: ModelClient = chain.model(address)
            terms = self.model.terms
            self.arbiter = chain.arbiter(terms.arbiter)
            self.module = store.get_file(terms.artifact)
            self.dataset = store.get_file(terms.dataset)
            self.sandbox = Sandbox(self.module, child=child)  # first: to refuse is quicker
            audit(self.module)
            self.sandbox.load_dataset(self.dataset)
        except BaseException:
            child.close()
            raise

    @property
    def manifest(self) -> Manifest:
        """What the module says of itself."""
        return self.sandbox.manifest

    def close(self) -> None:
        """End the sandbox."""
        self.sandbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def check_back(self) -> None:
        """After a silence of the node: see that all is as it was, and confirm what was sent.

        Raises:
            ChainError: it is a node of another chain, of one without this model, or with another in
                its place; or it refuses what was perhaps sent before.
        """
        self.chain.check_same()
        terms = self.chain.model(self.model.address).terms
        if terms != self.model.terms:
            raise ChainError(f"the terms of {self.model.address} as before expected, got others")
        self.chain.confirm()

    def claim(self, version: Version) -> Claim:
        """Return what a version's sender claims; raises RefusedError if nobody trained it."""
        if version.updates == 0:
            raise RefusedError(f"version {version.id} is no claim: nobody trained it")
        return self._claim_on(self.model.version(version.parent), version)

    def _claim_on(self, parent: Version, version: Version) -> Claim:
        return claim_of(
            version,
            parent,
            chain_id=self.chain.chain_id,
            model=self.model.address,
            steps_per_update=self.manifest.steps_per_update,
        )

    def check_same(self, claim: Claim) -> None:
        """Raise ReorgError if its number is another claim's now: what was re-run is gone."""
        if self.claim(self.model.version(claim.version)) != claim:
            raise ReorgError(
                f"version {claim.version} as it was re-run expected, got another claim:"
                " the chain took blocks back"
            )

    def judge(self, version: Version, *, on_step: OnStep | None = None) -> Verdict:
        """Re-run a claim, once in a session, and compare; a right state is kept in the store.

        Raises:
            DigestError: the version that it stands on is itself a wrong claim.
        """
        claim = self.claim(version)
        if claim not in self._verdicts:
            before = self.state(self.model.version(version.parent))
            self._run(before, claim, on_step)
        return self._verdicts[claim]

    def train(
        self,
        state: bytes,
        seed: bytes,
        steps: int,
        *,
        on_step: OnStep | None = None,
        keep_losses: bool = False,
    ) -> Trained:
        """Run steps an update at a time: the sandbox's time limit is then one for an update.

        Training has no memory but the state, so the cut changes no bit. Losses are kept only if
        asked for: a claim may have more of them than this process has memory.
        """
        losses: list[float] = []
        for done in range(0, steps, self.manifest.steps_per_update):
            piece = min(self.manifest.steps_per_update, steps - done)
            listener = later(on_step, done)
            trained = self.sandbox.train(
                state, seed, piece, on_step=listener, keep_losses=keep_losses
            )
            state = trained.state
            losses += trained.losses
        return Trained(state, tuple(losses))

    def state(self, version: Version, *, on_step: OnStep | None = None) -> bytes:
        """Return a version's state: from the store, or by replaying claims since one that is there.

        Raises:
            StoreError, ArtifactError: the store lacks the genesis state, or it is damaged.
            DigestError: a claim on the way does not end in its root: there is no such state.
        """
        missing: list[tuple[Version, Claim]] = []
        try:
            while (state := self._stored(version)) is None:
                parent = self.model.version(version.parent)
                claim = self._claim_on(parent, version)
                self._check_not_lost(claim)  # else each claim of a pile would walk down all of it
                missing.append((version, claim))
                version = parent
            for later, _ in reversed(missing):
                state = self.replay(state, later, on_step=on_step)
        except DigestError as fault:
            self._lost |= {claim: str(fault) for _, claim in missing}
            raise
        check_state(state, self.manifest)
        return state

    def replay(self, before: bytes, version: Version, *, on_step: OnStep | None = None) -> bytes:
        """Return the state after a version, given the one before it, and keep it.

        Raises:
            DigestError: the claim does not end in its root.
        """
        if version.updates == 0:
            return before
        claim = self.claim(version)
        self._check_not_wrong(version, claim)
        after = self._run(before, claim, on_step)
        self._check_not_wrong(version, claim)
        return after

    def _run(self, before: bytes, claim: Claim, on_step: OnStep | None) -> bytes:
        """Train what a claim says; remember the verdict, keep the state and return it."""
        try:
            after = self.train(before, claim.seed, claim.steps, on_step=on_step).state
        except DivergedError:
            self._verdicts[claim] = judge_diverged(claim)
            return b""
        root = state_root(after)
        self.store.put_state(root, after)
        self._verdicts[claim] = judge(claim, root)
        return after

    def _check_not_lost(self, claim: Claim) -> None:
        """Raise DigestError for a claim that is known to stand on a wrong one."""
        if claim in self._lost:
            raise DigestError(self._lost[claim])

    def _check_not_wrong(self, version: Version, claim: Claim) -> None:
        """Raise DigestError for a claim that is known to be wrong."""
        verdict = self._verdicts.get(claim)
        if isinstance(verdict, Refuted):
            root = verdict.right_root
            came = "diverged" if verdict == judge_diverged(claim) else f"gave {root.hex()}"
            remedy = f" (delea verify {self.model.address} --challenge disputes it)"
            raise DigestError(
                f"version {version.id} is a wrong claim: root {version.root.hex()} claimed,"
                f" a replay {came}{remedy if version.status.is_live else ''}"
            )

    def _stored(self, version: Version) -> bytes | None:
        """Return a state that is in the store; a lost or damaged one can be had by replaying."""
        try:
            return self.store.get_state(version.root)
        except (StoreError, ArtifactError):
            if version.id == version.parent:
                raise  # nothing comes before genesis
            return None


def later(on_step: OnStep | None, done: int) -> OnStep | None:
    """Return a listener that counts `done` steps more."""
    return on_step and (lambda step, loss: on_step(done + step, loss))
