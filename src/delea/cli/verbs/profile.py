"""`delea profile`: where the time of a model goes, kernel by kernel."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from delea.cli.options import Json


class What(StrEnum):
    """What can be profiled."""

    TRAIN = "train"
    INFER = "infer"
    INFER_ONE = "infer-one"
    EVALUATE = "evaluate"


def profile(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL.py|FILE.delea", help="A file that defines `program`, or a built one."
        ),
    ],
    *,
    what: Annotated[
        What,
        typer.Option(help="A training step, an inference of a full batch or one row, or the test."),
    ] = What.TRAIN,
    steps: Annotated[
        int, typer.Option(min=1, max=100_000, metavar="N", help="How many are measured.")
    ] = 20,
    top: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many kernels are listed; JSON has all.")
    ] = 20,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png", help="Draw them as bars, too (or .svg, .pdf).", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Time every kernel of a model.

    Kernels are timed one by one in their order, short ones many times over, so with warm data.
    Beside them stands the whole, as it ships, no clock inside. Operations and bytes are counted
    from the graph, not measured.

    JSON: file, what, rows, steps, ms_best, ms_median (of the whole), kernels_ms (the sum of bests),
    flops, bytes_read, bytes_written, gflops, gb_per_s, peak_gflops, rebuilt, kernels (name, calls,
    share, ms_best, ms_median, flops, gflops, bytes_read, bytes_written, gb_per_s). Speeds and
    shares are those of the best times.
    """
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.cli.progress import bar
    from delea.cli.timings import profile_fields, show_profile
    from delea.roles import profiling

    out = Output(as_json=as_json)
    if plot is not None:
        from delea.cli.figures import check_plot

        check_plot(plot)
    artifact = doors.open_artifact(source)
    with bar(out, "profiling", steps, shows_loss=False) as on_step:
        on_round = None if on_step is None else lambda done: on_step(done, 0.0)
        found = profiling.profile(artifact, what, rounds=steps, on_round=on_round)
    if not found.is_rebuilt:
        out.say("the module is not what its graph compiles to here: profiled is the graph")
    show_profile(out, found, top)
    if plot is not None:
        from delea.cli.bars import plot_bars

        plot_bars(f"{source.name}, {what}", found, plot)
        out.say(f"drawn: {plot}")
    out.result({"file": str(source), "what": what, "steps": steps, **profile_fields(found)})
