"""The threat model names tests and attacks that are there, and every attack on a chain."""

import re

import pytest


@pytest.fixture
def attacks(root):
    return {path.stem: path.read_text() for path in (root / "attacks").glob("*_*.py")}


@pytest.fixture
def named(root):
    def column(number):
        """What stands in backticks in a column of the tables that have four."""
        lines = (root / "docs/explain/threat-model.md").read_text().splitlines()
        rows = [line.split("|")[1:-1] for line in lines if line.startswith("|")]
        cells = [row[number] for row in rows if len(row) == 4]
        return {name for cell in cells for name in re.findall(r"`([a-z_0-9/]+)`", cell)}

    return column


def test_its_attacks_are_there(named, attacks):
    assert len(named(3)) > 40
    assert named(3) - set(attacks) == set()


def test_it_names_every_attack_on_a_chain(named, attacks):
    on_a_chain = {name for name, text in attacks.items() if "open_town" in text}
    assert on_a_chain - named(3) == set()


def test_its_tests_are_there(root, named):
    paths = [name if "/" in name else f"tests/contracts/unit/{name}.py" for name in named(2)]
    assert len(paths) > 15
    assert [path for path in paths if not (root / path).exists()] == []
