"""Who is not root works in confined children as well: of root alone the kernel asks less."""

import json
import os
import subprocess
import sys

import pytest

from delea.artifact import ZERO_SEED, state_root
from delea.runtime import train
from delea.store import write_bundle

NOBODY = "65534"
# As root: the rights of nobody, but to read where this Python lives. The limit on processes holds
# for whoever may not administrate the system.
AS_NOBODY = (
    *("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"),
    *("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"),
)
WORK = """
import json, os, resource, sys
sys.path[:] = json.loads(sys.argv[1])
from pathlib import Path
from delea.artifact import ZERO_SEED, state_root
from delea.roles.auditing import check_audited
from delea.roles.profiling import profile
from delea.runtime import Sandbox
from delea.store import read_bundle
artifact = read_bundle(Path(sys.argv[2]))
check_audited(artifact.module)
timed = profile(artifact, "train", rounds=2)
with Sandbox(artifact.module) as sandbox:
    sandbox.load_dataset(artifact.dataset)
    trained = sandbox.train(artifact.genesis, ZERO_SEED, 20)
    loss = sandbox.evaluate(trained.state)
    rows = sandbox.infer(trained.state, bytes(4 * sandbox.manifest.input.byte_length))
    processes = resource.prlimit(sandbox.pid, resource.RLIMIT_NPROC)
print(json.dumps({
    "user": os.geteuid(), "processes": processes, "root": state_root(trained.state).hex(),
    "rows": len(rows), "rebuilt": timed.is_rebuilt,
}))
"""


@pytest.fixture(scope="module")
def said(artifact, tmp_path_factory):
    """What a user says who trained, asked, audited and profiled."""
    bundle = tmp_path_factory.mktemp("nobody") / "tiny.delea"
    write_bundle(bundle, artifact)
    command = [sys.executable, "-B", "-c", WORK, json.dumps(sys.path), str(bundle)]
    if os.geteuid() == 0:
        command = [*AS_NOBODY, *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_who_is_not_root_trains_the_same_bits_in_a_child_that_may_start_nothing(said, artifact):
    assert said["user"] != 0
    assert said["processes"] == [0, 0]
    trained = train(artifact.module, artifact.dataset, artifact.genesis, ZERO_SEED, 20)
    assert said["root"] == state_root(trained.state).hex()


def test_who_is_not_root_infers_and_profiles(said):
    assert (said["rows"], said["rebuilt"]) == (16, True)
