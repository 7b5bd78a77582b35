"""Pictures: whether one can be drawn, before any work is done, and how its file is written."""

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from delea.errors import MissingError, UsageError
from delea.store.files import write_atomic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".pdf")


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


def save_figure(figure: "Figure", path: Path, *, dpi: int = 110) -> None:
    """Write a figure, drawn whole before its file is there, and close it.

    Raises:
        StoreError: the file cannot be written.
    """
    from matplotlib import pyplot as plt

    drawn = BytesIO()
    try:
        figure.savefig(drawn, dpi=dpi, format=path.suffix[1:])
    finally:
        plt.close(figure)
    write_atomic(path, drawn.getvalue())
