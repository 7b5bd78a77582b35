"""The demo as a user runs it: one process, a real chain, both models."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

DEMO = [sys.executable, "-m", "delea.cli", "demo"]
CHAIN_UP = "a local chain is up at"


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [*DEMO, "--once", "--json", "--out", str(out)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), out, done.stderr


def versions(played, name):
    return next(m for m in played[0]["models"] if m["name"] == name)["versions"]


def test_stdout_is_one_json_object_of_two_models(played):
    assert [model["name"] for model in played[0]["models"]] == ["sine", "digits"]


def test_a_model_says_what_the_schema_names(played):
    for model in played[0]["models"]:
        assert set(model) == {
            "name",
            "address",
            "artifact",
            "steps_per_update",
            "versions",
            "test_accuracy",
            "inference",
            "invariants",
        }
        for version in model["versions"]:
            assert set(version) == {
                "id",
                "parent",
                "beneficiary",
                "loss_before",
                "loss_after",
                "verdict",
                "status",
                "reward_wei",
                "reserve_wei",
                "price_wei",
            }


def test_version_0_has_null_losses(played):
    for name in ("sine", "digits"):
        first = versions(played, name)[0]
        assert (first["loss_before"], first["loss_after"], first["verdict"]) == (None, None, None)


def test_every_claim_was_re_run_and_one_was_refuted(played):
    for name in ("sine", "digits"):
        verdicts = [version["verdict"] for version in versions(played, name)]
        assert verdicts == [None, *["upheld"] * 4, "refuted", "upheld", None, "upheld"]


def test_honest_claims_settled_and_the_false_one_did_not(played):
    for name in ("sine", "digits"):
        statuses = [version["status"] for version in versions(played, name)]
        assert statuses == [*["settled"] * 5, "refuted", *["settled"] * 3]


def test_honest_work_went_on_beside_the_false_claim(played):
    for name in ("sine", "digits"):
        assert [version["parent"] for version in versions(played, name)][5:7] == [4, 4]


def test_training_went_on_after_the_rollback(played):
    for name in ("sine", "digits"):
        rolled_back, last = versions(played, name)[7:]
        assert (rolled_back["parent"], rolled_back["reward_wei"], last["parent"]) == (4, None, 7)


def test_two_trainers_earned_and_earlier_updates_earned_more(played):
    for name in ("sine", "digits"):
        rows = versions(played, name)
        assert len({row["beneficiary"] for row in rows if row["reward_wei"]}) == 2
        assert rows[1]["reward_wei"] > rows[2]["reward_wei"] > rows[6]["reward_wei"] > 0
        assert rows[3]["reward_wei"] > rows[4]["reward_wei"] > rows[8]["reward_wei"] > 0


def test_training_learns(played):
    assert versions(played, "sine")[-1]["loss_after"] < 0.02
    assert versions(played, "digits")[-1]["loss_after"] < 0.15


def test_digits_are_read_rightly_in_at_least_95_percent_of_the_test_rows(played):
    sine, digits = played[0]["models"]
    assert digits["test_accuracy"] >= 0.95
    assert sine["test_accuracy"] is None


def test_the_inference_was_paid_and_re_checked(played):
    for model in played[0]["models"]:
        assert model["inference"]["paid_wei"] > 0
        assert model["inference"]["checked"] is True


def test_every_invariant_holds(played):
    for model in played[0]["models"]:
        assert model["invariants"] == {
            "balances_sum_to_supply": True,
            "reserve_is_accounted_for": True,
            "native_bonds_balance": True,
            "settled_roots_replay": True,
            "honest_work_was_paid": True,
            "cheating_earned_nothing": True,
        }


def test_it_says_that_windows_are_crossed_by_moving_the_clock(played):
    assert "crossed with evm_increaseTime" in played[2]


@pytest.mark.parametrize("picture", ["sine-loss", "sine-emission", "digits-loss", "sine-fit"])
def test_it_draws_its_curves(played, picture):
    assert (played[1] / f"{picture}.png").read_bytes().startswith(b"\x89PNG")


def processes_of(session_leader: int) -> list[int]:
    """Return the processes that descend from the demo: its chain and its sandboxes."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, stack = [], [session_leader]
    while stack:
        below = children.get(stack.pop(), [])
        found += below
        stack += below
    return found


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_no_process_is_left_when_the_demo_is_ended_in_the_middle(tmp_path, sent, code):
    with subprocess.Popen(
        [*DEMO, "--out", str(tmp_path)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as demo:
        for line in demo.stderr:
            if "re-ran version 1" in line:
                break
        left = processes_of(demo.pid)
        os.kill(demo.pid, sent)
        try:
            last = demo.communicate(timeout=20)[1]
        finally:
            demo.kill()
        assert demo.returncode == code, last
    assert len(left) >= 2, "the chain and a sandbox were there"
    deadline = time.monotonic() + 10
    while any(is_alive(pid) for pid in left):
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(0.05)


def test_the_commands_it_ends_with_work_as_printed(tmp_path):
    with subprocess.Popen(
        [*DEMO, "--out", str(tmp_path)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as demo:
        try:
            lines = [line for line in until(demo, "--key dev:1") if "--rpc" in line]
            done = [
                subprocess.run(line.split(), capture_output=True, text=True, check=False)
                for line in lines
            ]
        finally:
            demo.kill()
    assert [run.returncode for run in done] == [0, 0], [run.stderr for run in done]


def until(process, word):
    lines = []
    for line in process.stderr:
        lines.append(line)
        if word in line:
            break
    return lines


def test_an_out_that_is_a_file_is_refused_in_one_line(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("")
    done = subprocess.run(
        [*DEMO, "--once", "--out", str(taken)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    line = f"delea: a folder that can be written expected at {taken}: File exists\n"
    assert (done.returncode, done.stderr, done.stdout) == (2, line, "")


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
