"""A real local chain, funded roles, and a fresh model for each test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from delea.chain import Anvil, Chain, Key, ModelClient, dev_key
from delea.protocol.terms import Terms

ROOTS = {name: name.encode().ljust(32, b".") for name in ("genesis", "right", "wrong", "other")}


@dataclass(frozen=True, slots=True)
class Roles:
    creator: Key
    trainer: Key
    rival: Key
    verifier: Key
    consumer: Key
    attacker: Key


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    with Anvil() as running:
        yield running


@pytest.fixture(scope="session")
def chain(anvil: Anvil) -> Iterator[Chain]:
    with Chain.connect(anvil.url) as connected:
        yield connected


@pytest.fixture(scope="session")
def roles() -> Roles:
    return Roles(*(dev_key(index, chain_id=31337) for index in range(6)))


@pytest.fixture(scope="session")
def roots() -> dict[str, bytes]:
    return ROOTS


@pytest.fixture(scope="session")
def arbiter(chain: Chain, roles: Roles) -> str:
    return chain.deploy_arbiter(key=roles.creator)


@pytest.fixture(scope="session")
def terms(arbiter: str) -> Terms:
    return Terms(
        name="sine",
        symbol="SIN",
        supply=10**24,
        horizon=1024,
        inferences_per_update=100,
        max_updates=16,
        artifact=b"a" * 32,
        dataset=b"d" * 32,
        genesis_root=ROOTS["genesis"],
        challenge_window=60,
        verdict_window=90,
        rollback_window=60,
        bond_base=10**15,
        bond_per_update=10**14,
        arbiter=arbiter,
    )


@pytest.fixture
def model(chain: Chain, terms: Terms, roles: Roles) -> ModelClient:
    return chain.model(chain.create(terms, key=roles.creator))


@pytest.fixture
def claim(model: ModelClient, roles: Roles) -> Callable[..., int]:
    """Claim a version and return its id."""

    def submit(parent: int = 0, root: bytes = ROOTS["right"], updates: int = 4) -> int:
        receipt = model.train(parent, root, updates, roles.trainer.address, 0, key=roles.trainer)
        return next(event.version for event in receipt.events)

    return submit
