"""The gas of each call on anvil, and the size of each contract, beside the committed figures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KEPT = json.loads((ROOT / "contracts" / "gas.json").read_text())
BOUNDS = {
    "create": 3_000_000,
    "transfer": 36_000,
    "train": 170_000,
    "settle": 110_000,
    "infer": 50_000,
    "propose_rollback": 185_000,
    "vote_rollback": 50_000,
    "execute_rollback": 120_000,
    "split create": 1_000_000,
    "split deposit": 170_000,
    "split transfer": 55_000,
    "split withdraw": 75_000,
    "bytes of Model": 20_000,
    "bytes of ModelFactory": 20_000,
    "bytes of ReasonTexts": 20_000,
    "bytes of Split": 20_000,
    "bytes of StewardArbiter": 20_000,
}


def test_the_committed_figures_are_those_measured_to_one_percent():
    command = [sys.executable, str(ROOT / "scripts" / "measure_gas.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("what", BOUNDS)
def test_no_figure_is_above_its_bound(what):
    assert KEPT[what] <= BOUNDS[what]
