"""A profile as a picture: a bar for each kernel, the longest on top."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from delea.errors import MissingError, UsageError

if TYPE_CHECKING:
    from delea.roles.profiling import Profile

SUFFIXES = (".png", ".svg", ".pdf")
BARS = 25


def check_plot(path: Path) -> None:
    """Raise before any work is done for a picture that could not be drawn.

    Raises:
        UsageError: no file of a kind that is drawn, or in no folder.
        MissingError: what draws is not installed.
    """
    if path.suffix not in SUFFIXES:
        raise UsageError(f"a plot that ends in {', '.join(SUFFIXES)} expected, got {path}")
    if not path.parent.is_dir() or path.is_dir():
        raise UsageError(f"a plot in a folder that is there expected, got {path}")
    if find_spec("matplotlib") is None:
        raise MissingError("a plot needs matplotlib: pip install 'delea[demo]'")


def plain(text: str) -> str:
    """Return text that a picture shows as it is: between two dollars it would be a formula."""
    return text.replace("$", r"\$")


def plot_bars(title: str, found: "Profile", path: Path) -> None:
    """Draw the slowest kernels by their milliseconds, each with its GFLOP/s and GB/s.

    Raises:
        UsageError: the file cannot be written.
    """
    import matplotlib as mpl

    mpl.use("Agg")  # draws without a screen
    from matplotlib import pyplot as plt

    shown = found.kernels[:BARS][::-1]
    figure, axes = plt.subplots(figsize=(11, 1.4 + 0.3 * len(shown)), layout="constrained")
    bars = axes.barh([plain(kernel.name) for kernel in shown], [kernel.ms for kernel in shown])
    notes = [
        f"{kernel.ms / found.total.ms:.0%}, {kernel.gflops:.1f} GFLOP/s,"
        f" {kernel.gigabytes_per_second:.1f} GB/s"
        for kernel in shown
    ]
    axes.bar_label(bars, notes, padding=3, fontsize=8)
    axes.margins(x=0.35)
    axes.tick_params(labelsize=8)
    more = len(found.kernels) - len(shown)
    rest = f", {more} shorter ones left out" if more else ""
    axes.set(
        xlabel=f"milliseconds, of {found.total.ms:.3g}{rest}",
        title=f"{plain(title)}: {found.whole.ms:.3g} ms as it ships",
    )
    try:
        figure.savefig(path, dpi=110)
    except OSError as fault:
        raise UsageError(f"a plot cannot be written to {path}: {fault.strerror}") from None
    finally:
        plt.close(figure)
