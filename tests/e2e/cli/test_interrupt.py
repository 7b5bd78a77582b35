"""Ctrl-C ends a command with 130 and one line, and leaves no process behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from delea.roles.session import Session

DELEA = [sys.executable, "-m", "delea.cli"]


@pytest.fixture
def start(variables: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    running = []
    environment = {**os.environ, **variables}

    def started(*words: object) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        words = [str(word) for word in words]
        running.append(
            subprocess.Popen([*DELEA, *words], stdout=pipe, stderr=pipe, text=True, env=environment)
        )
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.communicate()


def test_the_chain_stays_until_ctrl_c(start, delea):
    process = start("chain", "--port", 0, "--json")
    shown = json.loads(process.stdout.readline())
    children = _children(process.pid)
    assert len(shown["accounts"]) == 10
    assert delea("chain", "warp", 5, "--rpc", shown["url"]).code == 0
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "the chain has ended"
    assert [_is_alive(child) for child in children] == [False]
    assert delea("status", shown["accounts"][0]["address"], "--rpc", shown["url"]).code == 3


def test_a_background_job_of_a_script_heeds_ctrl_c_too(variables):
    script = '"$@" & echo $!; wait $!; echo ended with $?'  # such a job starts with Ctrl-C ignored
    shell = subprocess.Popen(
        ["bash", "-c", script, "bash", *DELEA, "chain", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )
    pid = int(shell.stdout.readline())
    try:
        assert shell.stdout.readline().startswith("a chain at ")
        os.kill(pid, signal.SIGINT)
        out, _ = shell.communicate(timeout=10)
        assert out.splitlines()[-1] == "ended with 130"
    finally:
        if _is_alive(pid):
            os.kill(pid, signal.SIGKILL)
        shell.kill()
        shell.communicate()


def test_training_ends_at_once_and_claims_nothing(start, delea, create, bundle, anvil, tmp_path):
    source = bundle.with_suffix(".py").read_text().replace("per_update=5,", "per_update=100_000,")
    (tmp_path / "long.py").write_text(source)
    assert delea("build", tmp_path / "long.py").code == 0
    snapshot = anvil.snapshot()
    try:
        model = create(tmp_path / "long.delea", "--max-updates", 30)
        process = start("train", model, "--updates", 30, "--key", "dev:1", "--json")
        children = _wait_for(lambda: _children(process.pid), process)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        assert process.returncode == 130
        assert json.loads(out) == {"error": {"type": "Interrupted", "message": "interrupted"}}
        assert err.split() == ["delea:", "interrupted"]
        assert [_is_alive(child) for child in children] == [False]
        assert len(delea("status", model, "--json").fields["versions"]) == 1
    finally:
        anvil.revert(snapshot)


def test_a_profile_ends_at_once_and_draws_nothing(start, bundle, tmp_path):
    plot = tmp_path / "bars.png"
    process = start("profile", bundle, "--steps", 100_000, "--plot", plot, "--json")
    children = _wait_for(lambda: _children(process.pid), process)  # the first only compiles
    children = _wait_for(lambda: sorted({*_children(process.pid)} - {*children}), process)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert json.loads(out) == {"error": {"type": "Interrupted", "message": "interrupted"}}
    assert err.split() == ["delea:", "interrupted"]
    assert [_is_alive(child) for child in children] == [False]
    assert not plot.exists()


def test_a_simulation_ends_at_once_and_draws_nothing(start, tmp_path):
    plot = tmp_path / "life.png"
    slow = ("--horizon", 1_000_000, "--max-updates", 1, "--seconds-per-update", 10)
    process = start("simulate", *slow, "--plot", plot, "--json")
    _wait_for(lambda: [process.pid] if _cpu_seconds(process.pid) > 2 else [], process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert json.loads(out) == {"error": {"type": "Interrupted", "message": "interrupted"}}
    assert err.split() == ["delea:", "interrupted"]
    assert list(tmp_path.iterdir()) == []


def test_a_watch_checks_claims_as_they_come(start, delea, model, cheat):
    delea("train", model, "--key", "dev:1")
    process = start("verify", model, "--watch", "--every", 0.1, "--json")
    assert _until(process, "version 1: upheld")
    cheat(model)
    assert _until(process, "version 2: refuted")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 130
    verdicts = [check["verdict"] for check in json.loads(out)["checks"]]
    assert verdicts == ["upheld", "refuted"]


def test_a_watch_checks_what_a_reorg_puts_under_a_number_again(start, delea, model, cheat, anvil):
    snapshot = anvil.snapshot()
    delea("train", model, "--key", "dev:1")
    process = start("verify", model, "--watch", "--every", 0.1, "--json")
    assert _until(process, "version 1: upheld")
    anvil.revert(snapshot)
    cheat(model)
    assert _until(process, "version 1: refuted")
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=10)[1].endswith("1 of 2 claims not upheld: version 1\n")


@pytest.fixture
def watch_once(delea, monkeypatch):
    """Look for claims once, while something happens behind each re-run, and press Ctrl-C."""

    def press_ctrl_c(_):
        raise KeyboardInterrupt

    def watched(model, happens):
        judge = Session.judge

        def judge_and_more(session, version, *, on_step=None):
            verdict = judge(session, version, on_step=on_step)
            happens()
            return verdict

        monkeypatch.setattr(Session, "judge", judge_and_more)
        monkeypatch.setattr(time, "sleep", press_ctrl_c)
        said = delea("verify", model, "--watch", "--challenge", "--key", "dev:2", "--json")
        assert said.code == 130
        return said

    return watched


def test_a_watch_outlives_a_claim_that_cannot_be_challenged_any_more(
    watch_once, model, cheat, anvil
):
    cheat(model)
    said = watch_once(model, lambda: anvil.increase_time(600))  # its window
    assert "version 1: not challenged, the contract refused: challenge: too late\n" in said.err
    (check,) = said.fields["checks"]
    assert (check["verdict"], check["game"]) == ("refuted", None)


def test_a_watch_outlives_a_claim_that_a_reorg_replaced_while_it_was_run(
    watch_once, model, cheat, anvil
):
    def replace_it():
        anvil.revert(snapshot)
        cheat(model, b"\x77" * 32)

    snapshot = anvil.snapshot()
    cheat(model)
    said = watch_once(model, replace_it)
    assert "version 1 as it was re-run expected, got another claim" in said.err
    assert said.fields["checks"] == []  # it is looked at next time


def _until(process: subprocess.Popen[str], start: str) -> bool:
    return any(line.startswith(start) for line in iter(process.stderr.readline, ""))


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def _wait_for(look: Callable[[], list[int]], process: subprocess.Popen[str]) -> list[int]:
    deadline = time.monotonic() + 20
    while not (found := look()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
