"""A picture is refused before the work for it is done, and its file is whole or not there."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import pytest

from delea.cli import figures
from delea.cli.figures import check_plot, plain, save_figure
from delea.errors import MissingError, StoreError, UsageError

mpl.use("Agg")
from matplotlib import pyplot as plt


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG\r\n"), (".svg", b"<?xml"), (".pdf", b"%PDF-")]
)
def test_a_figure_is_written_as_its_file_is_named(tmp_path, suffix, start):
    path = tmp_path / f"drawn{suffix}"
    save_figure(plt.figure(), path)
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]
    assert plt.get_fignums() == []


def test_a_figure_that_finds_the_disk_full_leaves_the_file_that_was_there(tmp_path):
    path = tmp_path / "drawn.png"
    path.write_bytes(b"old")
    figure = plt.figure()
    with disk_of(100), pytest.raises(StoreError, match=r"drawn\.png: File too large$"):
        save_figure(figure, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    assert plt.get_fignums() == []


def test_a_figure_that_cannot_be_drawn_is_closed_and_leaves_no_file(tmp_path):
    figure = plt.figure()
    figure.suptitle(r"$\frac$")
    with pytest.raises(ValueError, match="frac"):
        save_figure(figure, tmp_path / "drawn.png")
    assert list(tmp_path.iterdir()) == []
    assert plt.get_fignums() == []


def test_two_dollars_make_no_formula(tmp_path):
    figure = plt.figure()
    figure.suptitle(plain(r"$\frac$"))
    save_figure(figure, tmp_path / "drawn.svg")
    assert r"<!-- $\frac$ -->" in (tmp_path / "drawn.svg").read_text()


def test_a_plot_that_could_not_be_drawn_is_refused_before(tmp_path, monkeypatch):
    check_plot(tmp_path / "drawn.pdf")
    with pytest.raises(UsageError, match=r"^a plot that ends in \.png, \.svg, \.pdf expected, got"):
        check_plot(tmp_path / "drawn.gif")
    for nowhere in (tmp_path / "none" / "drawn.png", Path("/dev/null/drawn.png")):
        with pytest.raises(UsageError, match=r"^a plot in a folder that is there expected, got"):
            check_plot(nowhere)
    monkeypatch.setattr(figures, "find_spec", lambda _: None)
    with pytest.raises(MissingError, match=r"^a plot needs matplotlib"):
        check_plot(tmp_path / "drawn.png")
