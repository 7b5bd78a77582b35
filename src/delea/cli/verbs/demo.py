"""`delea demo`: the whole way on two models, on a local chain."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from delea.cli.options import Json


def demo(
    once: Annotated[bool, typer.Option("--once", help="End by itself.")] = False,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the pictures go.")] = Path(
        "demo-out"
    ),
    as_json: Json = False,
) -> int:
    """Play the whole way on two models.

    They are built, created, trained, checked, paid, used and rolled back on a local chain, which
    stays up until Ctrl-C without --once.

    JSON: models (name, address, artifact, steps_per_update, versions, test_accuracy, inference,
    invariants).
    """
    run = import_module("delea.cli.demo").run
    return int(run(once=once, as_json=as_json, out=out))
