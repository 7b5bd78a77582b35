"""The options in which terms are given, with their defaults: the same wherever terms are."""

from typing import Annotated

import typer

DEFAULT_SUPPLY = "1000000"
DEFAULT_HORIZON = 10_000
DEFAULT_INFERENCES_PER_UPDATE = 1_000
DEFAULT_WINDOW = 86_400
DEFAULT_BOND_BASE = "0.01"
DEFAULT_BOND_PER_UPDATE = "0.0001"

Supply = Annotated[str, typer.Option(metavar="TOKENS", help="All the tokens there will ever be.")]
Horizon = Annotated[
    int | None,
    typer.Option(metavar="UPDATES", help="u / alpha: how flat the curve is.  [default: 10000]"),
]
Alpha = Annotated[
    str | None, typer.Option(metavar="NUMBER", help="With --u, in place of --horizon.")
]
U = Annotated[
    str | None, typer.Option("--u", metavar="UPDATES", help="With --alpha.", show_default=False)
]
InferencesPerUpdate = Annotated[
    int, typer.Option(metavar="N", help="How many inferences the reward of one update buys.")
]
MaxUpdates = Annotated[
    int | None,
    typer.Option(
        metavar="UPDATES",
        help="The most one claim may hold; by default what can be checked in time.",
        show_default=False,
    ),
]
ChallengeWindow = Annotated[int, typer.Option(metavar="SECONDS")]
VerdictWindow = Annotated[int, typer.Option(metavar="SECONDS")]
RollbackWindow = Annotated[int, typer.Option(metavar="SECONDS")]
BondBase = Annotated[str, typer.Option(metavar="COIN", help="A claim's bond in native coin, and")]
BondPerUpdate = Annotated[str, typer.Option(metavar="COIN", help="what each of its updates adds.")]


def choose_horizon(horizon: int | None, alpha: str | None, u: str | None) -> int:
    """Return the horizon that was given in one of its two ways; raises UsageError for others."""
    from delea.cli.amounts import horizon_of, parse_fraction
    from delea.errors import UsageError

    if alpha is None and u is None:
        return DEFAULT_HORIZON if horizon is None else horizon
    if horizon is not None or alpha is None or u is None:
        raise UsageError("either --horizon, or --alpha and --u expected, got others")
    return horizon_of(parse_fraction(alpha), parse_fraction(u))
