"""Every mutant of a file: what the rules make of it, by names that other lines do not change."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rules import RULES, Place

VYPER_WORDS = (
    (re.compile(r"^(struct|event|interface|flag)(?= \w+:)", re.MULTILINE), "class"),
    (re.compile(r"\b(log|extcall|staticcall)(?= [A-Z])"), "-"),
    (re.compile(r"\bx(?=\"[0-9a-f]*\")"), "b"),
    (re.compile(r"(?<=for )(\w+: [\w.\[\]]+)(?= in )"), ""),
)
"""What Python cannot read of Vyper, and what to read instead: all else stays in its place."""
MAX_TOLD = 120  # characters of a name


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file with one thing changed; `name` says where and what, without numbers of lines."""

    file: str
    in_function: bool
    name: str
    text: str


def mutants_of(root: Path, file: str) -> Iterator[Mutant]:
    """Yield every mutant that the rules make of a file, in the order of its text."""
    text = (root / file).read_bytes()
    is_vyper = file.endswith(".vy")
    tree = ast.parse(_as_python(text.decode()) if is_vyper else text)
    seen: dict[str, int] = {}
    for node, place in _walk(tree, Place(text, tree, is_vyper=is_vyper), ""):
        if not hasattr(node, "lineno"):
            continue  # an operator, say: what it stands in is changed
        start, end = place.span(node)
        for rule in RULES:
            for after in rule(node, place):
                told = f"{Path(file).name} {place.where}: {_told(place.of(node), after)}"
                seen[told] = seen.get(told, 0) + 1
                again = f" ({seen[told]})" if seen[told] > 1 else ""
                changed = text[:start] + after.encode() + text[end:]
                inside = place.function is not None
                yield Mutant(file, inside, told + again, changed.decode())


def _walk(node: ast.AST, place: Place, field: str) -> Iterator[tuple[ast.AST, Place]]:
    """Visit every node but types, with the place set for it."""
    if field in {"annotation", "returns"}:
        return
    yield node, place
    above, function, where = place.above, place.function, place.where
    name = _name(node, place)
    place.where = f"{where}.{name}".strip(".") if name else where
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                place.above = node
                place.function = node if isinstance(node, ast.FunctionDef) else function
                yield from _walk(child, place, name)
    place.above, place.function, place.where = above, function, where


def _told(before: str, after: str) -> str:
    """Say what became of what, in one line; of a long text, only what is around the change."""
    old, new = before.split(), after.split()
    if len(before) > MAX_TOLD and after != "pass":
        pairs = list(zip(old, new, strict=False))
        same = next((n for n, (a, b) in enumerate(pairs) if a != b), len(pairs))
        rest = list(zip(reversed(old[same:]), reversed(new[same:]), strict=False))
        left = next((n for n, (a, b) in enumerate(rest) if a != b), len(rest))
        old, new = (["…", *words[same : len(words) - left], "…"] for words in (old, new))
    told = " ".join(old)
    return f"{told if after != 'pass' else told[:MAX_TOLD]} -> {' '.join(new)}"


def _name(node: ast.AST, place: Place) -> str:
    """Return what a function, a class, or a constant beside them is called; empty if it is none."""
    if isinstance(node, ast.AnnAssign) and place.function is None:
        return place.of(node.target)
    if isinstance(node, ast.Assign) and place.function is None:
        return place.of(node.targets[0])
    return node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else ""


def _as_python(text: str) -> str:
    """Write Vyper so that Python reads it, each thing at its place."""
    (kinds, kind), (calls, minus), (hexes, letter), (counters, _) = VYPER_WORDS
    text = kinds.sub(lambda found: kind.ljust(len(found[0])), text)
    text = calls.sub(lambda found: minus.ljust(len(found[0])), text)
    text = hexes.sub(letter, text)
    return counters.sub(lambda found: found[0].split(":")[0].ljust(len(found[0])), text)
