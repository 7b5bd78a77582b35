"""A profile as a picture: a bar for each kernel, the longest on top."""

from pathlib import Path
from typing import TYPE_CHECKING

from delea.cli.figures import plain, save_figure

if TYPE_CHECKING:
    from delea.roles.profiling import Profile

BARS = 25


def plot_bars(title: str, found: "Profile", path: Path) -> None:
    """Draw the slowest kernels by their milliseconds, each with its GFLOP/s and GB/s.

    Raises:
        StoreError: the file cannot be written.
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
    save_figure(figure, path)
