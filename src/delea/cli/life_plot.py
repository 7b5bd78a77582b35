"""A simulated life as a picture: reserve, reward and price, seats, and who gained what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import matplotlib as mpl

from delea.cli.figures import plain, save_figure

mpl.use("Agg")  # draws without a screen
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from delea.protocol.terms import Terms
    from delea.simulation import Life

TOKEN: Final = 1e18
HONEST, CHEAT = "#2a6fbb", "#b0272f"
SEATS: Final = 2


def plot_life(title: str, life: Life, terms: Terms, path: Path) -> None:
    """Draw a life over its days.

    Raises:
        StoreError: the file cannot be written.
    """
    figure, grid = plt.subplots(2, 2, figsize=(11, 7), layout="constrained")
    days = [moment.seconds / 86_400 for moment in life.moments]
    _plot_reserve(grid[0, 0], days, life, terms)
    _plot_rates(grid[0, 1], days, life, terms)
    _plot_seats(grid[1, 0], days, life)
    _plot_gains(grid[1, 1], life)
    figure.suptitle(plain(title))
    save_figure(figure, path, dpi=100)


def _plot_reserve(axes: Axes, days: list[float], life: Life, terms: Terms) -> None:
    reserve = [moment.reserve / TOKEN for moment in life.moments]
    axes.fill_between(days, reserve, color=HONEST, alpha=0.25, label="reserve")
    axes.fill_between(
        days, reserve, terms.supply / TOKEN, color="gray", alpha=0.25, label="circulating"
    )
    buys = axes.twinx()
    inferences = [moment.inferences for moment in life.moments]
    buys.plot(days, inferences, color="black", lw=1.2, label="it can buy (right)")
    buys.set_ylabel("inferences")
    buys.set_ylim(bottom=0)
    axes.set(xlabel="day", ylabel=plain(terms.symbol), title="where the tokens are")
    axes.set_ylim(0, terms.supply / TOKEN)
    lines = [*axes.get_legend_handles_labels()[0], *buys.get_legend_handles_labels()[0]]
    axes.legend(lines, [str(line.get_label()) for line in lines], loc="center right", fontsize=8)


def _plot_rates(axes: Axes, days: list[float], life: Life, terms: Terms) -> None:
    axes.plot(
        days, [m.reward / TOKEN for m in life.moments], color=HONEST, label="one update earns"
    )
    axes.plot(
        days, [m.price / TOKEN for m in life.moments], color="gray", label="one inference costs"
    )
    axes.set(xlabel="day", ylabel=plain(terms.symbol), yscale="log", title="reward and price")
    axes.legend(fontsize=8)


def _plot_seats(axes: Axes, days: list[float], life: Life) -> None:
    """Draw who sat in each seat: a bar from each look to the next."""
    kinds = list(dict.fromkeys(kind for moment in life.moments for kind in moment.holders))
    colors = {kind: mpl.colormaps["tab10"](at) for at, kind in enumerate(kinds)}
    for seat in range(SEATS):
        for start, end, moment in zip(days, days[1:], life.moments, strict=False):
            if seat < len(moment.holders):
                axes.barh(seat, end - start, left=start, color=colors[moment.holders[seat]])
    for kind, color in colors.items():
        axes.barh(0, 0, color=color, label=kind)
    axes.set(xlabel="day", title="who sits beside the creator", xlim=(0, max(days[-1], 1e-9)))
    axes.set_yticks(range(SEATS), ["first holder", "second holder"])
    axes.set_ylim(-0.6, SEATS - 0.4)
    if kinds:
        axes.legend(fontsize=8)


def _plot_gains(axes: Axes, life: Life) -> None:
    kinds = list(dict.fromkeys(account.kind for account in life.accounts))[::-1]
    gains = [life.net_of(kind) / TOKEN for kind in kinds]
    colors = [CHEAT if kind in life.cheats else HONEST for kind in kinds]
    bars = axes.barh(kinds, gains, color=colors)
    axes.bar_label(bars, [f"{gain:+.3g}" for gain in gains], padding=3, fontsize=8)
    axes.axvline(0, color="black", lw=0.8)
    axes.margins(x=0.2)
    axes.set(xlabel="coin, tokens at their value", title="who gained what (red: who cheats)")
