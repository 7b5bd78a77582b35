"""The vectors that Python, Vyper and TypeScript share."""

import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).parents[3] / "vectors" / "seeds.json"


@pytest.fixture(scope="session")
def vectors() -> dict[str, list[dict[str, Any]]]:
    """Return the cases as they are in the file: integers as decimal, bytes as hex."""
    return json.loads(VECTORS.read_text(encoding="utf-8"))
