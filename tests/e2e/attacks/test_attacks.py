"""Every attack fails; one that succeeded would be seen."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "attacks"
ATTACKS = sorted(FOLDER.glob("*_*.py"))


@pytest.fixture
def runner(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location("attacks_run", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "attacks_run", module)
    spec.loader.exec_module(module)
    return module


def test_there_are_attacks():
    assert len(ATTACKS) >= 25


@pytest.mark.parametrize("script", ATTACKS, ids=lambda path: path.stem)
def test_an_attack_fails_and_says_why(runner, script):
    outcome = runner.try_attack(script)
    assert outcome.outcome == "failed", outcome.why
    assert outcome.wants.endswith(".")
    assert len(outcome.why) > 20


def test_each_defence_stands_where_the_list_says_and_stops_an_attack():
    root = FOLDER.parent
    spec = importlib.util.spec_from_file_location("defences", root / "scripts/mutate_defences.py")
    script = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root / "scripts"))
        patch.setitem(sys.modules, "defences", script)
        spec.loader.exec_module(script)
    defences = script.read_defences((FOLDER / "defences.txt").read_text())
    assert len(defences) >= 26
    for defence in defences:
        assert FOLDER / f"{defence.attack}.py" in ATTACKS
        assert (root / defence.file).read_text().count(defence.before) == 1, defence
        assert defence.before != defence.after


HEAD = f"""import sys
sys.path.insert(0, {str(FOLDER)!r})
from delea.errors import PolicyError
from frame import refusal, run
"""
REFUSED = "def no():\n    raise PolicyError('no')\n"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (REFUSED + "run(lambda: 'because ' + refusal(no, PolicyError))", "failed"),
        ("run(lambda: refusal(lambda: 1, PolicyError))", "succeeded"),
        (REFUSED + "run(lambda: refusal(no, ZeroDivisionError))", "broken"),
        ("run(lambda: 1 / 0)", "broken"),
        ("run(lambda: '')", "broken"),
        ("sys.exit(7)", "broken"),
        ("print('x'); sys.exit(7)", "broken"),
        ("import os; os.kill(os.getpid(), 9)", "broken"),
    ],
)
def test_what_came_of_an_attack_is_told(runner, tmp_path, body, outcome):
    script = tmp_path / "attack.py"
    script.write_text(f'"""It wants all."""\n{HEAD}{body}\n')
    told = runner.try_attack(script)
    assert (told.attack, told.wants, told.outcome) == ("attack", "It wants all.", outcome)


def test_an_attack_that_hangs_is_broken(runner, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "SECONDS", 0.5)
    script = tmp_path / "attack.py"
    script.write_text('"""It wants all."""\nimport time\ntime.sleep(60)\n')
    told = runner.try_attack(script)
    assert (told.outcome, told.why) == ("broken", "no end within 0.5 s")


FOREGROUND = """import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
sys.argv = sys.argv[1:]
sys.path[0] = sys.argv[0].rpartition("/")[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run_beside(folder, body):
    """Run a copy of the runner on one attack of this body, between two that fail."""
    for name in ("run.py", "frame.py"):
        (folder / name).write_text((FOLDER / name).read_text())
    harmless = '"""Wants."""\nprint("why")\n'
    for name, text in (("a", harmless), ("b", f'"""Wants."""\n{body}\n'), ("c", harmless)):
        (folder / f"{name}_attack.py").write_text(text)
    words = [sys.executable, "-c", FOREGROUND, str(folder / "run.py")]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("body", "code"), [("print('why')", 0), ("import sys; sys.exit(1)", 1)])
def test_the_run_exits_with_1_unless_every_attack_failed(tmp_path, body, code):
    done = run_beside(tmp_path, body)
    assert done.returncode == code
    assert f"{3 - code} of 3 attacks failed" in done.stdout


def test_a_run_that_is_stopped_tells_what_was_tried(tmp_path):
    stop = "import os, signal, time; os.kill(os.getppid(), signal.SIGINT); time.sleep(60)"
    done = run_beside(tmp_path, stop)
    assert (done.returncode, done.stderr) == (130, "stopped: 1 of 3 were tried\n")
    assert "a_attack" in done.stdout
    assert "1 of 1 attacks failed" in done.stdout


def test_no_attack_of_that_name_is_told(runner, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["run.py", "no such attack"])
    assert runner.main() == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "no attack has such a name\n")
