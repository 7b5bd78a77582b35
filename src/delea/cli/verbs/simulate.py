"""`delea simulate`: the economy of a model, before its terms are fixed for ever."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from delea.cli import terms as term
from delea.cli.options import Json
from delea.cli.plans import take_plan

if TYPE_CHECKING:
    from delea.protocol.terms import Terms
    from delea.simulation import Assumptions

DEFAULT_SECONDS = Fraction(60)
_NOT_ECONOMIC = ("artifact", "dataset", "genesis_root", "arbiter")


def simulate(  # noqa: PLR0913  # every term and every assumption is an option
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="MODEL.py|FILE.delea",
            help="A model, for the seconds that one update takes here.",
            show_default=False,
        ),
    ] = None,
    *,
    plan: Annotated[  # noqa: ARG001  # its callback has taken it
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            is_eager=True,
            callback=take_plan,
            help="Options as [terms], [assumptions] and [population]; what is given here wins.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="The token's name.")] = "Model",
    symbol: Annotated[str, typer.Option(help="The token's symbol.")] = "TOKEN",
    supply: term.Supply = term.DEFAULT_SUPPLY,
    horizon: term.Horizon = None,
    alpha: term.Alpha = None,
    u: term.U = None,
    inferences_per_update: term.InferencesPerUpdate = term.DEFAULT_INFERENCES_PER_UPDATE,
    max_updates: term.MaxUpdates = None,
    challenge_window: term.ChallengeWindow = term.DEFAULT_WINDOW,
    verdict_window: term.VerdictWindow = term.DEFAULT_WINDOW,
    rollback_window: term.RollbackWindow = term.DEFAULT_WINDOW,
    bond_base: term.BondBase = term.DEFAULT_BOND_BASE,
    bond_per_update: term.BondPerUpdate = term.DEFAULT_BOND_PER_UPDATE,
    population: Annotated[
        str,
        typer.Option(
            metavar="KIND=N,...",
            help="Who is there, in place of: honest=20, follower=0, verifier=3, consumer=20,"
            " hoarder=1, lazy=2, copier=2, liar=2, sybil=5.",
            show_default=False,
        ),
    ] = "",
    seconds_per_update: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS",
            help="To train or check one; by default measured on the model, or 60 without one.",
            show_default=False,
        ),
    ] = None,
    audit_rate: Annotated[
        str, typer.Option(metavar="0..1", help="The chance that a claim is checked.")
    ] = "1",
    gas: Annotated[str, typer.Option(metavar="COIN", help="One transaction.")] = "0.00001",
    update_cost: Annotated[
        str, typer.Option(metavar="COIN", help="To compute one update, for training or a check.")
    ] = "0.0000005",
    token_value: Annotated[
        str, typer.Option(metavar="COIN", help="What one token is worth, all life long.")
    ] = "0.000001",  # noqa: S107  # no password
    demand: Annotated[
        int, typer.Option(metavar="N", help="Inferences that each consumer wants in a day.")
    ] = 1_000,
    patience: Annotated[
        int, typer.Option(metavar="N", help="Bonds that a cheat loses before it gives up.")
    ] = 10,
    horizons: Annotated[
        int, typer.Option(metavar="N", help="The life ends once so many have settled,")
    ] = 3,
    days: Annotated[int, typer.Option(metavar="N", help="or after so many days.")] = 365,
    seed: Annotated[int, typer.Option(metavar="N", help="Of all that is drawn.")] = 0,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 if anything is warned of.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Draw it, too (or .svg, .pdf).", show_default=False),
    ] = None,
    as_json: Json = False,
) -> int:
    """Play the life of a model under terms, and warn where they are unwise.

    A population trains, cheats, checks, judges and pays on the contract's twin, in its integers.
    Terms are those of `delea create`. The same options and seed give the same JSON, to the byte;
    only a measured time differs, unless --seconds-per-update is given.

    JSON: terms, assumptions, population, launch, ended, seconds, updates, wrong_claims,
    wrong_settled, games, rollbacks, burned_wei, fees_wei, compute_wei, inferences_wanted,
    inferences_served, cheating_paid_wei, kinds, accounts, moments, warnings (code, text).
    """
    from delea import simulation
    from delea.cli.amounts import parse_amount, parse_rate
    from delea.cli.lives import assumption_fields, count_people, life_fields, show_life
    from delea.cli.output import Output
    from delea.cli.progress import bar
    from delea.cli.verbs.create import terms_fields
    from delea.ids import Address, Digest
    from delea.protocol.terms import Terms, checkable_updates, most_updates

    out = Output(as_json=as_json)
    if plot is not None:
        from delea.cli.figures import check_plot

        check_plot(plot)
    people = count_people(population)
    chosen = term.choose_horizon(horizon, alpha, u)
    given = simulation.Assumptions(
        audit_rate=parse_rate(audit_rate),
        gas=parse_amount(gas),
        update_cost=parse_amount(update_cost),
        token_value=parse_amount(token_value),
        demand=demand,
        patience=patience,
        horizons=horizons,
        days=days,
        seed=seed,
        seconds_per_update=_seconds(source, seconds_per_update),
    )
    if max_updates is None:
        checkable = checkable_updates(challenge_window, given.seconds_per_update)
        max_updates = max(1, min(checkable, most_updates(chosen)))
    terms = Terms(
        name=name,
        symbol=symbol,
        supply=parse_amount(supply),
        horizon=chosen,
        inferences_per_update=inferences_per_update,
        max_updates=max_updates,
        challenge_window=challenge_window,
        verdict_window=verdict_window,
        rollback_window=rollback_window,
        bond_base=parse_amount(bond_base),
        bond_per_update=parse_amount(bond_per_update),
        artifact=Digest(bytes(32)),
        dataset=Digest(bytes(32)),
        genesis_root=Digest(bytes(32)),
        arbiter=Address("0x" + "00" * 20),
    )
    with bar(out, "simulating", horizons * chosen, shows_loss=False, unit="updates") as on_step:
        on_updates = None if on_step is None else lambda done: on_step(done, 0.0)
        life = simulation.play(terms, people, given, on_updates)
    advice = simulation.advise(terms, people, given, life)
    show_life(out, life, terms, given, advice)
    if plot is not None:
        from delea.cli.life_plot import plot_life

        plot_life(_title(terms, given), life, terms, plot)
        out.say(f"drawn: {plot}")
    out.result(
        {
            "terms": {k: v for k, v in terms_fields(terms).items() if k not in _NOT_ECONOMIC},
            "assumptions": assumption_fields(given),
            "population": people,
            **life_fields(life, terms, given),
            "warnings": [{"code": found.code, "text": found.text} for found in advice],
        }
    )
    return 1 if strict and advice else 0


def _seconds(source: Path | None, text: str | None) -> Fraction:
    """Return the seconds of an update: given, or measured to the millisecond, or assumed."""
    from delea.cli import doors
    from delea.cli.amounts import parse_fraction

    if text is not None:
        return parse_fraction(text)
    if source is None:
        return DEFAULT_SECONDS
    from delea.roles import creator

    artifact = doors.open_artifact(source)
    return Fraction(max(1, round(1000 * creator.measure_update(artifact))), 1000)


def _title(terms: "Terms", given: "Assumptions") -> str:
    return (
        f"{terms.name}: horizon {terms.horizon} updates, {float(given.audit_rate):.0%} of claims"
        f" checked, seed {given.seed}"
    )
