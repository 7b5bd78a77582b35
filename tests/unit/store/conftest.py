"""Files whose IPFS names are known."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from delea.store import Store

VECTORS = Path(__file__).parents[3] / "vectors" / "cids.json"


@pytest.fixture(scope="session")
def vectors() -> dict[str, Any]:
    return json.loads(VECTORS.read_text())


@pytest.fixture(scope="session")
def sample() -> Callable[[int], bytes]:
    """The bytes of the vectors: byte i is i mod 251."""
    return lambda length: (bytes(range(251)) * (length // 251 + 1))[:length]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")
