"""A real chain, a small real program, and sessions on it with stores of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from delea import nn
from delea.artifact import GRAPH_SECTION, Artifact, decode, encode
from delea.artifact.wasm import Section, custom_section, read_sections, write_sections
from delea.chain import Anvil, Chain, Key, dev_key
from delea.compiler import build
from delea.ids import Address
from delea.roles import creator
from delea.roles.auditing import trust
from delea.roles.session import Audit, Session
from delea.store import Store

CHALLENGE_S = VERDICT_S = 10_000  # long enough for 100 updates to be checked 16 times, however slow


@pytest.fixture(scope="session")
def artifact() -> Artifact:
    x = np.linspace(-2, 2, 16, dtype=np.float32).reshape(-1, 1)
    program = nn.Program(
        network=nn.Sequential(nn.Linear(1, 3), nn.Tanh(), nn.Linear(3, 1)),
        loss=nn.MSELoss(),
        optimizer=nn.Adam(0.01),
        data=nn.Dataset(x, np.sin(x)),
        steps_per_update=5,
        batch=4,
    )
    return build(program)


@pytest.fixture(scope="session")
def with_section(artifact: Artifact) -> Callable[[str, bytes], bytes]:
    """Return the module with another body in a section."""

    def changed(name: str, body: bytes) -> bytes:
        parts = read_sections(artifact.module)
        return write_sections([Section(0, name, body) if s.name == name else s for s in parts])

    return changed


@pytest.fixture(scope="session")
def bomb(artifact: Artifact, with_section: Callable[[str, bytes], bytes]) -> bytes:
    """The module with a graph that takes half a minute: a thousand parts, again and again."""
    plain = decode(custom_section(artifact.module, GRAPH_SECTION))
    nodes = plain["infer"]["nodes"]
    nodes.append(["constant", [], [1], "f32", {"bits": 0}])
    source, parts = len(nodes) - 1, 1024
    spread = {"shape": [parts], "starts": list(range(parts)), "steps": [1] * parts}
    for bits in range(100):
        nodes.append(["assemble", [source] * parts, [parts], "f32", {"bits": bits, **spread}])
    return with_section(GRAPH_SECTION, encode(plain))


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    with Anvil() as running:
        yield running


@pytest.fixture(scope="session")
def chain(anvil: Anvil) -> Iterator[Chain]:
    with Chain.connect(anvil.url) as connected:
        yield connected


@pytest.fixture(scope="session")
def keys() -> list[Key]:
    """Creator, two trainers, verifier, consumer, attacker."""
    return [dev_key(index, chain_id=31_337) for index in range(6)]


@pytest.fixture(scope="session")
def created(
    chain: Chain, artifact: Artifact, keys: list[Key], tmp_path_factory: pytest.TempPathFactory
) -> Address:
    offer = creator.Offer(
        name="tiny",
        symbol="TNY",
        horizon=6_400,
        max_updates=100,
        challenge_window=CHALLENGE_S,
        verdict_window=VERDICT_S,
        rollback_window=CHALLENGE_S,
    )
    store = Store(tmp_path_factory.mktemp("created"))
    return creator.create(chain, store, artifact, offer, key=keys[0], audit=trust).address


@pytest.fixture
def model(created: Address, anvil: Anvil) -> Iterator[Address]:
    """The model as it was created; whatever a test does to the chain is undone."""
    snapshot = anvil.snapshot()
    yield created
    anvil.revert(snapshot)


@pytest.fixture
def open_session(
    chain: Chain, model: Address, artifact: Artifact, tmp_path: Path
) -> Iterator[Callable[..., Session]]:
    """Open a session on a new store with the artifact's files, or on one that is given."""
    opened = []

    def start(store: Store | None = None, audit: Audit = trust) -> Session:
        if store is None:
            store = Store(tmp_path / f"store-{len(opened)}")
            creator.publish(store, artifact)
        opened.append(Session(chain, model, store, audit=audit))
        return opened[-1]

    yield start
    for session in opened:
        session.close()


@pytest.fixture
def session(open_session: Callable[..., Session]) -> Session:
    return open_session()


@pytest.fixture
def cheat(keys: list[Key]) -> Callable[..., int]:
    """Claim a root that nobody computed on a parent, by default the tip; return the version."""

    def claimed(
        session: Session, root: bytes, *, parent: int | None = None, updates: int = 1
    ) -> int:
        parent = session.model.tip() if parent is None else parent
        key = keys[5]
        receipt = session.model.train(parent, root, updates, key.address, 0, key=key)
        return receipt.events[0].version

    return claimed
