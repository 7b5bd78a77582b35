"""`delea build`: a program becomes a `.delea` file."""

from pathlib import Path
from typing import Annotated

import typer

from delea.cli.options import Json


def build(  # noqa: PLR0913 - one for each option
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="MODEL.py|MODEL.onnx",
            help="A file that defines `program`, or an ONNX file.",
            show_default=False,
        ),
    ] = None,
    *,
    from_torch: Annotated[
        str | None,
        typer.Option(
            metavar="MODULE:CLASS",
            help="In place of a file: a PyTorch module of your own, made without arguments.",
            show_default=False,
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            metavar="LOSS",
            help="cross_entropy, mse, l1, huber, smooth_l1, bce_with_logits; numbers as in"
            " huber:delta=0.5.",
            show_default=False,
        ),
    ] = None,
    optimizer: Annotated[
        str | None,
        typer.Option(
            metavar="OPTIMIZER",
            help="sgd, adam, adamw, rmsprop, lion; numbers as in sgd:lr=0.1,momentum=0.9.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What `delea data` wrote.", show_default=False),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="First weights by name: a .safetensors, .pt, .pth or .npz file.",
            show_default=False,
        ),
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Rows a step; by default all.", show_default=False),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Steps an update; by default 100.", show_default=False
        ),
    ] = None,
    infer_batch: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Rows an inference; by default 64.", show_default=False
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Of an ONNX file: the value that is the output; by default its first.",
            show_default=False,
        ),
    ] = None,
    frozen: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Of an ONNX file: a constant that is not trained; may come again.",
            show_default=False,
        ),
    ] = None,
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
    """Compile a program of your own.

    A Python file is run; what it calls `program` is compiled, with what is given here in place of
    its own parts. A PyTorch module is run, too, and exported. It and an ONNX file need a loss, an
    optimizer and data. Files of weights and of ONNX are read without running anything.

    JSON: file, artifact, dataset, genesis_root, module_bytes, dataset_bytes, state_bytes,
    parameters, batch, steps_per_update.
    """
    from contextlib import redirect_stdout
    from sys import stderr

    from delea.artifact import digest, read_manifest, state_root
    from delea.cli.output import Output
    from delea.roles import creator
    from delea.roles.imports import Training
    from delea.store import write_bundle

    out = Output(as_json=as_json)
    training = Training(
        loss, optimizer, data, batch, steps, infer_batch, weights, output, tuple(frozen or ())
    )
    with redirect_stdout(stderr):  # what the file prints is no result
        artifact = creator.build_artifact(source, from_torch, training)
    file = _beside(source, from_torch) if to is None else to
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


def _beside(source: Path | None, from_torch: str | None) -> Path:
    """Return where the file goes: beside the source, or here by the name of the class."""
    if source is not None:
        return source.with_suffix(".delea")
    return Path(f"{(from_torch or '').rpartition(':')[2].lower()}.delea")
