"""`delea build`: a Python file becomes a `.delea` file."""

from pathlib import Path
from typing import Annotated

import typer

from delea.cli.options import Json


def build(
    source: Annotated[
        Path, typer.Argument(metavar="MODEL.py", help="A file that defines `program`.")
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE.delea",
            help="Where to write; by default beside the source.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compile the program in a Python file of your own.

    The file is run; what it calls `program` is compiled.

    JSON: file, artifact, dataset, genesis_root, module_bytes, dataset_bytes, state_bytes,
    parameters, batch, steps_per_update.
    """
    from contextlib import redirect_stdout
    from sys import stderr

    from delea.artifact import digest, read_manifest, state_root
    from delea.cli.output import Output
    from delea.roles import creator
    from delea.store import write_bundle

    out = Output(as_json=as_json)
    with redirect_stdout(stderr):  # what the file prints is no result
        artifact = creator.build_artifact(source)
    file = source.with_suffix(".delea") if to is None else to
    write_bundle(file, artifact)
    manifest = read_manifest(artifact.module)
    fields = {
        "file": str(file),
        "artifact": digest(artifact.module).hex(),
        "dataset": digest(artifact.dataset).hex(),
        "genesis_root": state_root(artifact.genesis).hex(),
        "module_bytes": len(artifact.module),
        "dataset_bytes": len(artifact.dataset),
        "state_bytes": len(artifact.genesis),
        "parameters": manifest.parameter_count,
        "batch": manifest.batch,
        "steps_per_update": manifest.steps_per_update,
    }
    out.facts(fields)
    out.result(fields)
