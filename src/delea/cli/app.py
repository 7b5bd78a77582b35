"""The verbs of `delea`, one file each; none imports a door before it is called."""

from functools import cache
from typing import Annotated

import typer

from delea.cli.verbs import (
    audit,
    build,
    chain,
    challenge,
    create,
    data,
    demo,
    execute_rollback,
    export,
    holders,
    infer,
    keys,
    opt_in,
    profile,
    propose_rollback,
    put,
    replay,
    rule,
    settle,
    simulate,
    split,
    status,
    train,
    verify,
    vote,
    withdraw,
)

HELP = """Train a model together, be paid in its own tokens, and check every update bit for bit.

MODEL is the address of a model. Exit codes: 0 ok, 1 refused, 2 usage, 3 unreachable, 130 Ctrl-C."""

VERBS = (
    build.build,
    data.data,
    simulate.simulate,
    create.create,
    audit.audit,
    profile.profile,
    put.put,
    train.train,
    settle.settle,
    withdraw.withdraw,
    verify.verify,
    replay.replay,
    infer.infer,
    challenge.challenge,
    rule.rule,
    opt_in.opt_in,
    holders.holders,
    propose_rollback.propose_rollback,
    vote.vote,
    execute_rollback.execute_rollback,
    status.status,
    export.export,
    demo.demo,
)


def _show_version(wanted: bool) -> None:
    from delea import __version__

    if wanted:
        typer.echo(f"delea {__version__}")
        raise typer.Exit


def delea(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Say which Delea this is."
        ),
    ] = False,
) -> None:
    """Take the options that come before a verb."""


@cache
def make_app() -> typer.Typer:
    """Return the command line as a tree of commands."""
    app = typer.Typer(
        help=HELP,
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(delea)
    for verb in VERBS:
        app.command()(verb)
    app.add_typer(keys.app, name="keys")
    app.add_typer(split.app, name="split")
    app.add_typer(chain.app, name="chain")
    return app
