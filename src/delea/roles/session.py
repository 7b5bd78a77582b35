"""A session: one model at work, its files fetched and checked, its module in a sandbox."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from delea.artifact import Manifest, check_state, state_root
from delea.chain import Chain, ModelClient
from delea.errors import DigestError, MissingError, RefusedError
from delea.ids import Address, Digest
from delea.protocol.claim import Claim, Verdict, claim_of, judge
from delea.protocol.version import Version
from delea.runtime import DEFAULT_LIMITS, Limits, Sandbox
from delea.store import Store

OnStep = Callable[[int, float], None]


class Session:
    """A model on a chain, with its files from a store; use it as a context manager.

    Raises:
        MissingError, DigestError: the store lacks the module or the dataset, or holds others.
        RefusedError: the module breaks the rules, or the dataset does not fit it.
    """

    def __init__(
        self, chain: Chain, address: Address, store: Store, *, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self.chain, self.store = chain, store
        self.model: ModelClient = chain.model(address)
        terms = self.model.terms
        self.module = store.get_file(terms.artifact)
        self.dataset = store.get_file(terms.dataset)
        self.sandbox = Sandbox(self.module, limits=limits)
        try:
            self.sandbox.load_dataset(self.dataset)
        except BaseException:
            self.sandbox.close()
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

    def claim(self, version: Version) -> Claim:
        """Return what a version's sender claims."""
        return claim_of(
            version,
            self.model.version(version.parent),
            chain_id=self.chain.chain_id,
            model=self.model.address,
            steps_per_update=self.manifest.steps_per_update,
        )

    def judge(self, version: Version, *, on_step: OnStep | None = None) -> Verdict:
        """Re-run a claim and compare; a right state is kept in the store."""
        claim = self.claim(version)
        after = self._rerun(claim, version, on_step)
        root = state_root(after)
        self.store.put_state(root, after)
        return judge(claim, root)

    def state(self, version: Version, *, on_step: OnStep | None = None) -> bytes:
        """Return a version's state: from the store, or by replaying claims since one that is there.

        Raises:
            DigestError: a claim on the way does not end in its root: there is no such state.
        """
        missing = []
        while (state := self._stored(version.root)) is None:
            if version.id == version.parent:
                raise MissingError(f"no genesis state with root {version.root.hex()} in the store")
            missing.append(version)
            version = self.model.version(version.parent)
        for later in reversed(missing):
            state = self._replayed(state, later, on_step)
        check_state(state, self.manifest)
        return state

    def _stored(self, root: Digest) -> bytes | None:
        try:
            return self.store.get_state(root)
        except MissingError:
            return None

    def _replayed(self, state: bytes, version: Version, on_step: OnStep | None) -> bytes:
        """Return the state after a claim, given the one before it, and keep it."""
        if version.updates == 0:
            return state
        claim = self.claim(version)
        after = self.sandbox.train(state, claim.seed, claim.steps, on_step=on_step).state
        root = state_root(after)
        if root != version.root:
            raise DigestError(
                f"version {version.id}: root {version.root.hex()} claimed,"
                f" a replay gave {root.hex()}"
            )
        self.store.put_state(root, after)
        return after

    def _rerun(self, claim: Claim, version: Version, on_step: OnStep | None) -> bytes:
        if version.updates == 0:
            raise RefusedError(f"version {version.id} is no claim: nobody trained it")
        before = self.state(self.model.version(version.parent))
        return self.sandbox.train(before, claim.seed, claim.steps, on_step=on_step).state
