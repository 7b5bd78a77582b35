"""What holds for the documents."""

import re
from pathlib import Path

import pytest

LINK = re.compile(r"\[[^\]\n]+\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
DECISION_HEADINGS = ["Question", "Choice", "Reasons", "What would change our mind"]


def test_every_internal_link_leads_somewhere(root: Path, committed: dict[str, str]):
    broken = [
        (name, target)
        for name, text in _documents(committed).items()
        for target in LINK.findall(FENCED.sub("", text))
        if not re.match(r"[a-z]+:", target) and not _leads_somewhere(root / name, target)
    ]
    assert broken == []


def test_every_decision_has_the_four_headings(committed: dict[str, str]):
    headings = {
        name: HEADING.findall(FENCED.sub("", text)) for name, text in _decisions(committed).items()
    }
    assert headings
    assert {name: found[1:] for name, found in headings.items()} == dict.fromkeys(
        headings, DECISION_HEADINGS
    )


def test_decisions_are_numbered_without_a_gap(committed: dict[str, str]):
    numbers = sorted(int(Path(name).name[:4]) for name in _decisions(committed))
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_decision_fits_on_one_page(committed: dict[str, str]):
    lengths = {name: len(text.splitlines()) for name, text in _decisions(committed).items()}
    assert {name: lines for name, lines in lengths.items() if lines > 50} == {}


def test_every_changelog_fragment_is_one_line_of_a_known_kind(committed: dict[str, str]):
    fragments = {
        name: text
        for name, text in committed.items()
        if name.startswith("changelog.d/") and name != "changelog.d/README.md"
    }
    for name, text in fragments.items():
        assert re.fullmatch(
            r"changelog\.d/[a-z0-9-]+\.(added|changed|fixed|removed|security)\.md", name
        )
        assert len(text.strip().splitlines()) == 1, name


@pytest.mark.parametrize("target", ["docs/glossary.md", "docs/glossary.md#roles", "docs"])
def test_a_link_to_what_is_there_is_followed(root: Path, target: str):
    assert _leads_somewhere(root / "CONTRIBUTING.md", target)


@pytest.mark.parametrize("target", ["docs/no-such-page.md", "docs/glossary.md#no-such-heading"])
def test_a_link_to_nowhere_is_noticed(root: Path, target: str):
    assert not _leads_somewhere(root / "CONTRIBUTING.md", target)


def _documents(committed: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in committed.items() if name.endswith(".md")}


def _decisions(committed: dict[str, str]) -> dict[str, str]:
    return {
        name: text
        for name, text in _documents(committed).items()
        if name.startswith("docs/decisions/")
    }


def _leads_somewhere(document: Path, target: str) -> bool:
    place, _, anchor = target.partition("#")
    path = document.parent / place if place else document
    if not path.exists():
        return False
    return not anchor or anchor in map(_anchor, HEADING.findall(path.read_text(encoding="utf-8")))


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\s-]", "", heading.lower()).strip().replace(" ", "-")
