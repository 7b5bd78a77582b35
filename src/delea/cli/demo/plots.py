"""Two pictures of a play: the loss as it fell, and the emission curve with what was paid."""

from pathlib import Path

import matplotlib as mpl
import numpy as np

from delea.cli.demo.cast import Cast
from delea.cli.demo.record import Record
from delea.cli.figures import save_figure

mpl.use("Agg")  # draws without a screen
from matplotlib import pyplot as plt

COLORS = {"trainer A": "#2a6fbb", "trainer B": "#d9822b", "attacker": "#b0272f"}
TOKEN = 1e18


def plot_losses(cast: Cast, record: Record, path: Path) -> None:
    """Draw each claim's training loss over its steps, where its parent ended."""
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    ends = {0: 0}
    shown: set[str] = set()
    for row in record.rows[1:]:
        start = ends[row.parent]
        ends[row.id] = start + len(row.losses)
        if not row.losses:
            continue
        role = cast.role_of(row.beneficiary)
        steps = np.arange(start + 1, start + 1 + len(row.losses))
        style = "--" if row.verdict == "refuted" else "-"
        label = None if role in shown else role
        shown.add(role)
        axes.plot(steps, row.losses, style, color=COLORS.get(role, "gray"), label=label, lw=1)
        axes.annotate(f"v{row.id}", (steps[-1], row.losses[-1]), fontsize=8)
    axes.set(
        xlabel="step",
        ylabel="loss of each training batch",
        yscale="log",
        title=f"{record.name}: loss",
    )
    axes.legend()
    save_figure(figure, path)


def plot_emission(cast: Cast, record: Record, path: Path) -> None:
    """Draw the emission curve and each settled reward, per update."""
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    horizon = record.terms.horizon
    first = float(record.rows[0].reserve) / TOKEN
    total = sum(row.updates for row in record.rows if row.reward is not None)
    x = np.linspace(0, max(total, 1), 200)
    axes.plot(x, first / horizon * np.exp(-x / horizon), color="gray", label="R/h · exp(-x/h)")
    done = 0
    for row in sorted(record.rows, key=lambda row: row.id):
        if row.reward is None:
            continue
        role = cast.role_of(row.beneficiary)
        per_update = row.reward / TOKEN / row.updates
        span = [done, done + row.updates]
        axes.plot(span, [per_update] * 2, color=COLORS.get(role, "gray"), lw=3)
        axes.annotate(f"v{row.id}", (done + row.updates / 2, per_update), fontsize=8)
        done += row.updates
    title = f"{record.name}: emission, h = {horizon} updates"
    axes.set(xlabel="updates", ylabel=f"{record.terms.symbol} per update", title=title)
    axes.legend()
    save_figure(figure, path)


def plot_fit(cast: Cast, record: Record, path: Path) -> None:
    """Draw what each settled version answers, and what training it paid."""
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    drawn = [row for row in record.rows if row.fit and (row.reward is not None or row.id == 0)]
    axes.plot(record.asked, np.sin(record.asked), color="black", lw=3, alpha=0.25, label="sin x")
    for shade, row in zip(np.linspace(0.15, 1, len(drawn)), drawn, strict=True):
        label = f"version {row.id}"
        if row.reward is not None:
            amount = row.reward / TOKEN
            label += f": {cast.role_of(row.beneficiary)} +{amount:.1f} {record.terms.symbol}"
        axes.plot(
            record.asked, row.fit, color=plt.colormaps["viridis"](1 - shade), lw=1.5, label=label
        )
    axes.set(xlabel="x", title="sin x, learned update by update")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    save_figure(figure, path)
