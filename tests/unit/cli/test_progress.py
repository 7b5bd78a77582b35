"""A bar is drawn on standard error, and only when somebody watches."""

import pytest

from delea.cli.output import Output
from delea.cli.progress import bar


def test_nobody_watches_a_file(capsys):
    with bar(Output(as_json=False), "training", 10) as on_step:
        assert on_step is None
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("as_json", [False, True])
def test_somebody_watches_a_terminal_but_not_with_json(monkeypatch, as_json):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert Output(as_json=as_json).shows_progress is not as_json


def test_the_bar_shows_steps_and_the_last_loss(monkeypatch, capsys):
    monkeypatch.setattr(Output, "shows_progress", True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with bar(Output(as_json=False), "training", 10) as on_step:
        assert on_step is not None
        for step in range(1, 11):
            on_step(step, 0.5)
    said = capsys.readouterr()
    assert said.out == ""
    assert "training" in said.err
    assert "10/10 steps" in said.err
    assert "loss 0.5" in said.err


def test_a_bar_of_work_without_a_loss_shows_none(monkeypatch, capsys):
    monkeypatch.setattr(Output, "shows_progress", True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with bar(Output(as_json=False), "profiling", 2, shows_loss=False) as on_step:
        on_step(2, 0.5)
    said = capsys.readouterr().err
    assert "2/2 steps" in said
    assert "loss" not in said
