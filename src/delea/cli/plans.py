"""A plan of a simulation in a file: what its options say, under three headings of TOML."""

import tomllib
from pathlib import Path
from typing import Final

import typer

from delea.errors import UsageError

MAX_PLAN_BYTES: Final = 1 << 16
MAX_NUMBER: Final = 1 << 256
OWN = {"plan", "source", "plot", "as_json", "strict", "population"}
"""Options that no plan holds under their names."""
_TERMS: Final = (
    "name", "symbol", "supply", "horizon", "alpha", "u", "inferences_per_update", "max_updates",
    "challenge_window", "verdict_window", "rollback_window", "bond_base", "bond_per_update",
)  # fmt: skip


def take_plan(context: typer.Context, plan: Path | None) -> Path | None:
    """Let a plan's values stand where no option is given.

    Raises:
        UsageError: a plan that cannot be read, or a name that no option has.
    """
    if plan is not None:
        options = {str(option.name) for option in context.command.params} - OWN
        context.default_map = read_plan(plan, options)
    return plan


def read_plan(path: Path, options: set[str]) -> dict[str, str]:
    """Return what a plan says for options, by their names with underscores; raises UsageError."""
    known = {
        "terms": options & set(_TERMS),
        "assumptions": options - set(_TERMS),
        "population": None,  # kinds are checked where they are known
    }
    found: dict[str, str] = {}
    for heading, values in _load(path).items():
        if heading not in known or not isinstance(values, dict):
            raise UsageError(
                f"{path}: [terms], [assumptions], [population] expected, got {heading!r:.40}"
            )
        for name, value in values.items():
            names = known[heading]
            if names is not None and name not in names:
                raise UsageError(
                    f"{path}: [{heading}] takes {', '.join(sorted(names))}, got {name!r:.40}"
                )
            _check_value(path, name, value)
        if heading == "population":
            found["population"] = ",".join(f"{kind}={count}" for kind, count in values.items())
        else:
            found |= {name: str(value) for name, value in values.items()}
    return found


def _check_value(path: Path, name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise UsageError(f"{path}: a number or a text expected for {name}, got {value!r:.40}")
    if isinstance(value, int) and abs(value) >= MAX_NUMBER:  # too long, perhaps, to be shown
        raise UsageError(f"{path}: a number below 2^256 expected for {name}, got more")


def _load(path: Path) -> dict[str, object]:
    from delea.store.files import read_bounded

    try:
        text = read_bounded(path, MAX_PLAN_BYTES).decode()
        return tomllib.loads(text, parse_float=str)  # 0.1 stays what was written
    except (ValueError, RecursionError) as fault:  # no TOML, no UTF-8, or thousands of digits
        raise UsageError(f"{path}: a plan in TOML expected, {fault}") from None
