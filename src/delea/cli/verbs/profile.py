"""`delea profile`: where the time of a model goes, kernel by kernel."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from delea.cli.options import Json

if TYPE_CHECKING:
    from delea.artifact import Artifact
    from delea.cli.output import Output
    from delea.roles.profiling import Profile, Timing

COLUMNS = ("kernel", "calls", "ms", "share", "MFLOP", "GFLOP/s", "MB", "GB/s")


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

    JSON: file, what, rows, steps, ms, ms_best (of the whole), kernels_ms, flops, bytes_read,
    bytes_written, gflops, gb_per_s, peak_gflops, rebuilt, kernels (name, calls, ms, ms_best, share,
    flops, gflops, bytes_read, bytes_written, gb_per_s).
    """
    from delea.cli.output import Output
    from delea.cli.progress import bar
    from delea.roles import profiling

    out = Output(as_json=as_json)
    if plot is not None:
        from delea.cli.bars import check_plot

        check_plot(plot)
    artifact = _open(source)
    with bar(out, "profiling", steps, shows_loss=False) as on_step:
        on_round = None if on_step is None else lambda done: on_step(done, 0.0)
        found = profiling.profile(artifact, what, rounds=steps, on_round=on_round)
    if not found.is_rebuilt:
        out.say("the module is not what its graph compiles to here: profiled is the graph")
    _show(out, found, top)
    if plot is not None:
        from delea.cli.bars import plot_bars

        plot_bars(f"{source.name}, {what}", found, plot)
        out.say(f"drawn: {plot}")
    out.result({"file": str(source), "what": what, "steps": steps, **_fields(found)})


def _open(source: Path) -> "Artifact":
    """Return what a creator's own file compiles to, or what a `.delea` file holds."""
    from contextlib import redirect_stdout
    from sys import stderr

    from delea.cli import doors
    from delea.roles import creator

    if source.suffix == ".delea":
        return doors.open_bundle(source)
    with redirect_stdout(stderr):  # what the file prints is no result
        return creator.build_artifact(source)


def _show(out: "Output", found: "Profile", top: int) -> None:
    from delea.cli.amounts import count

    rows = [_row(kernel, found) for kernel in found.kernels[:top]]
    rest = found.kernels[top:]
    if rest:
        ms = sum(kernel.ms for kernel in rest)
        calls = sum(kernel.calls for kernel in rest)
        share = f"{ms / found.total.ms:6.1%}"
        rows.append((f"{len(rest)} more (--top)", calls, f"{ms:9.4f}", share, "", "", "", ""))
    out.table(COLUMNS, [*rows, _row(found.total, found)])
    whole, peak = found.whole, found.peak
    out.facts(
        {
            "the whole as it ships": f"{whole.ms:.4f} ms for {count(found.rows, 'row')},"
            f" {whole.gflops:.2f} GFLOP/s, {whole.gigabytes_per_second:.2f} GB/s",
            "all kernels one by one": f"{found.total.ms:.4f} ms,"
            f" {found.total.ms / whole.ms:.0%} of the whole",
            "multiply-add peak here": f"{peak.gflops:.1f} GFLOP/s in one thread of Wasm",
        }
    )


def _row(kernel: "Timing", found: "Profile") -> tuple[object, ...]:
    megabytes = (kernel.bytes_read + kernel.bytes_written) / 1e6
    return (
        kernel.name,
        kernel.calls,
        f"{kernel.ms:9.4f}",
        f"{kernel.ms / found.total.ms:6.1%}",
        f"{kernel.flops / 1e6:9.3f}",
        f"{kernel.gflops:7.2f}",
        f"{megabytes:8.3f}",
        f"{kernel.gigabytes_per_second:6.2f}",
    )


def _fields(found: "Profile") -> dict[str, Any]:
    whole = _numbers(found.whole)
    kernels = [
        {
            "name": kernel.name,
            "calls": kernel.calls,
            "share": kernel.ms / found.total.ms,
            **_numbers(kernel),
        }
        for kernel in found.kernels
    ]
    return {
        "rows": found.rows,
        **whole,
        "kernels_ms": found.total.ms,
        "peak_gflops": found.peak.gflops,
        "rebuilt": found.is_rebuilt,
        "kernels": kernels,
    }


def _numbers(timing: "Timing") -> dict[str, float]:
    return {
        "ms": timing.ms,
        "ms_best": timing.ms_best,
        "flops": timing.flops,
        "gflops": timing.gflops,
        "bytes_read": timing.bytes_read,
        "bytes_written": timing.bytes_written,
        "gb_per_s": timing.gigabytes_per_second,
    }
