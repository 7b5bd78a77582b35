"""`delea data`: arrays, tables, images or a text become a dataset file."""

from pathlib import Path
from typing import Annotated

import typer

from delea.cli.options import Json


def data(  # noqa: PLR0913 - one for each option
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="A .npz, .npy, .csv, .parquet or .txt file, or a folder with a folder of images"
            " for each class.",
            show_default=False,
        ),
    ],
    *,
    to: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            help="Where to write; by default the source with .data as its suffix.",
            show_default=False,
        ),
    ] = None,
    targets: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Columns of a table or an array of a .npz (y, y_train, targets), with commas; for"
            " a .npy another one.",
            show_default=False,
        ),
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="The same for inputs; by default all other columns, or x, x_train, inputs.",
            show_default=False,
        ),
    ] = None,
    test: Annotated[
        str,
        typer.Option(
            metavar="RULE",
            help="Rows for the test: 'i % 5 == 0', 'last 10%', 'first 100', 'none'. A .npz with"
            " x_test and y_test has its own.",
        ),
    ] = "i % 5 == 0",
    classes: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Refuse labels beyond 0..N-1.", show_default=False),
    ] = None,
    numbers: Annotated[
        bool, typer.Option("--numbers", help="Whole numbers as targets are no labels.")
    ] = False,
    length: Annotated[int, typer.Option(min=1, metavar="N", help="Bytes in a row of a text.")] = 64,
    stride: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Bytes from row to row; by default N.", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a dataset file from arrays, a table, images or a text.

    What it holds is written beside it, in FILE.json. NaNs, infinities, ragged rows and labels out
    of range are refused. Tables need pyarrow if they are Parquet, images Pillow.

    JSON: file, digest, bytes, train_rows, test_rows, inputs and targets (dtype, shape, least,
    most), classes (their names).
    """
    from dataclasses import asdict

    from delea.cli.output import Output
    from delea.cli.progress import bar
    from delea.importers.data import parse_rule
    from delea.roles import datasets

    out = Output(as_json=as_json)
    wish = datasets.Wish(
        _names(targets), _names(inputs), parse_rule(test), classes, numbers, length, stride
    )
    count = datasets.count_images(source) if source.is_dir() and out.shows_progress else 1
    with bar(out, "reading", count, shows_loss=False) as on_step:
        on_image = None if on_step is None else lambda done: on_step(done, 0.0)
        made = datasets.make_data(source, wish, on_image)
    file = source.with_suffix(datasets.SUFFIX) if to is None else to
    datasets.write_data(file, made)
    fields = {"file": str(file), "bytes": len(made.file), **asdict(made.description)}
    out.facts({name: _told(fact) for name, fact in fields.items()})
    out.result(fields)


def _names(text: str | None) -> tuple[str, ...]:
    return () if text is None else tuple(text.split(","))


def _told(fact: object) -> object:
    """Return a fact for people: a column in few words, at most some names of classes."""
    if isinstance(fact, dict):
        shape = " x ".join(map(str, fact["shape"])) or "one number"
        return f"{fact['dtype']}, {shape}, {fact['least']:g} to {fact['most']:g}"
    if isinstance(fact, tuple):
        more = f" and {len(fact) - 12} more" if len(fact) > 12 else ""
        return ", ".join(fact[:12]) + more if fact else "not named"
    return fact
