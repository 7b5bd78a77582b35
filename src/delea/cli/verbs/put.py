"""`delea put`: a `.delea` file's three files go to the store."""

from pathlib import Path
from typing import Annotated

import typer

from delea.cli.options import Json, StoreFolder


def put(
    file: Annotated[Path, typer.Argument(metavar="FILE.delea", help="What `delea build` wrote.")],
    store: StoreFolder = None,
    as_json: Json = False,
) -> None:
    """Keep a model's files in the store.

    With them one can train, check or use the model here.

    JSON: store, artifact, dataset, genesis_root.
    """
    from delea.artifact import digest, state_root
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.roles import creator

    out = Output(as_json=as_json)
    artifact = doors.open_bundle(file)
    creator.check_artifact(artifact)
    kept = doors.open_store(store)
    creator.publish(kept, artifact)
    fields = {
        "store": str(kept.path),
        "artifact": digest(artifact.module).hex(),
        "dataset": digest(artifact.dataset).hex(),
        "genesis_root": state_root(artifact.genesis).hex(),
    }
    out.facts(fields)
    out.result(fields)
