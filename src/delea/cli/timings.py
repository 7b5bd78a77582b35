"""A profile as people read it, a line for each kernel, and as JSON has it."""

from typing import Any

from rich.table import Column

from delea.cli.amounts import count
from delea.cli.output import Output
from delea.roles.profiling import Profile, Timing

COLUMNS: tuple[str | Column, ...] = (
    "kernel",
    *(
        Column(name, justify="right", no_wrap=True)
        for name in ("calls", "ms", "share", "MFLOP", "GFLOP/s", "MB", "GB/s")
    ),
)


def show_profile(out: Output, found: Profile, top: int) -> None:
    """Say a profile: the `top` slowest kernels, the rest as one, the whole, what is possible."""
    rows = [_row(kernel, found) for kernel in found.kernels[:top]]
    rest = found.kernels[top:]
    if rest:
        ms = sum(kernel.ms for kernel in rest)
        calls = sum(kernel.calls for kernel in rest)
        share = f"{ms / found.total.ms:.1%}"
        rows.append((f"{len(rest)} more (--top)", calls, f"{ms:.4f}", share, "", "", "", ""))
    out.table(COLUMNS, [*rows, _row(found.total, found)])
    whole, peak = found.whole, found.peak
    out.facts(
        {
            "the whole as it ships": f"{whole.ms:.4f} ms for {count(found.rows, 'row')}"
            f" (median {whole.ms_median:.4f}), {whole.gflops:.2f} GFLOP/s",
            "all kernels one by one": f"{found.total.ms:.4f} ms,"
            f" {found.total.ms / whole.ms:.0%} of the whole",
            "multiply-add peak here": f"{peak.gflops:.1f} GFLOP/s in one thread of Wasm",
        }
    )


def _row(kernel: Timing, found: Profile) -> tuple[object, ...]:
    megabytes = (kernel.bytes_read + kernel.bytes_written) / 1e6
    return (
        kernel.name,
        kernel.calls,
        f"{kernel.ms:.4f}",
        f"{kernel.ms / found.total.ms:.1%}",
        f"{kernel.flops / 1e6:.3f}",
        f"{kernel.gflops:.2f}",
        f"{megabytes:.3f}",
        f"{kernel.gigabytes_per_second:.2f}",
    )


def profile_fields(found: Profile) -> dict[str, Any]:
    """Return a profile for JSON."""
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


def _numbers(timing: Timing) -> dict[str, float]:
    return {
        "ms_best": timing.ms,
        "ms_median": timing.ms_median,
        "flops": timing.flops,
        "gflops": timing.gflops,
        "bytes_read": timing.bytes_read,
        "bytes_written": timing.bytes_written,
        "gb_per_s": timing.gigabytes_per_second,
    }
