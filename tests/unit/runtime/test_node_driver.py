"""The node driver runs the same protocol in V8 and gives the sandbox's bits."""

import json
import shutil
import struct
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from delea.runtime import Sandbox

DRIVER = Path(__file__).parents[3] / "bench" / "drivers" / "node.mjs"


@pytest.fixture
def drive(tmp_path, toy, manifest):
    node = shutil.which("node")
    if node is None:
        pytest.fail("node expected on PATH, install it with: apt-get install nodejs")
    for name in ("module", "dataset", "state"):
        (tmp_path / name).write_bytes(getattr(toy, name))

    def run(**job):
        paths = {name: str(tmp_path / name) for name in ("module", "dataset", "state")}
        whole = {**paths, "seed": toy.seed.hex(), "regions": asdict(manifest.regions), **job}
        done = subprocess.run(
            [node, DRIVER], input=json.dumps(whole), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_node_trains_to_the_sandbox_s_state_and_losses(drive, toy, tmp_path):
    answer = drive(steps=50, stateOut=str(tmp_path / "after"), evaluate=True)
    with Sandbox(toy.module) as sandbox:
        sandbox.load_dataset(toy.dataset)
        trained = sandbox.train(toy.state, toy.seed, 50)
        loss = sandbox.evaluate(toy.state)
    assert (tmp_path / "after").read_bytes() == trained.state
    assert answer["losses"] == [struct.pack(">f", x).hex() for x in trained.losses]
    assert answer["evaluate"] == struct.pack(">f", loss).hex()
    assert answer["finite"] is True


def test_node_infers_the_sandbox_s_rows_with_one_kind_of_nan(drive, toy, tmp_path):
    rows = struct.pack("<20f", *range(19), float("nan"))
    (tmp_path / "rows").write_bytes(rows)
    drive(
        steps=0,
        inputs=str(tmp_path / "rows"),
        outputs=str(tmp_path / "out"),
        inferBatch=8,
        inputRow=4,
        outputRow=4,
        outputDtype="f32",
    )
    with Sandbox(toy.module) as sandbox:
        assert (tmp_path / "out").read_bytes() == sandbox.infer(toy.state, rows)


def test_node_times_each_round_after_its_warm_up(drive):
    answer = drive(steps=10, rounds=3, warmup=2)
    assert len(answer["ms"]) == 3
    assert all(ms > 0 for ms in answer["ms"])
