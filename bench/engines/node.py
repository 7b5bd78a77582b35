"""Delea in node, by its driver: a fresh process each round."""

import json
import shutil
import signal
import subprocess
from typing import Any

from delea.artifact import Artifact
from engines.v8 import DRIVERS, V8


def find_node() -> str:
    """Return node's path, or stop."""
    node = shutil.which("node")
    if node is None:
        raise SystemExit("bench: node expected on PATH")
    return node


class Node(V8):
    """The driver in node."""

    def __init__(self, artifact: Artifact) -> None:
        self._node = find_node()
        super().__init__(artifact)

    def _run(self, **job: float) -> dict[str, Any]:
        done = subprocess.run(
            [self._node, DRIVERS / "node.mjs"],
            input=json.dumps(self._job | self._paths | job),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == -signal.SIGINT:
            raise KeyboardInterrupt
        if done.returncode:
            line = next((x for x in done.stderr.splitlines() if "Error" in x), "no reason given")
            raise SystemExit(f"bench: the node driver failed: {line}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer
