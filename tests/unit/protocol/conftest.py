"""The vectors that Python, Vyper and TypeScript share, and the terms that the twins play under."""

import json
from pathlib import Path
from typing import Any

import pytest

from delea.protocol.terms import Terms

VECTORS = Path(__file__).parents[3] / "vectors" / "seeds.json"
TERMS = Terms(
    name="Sine",
    symbol="SIN",
    supply=10**24,
    horizon=1_000_000,
    inferences_per_update=100,
    max_updates=1_000,
    artifact=b"\xaa" * 32,
    dataset=b"\xdd" * 32,
    genesis_root=b"\x01" * 32,
    challenge_window=100,
    verdict_window=200,
    rollback_window=50,
    bond_base=1_000,
    bond_per_update=7,
    arbiter="arbiter",
)


@pytest.fixture(scope="session")
def vectors() -> dict[str, list[dict[str, Any]]]:
    """Return the cases as they are in the file: integers as decimal, bytes as hex."""
    return json.loads(VECTORS.read_text(encoding="utf-8"))


@pytest.fixture
def terms() -> Terms:
    """Return terms that a model may have: a bond is 1000 wei and 7 for each update."""
    return TERMS
