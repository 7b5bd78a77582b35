"""The creator: builds a program, creates its model under terms, audits modules."""

import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from delea.artifact import ZERO_SEED, Artifact, Manifest, digest, state_root
from delea.chain import Chain, Key
from delea.compiler import build
from delea.errors import RefusedError
from delea.ids import Address, Wei
from delea.protocol.terms import (
    CHECKS_PER_WINDOW,
    Terms,
    check_terms,
    checkable_updates,
    most_updates,
)
from delea.roles.imports import AS_IT_IS, Training, find_program
from delea.roles.session import Audit
from delea.roles.source import blaming
from delea.runtime import Sandbox
from delea.store import Store

MEASURED_SECONDS = 0.5
WEI_PER_TOKEN = 10**18
DEFAULT_SUPPLY = Wei(1_000_000 * WEI_PER_TOKEN)
DEFAULT_BOND_BASE = Wei(10**16)
DEFAULT_BOND_PER_UPDATE = Wei(10**14)


@dataclass(frozen=True, slots=True)
class Offer:
    """The terms that a creator chooses; the rest follows from the artifact."""

    name: str
    symbol: str
    supply: Wei = DEFAULT_SUPPLY
    horizon: int = 10_000  # updates
    inferences_per_update: int = 1_000
    max_updates: int | None = None  # of one claim; None: as many as can be checked in time
    challenge_window: int = 86_400  # seconds
    verdict_window: int = 86_400  # seconds
    rollback_window: int = 86_400  # seconds
    bond_base: Wei = DEFAULT_BOND_BASE  # native coin
    bond_per_update: Wei = DEFAULT_BOND_PER_UPDATE  # native coin


@dataclass(frozen=True, slots=True)
class Created:
    """A model that was created."""

    address: Address
    terms: Terms
    seconds_per_update: float


def build_artifact(
    path: Path | None, from_torch: str | None = None, training: Training = AS_IT_IS
) -> Artifact:
    """Compile the program in a Python file, or one around a network from elsewhere.

    Raises:
        UsageError: it is no such file, or its own code fails: with the line.
    """
    program = find_program(path, from_torch, training)
    with nullcontext() if path is None else blaming(path):
        return build(program)


def measure_update(artifact: Artifact) -> float:
    """Return the seconds that one update takes here, from at least half a second of training."""
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        per_update = sandbox.manifest.steps_per_update
        steps = 1
        while True:
            start = time.perf_counter()
            sandbox.train(artifact.genesis, ZERO_SEED, steps)
            elapsed = time.perf_counter() - start
            if elapsed >= MEASURED_SECONDS or steps >= per_update:
                return elapsed / steps * per_update
            steps = min(per_update, steps * 4)


def terms_of(artifact: Artifact, offer: Offer, arbiter: Address, seconds: float) -> Terms:
    """Return the terms of an offer; `seconds` is how long one update takes.

    Raises:
        RefusedError: a term out of bounds, or a full claim that cannot be checked in time.
    """
    checkable = checkable_updates(offer.challenge_window, seconds)
    max_updates = offer.max_updates
    if max_updates is None:
        max_updates = min(checkable, most_updates(offer.horizon))
    if checkable < 1 or max_updates > checkable:
        raise RefusedError(
            f"at most {checkable} updates a claim can be checked {CHECKS_PER_WINDOW} times within"
            f" {offer.challenge_window} s at {seconds:.3f} s each, got {max(max_updates, 1)}"
        )
    terms = Terms(
        name=offer.name,
        symbol=offer.symbol,
        supply=offer.supply,
        horizon=offer.horizon,
        inferences_per_update=offer.inferences_per_update,
        max_updates=max_updates,
        artifact=digest(artifact.module),
        dataset=digest(artifact.dataset),
        genesis_root=state_root(artifact.genesis),
        challenge_window=offer.challenge_window,
        verdict_window=offer.verdict_window,
        rollback_window=offer.rollback_window,
        bond_base=offer.bond_base,
        bond_per_update=offer.bond_per_update,
        arbiter=arbiter,
    )
    check_terms(terms)
    return terms


def create(
    chain: Chain,
    store: Store,
    artifact: Artifact,
    offer: Offer,
    *,
    key: Key,
    audit: Audit,
    factory: Address | None = None,
) -> Created:
    """Create the model of an artifact by the chain's factory, its files in the store first.

    Raises:
        UnauditedError: the audit refuses the module, as others' will.
        RefusedError: the artifact does not hold together, or the terms are out of bounds.
        RevertError: the terms are below the factory's floors.
    """
    seconds = measure_update(artifact)
    audit(artifact.module)
    no_arbiter_yet = Address("0x" + "00" * 19 + "01")
    terms_of(artifact, offer, no_arbiter_yet, seconds)  # refuse before anything is paid
    publish(store, artifact)
    terms = terms_of(artifact, offer, chain.deploy_arbiter(key=key), seconds)
    return Created(chain.create(terms, key=key, factory=factory), terms, seconds)


def publish(store: Store, artifact: Artifact) -> None:
    """Keep an artifact's three files in a store."""
    store.put_file(artifact.module)
    store.put_file(artifact.dataset)
    store.put_state(state_root(artifact.genesis), artifact.genesis)


def check_artifact(artifact: Artifact) -> Manifest:
    """Raise RefusedError unless an artifact's module is legal and its files fit it."""
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        sandbox.evaluate(artifact.genesis)
        return sandbox.manifest
