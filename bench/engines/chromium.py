"""Delea in headless Chromium, by its driver: a fresh page each round, all in one browser."""

import json
import os
import shutil
import subprocess
import tempfile
from typing import Any

from delea.artifact import Artifact
from engines.node import find_node
from engines.v8 import DRIVERS, V8

INSTALL = "apt-get install -y --no-install-recommends chromium"
END_SECONDS = 10.0


def find_chromium() -> str:
    """Return Chromium's path, or stop."""
    found = os.environ.get("DELEA_CHROMIUM") or shutil.which("chromium")
    if found is None:
        raise SystemExit(f"bench: chromium expected on PATH; run as root: {INSTALL}")
    return found


class Browser:
    """A driver process, its browser and its server; jobs are run one after the other.

    `flags` are the browser's, beside those it always has.
    """

    def __init__(self, *flags: str) -> None:
        command = [find_node(), str(DRIVERS / "chromium.mjs"), find_chromium(), *flags]
        self._words = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in `close`
        self._folder = tempfile.TemporaryDirectory(
            prefix="delea-bench-", ignore_cleanup_errors=True
        )
        self._driver = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            text=True,
            env=os.environ | {"TMPDIR": self._folder.name},
        )

    def run(self, script: str, job: dict[str, Any]) -> Any:
        """Return what the script's `run(job)` returns in a fresh page."""
        assert self._driver.stdin, "the driver has pipes"
        assert self._driver.stdout, "the driver has pipes"
        try:
            self._driver.stdin.write(json.dumps({**job, "script": script}) + "\n")
            self._driver.stdin.flush()
            line = self._driver.stdout.readline()
        except BrokenPipeError:
            line = ""
        told: dict[str, Any] = json.loads(line) if line else {"error": self._last_words()}
        if "error" in told:
            raise SystemExit(f"bench: the Chromium driver failed: {told['error']}")
        return told["answer"]

    def close(self) -> None:
        """End the browser and the driver."""
        assert self._driver.stdin, "the driver has pipes"
        self._driver.stdin.close()
        try:
            self._driver.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._driver.kill()  # its browser ends when their pipe does
            self._driver.wait()
        assert self._driver.stdout, "the driver has pipes"
        self._driver.stdout.close()
        self._words.close()
        self._folder.cleanup()

    def _last_words(self) -> str:
        self._words.seek(0)
        lines = self._words.read().splitlines()
        return next((line for line in lines if "rror" in line), "no reason given")


class Chromium(V8):
    """The module in pages of one browser."""

    def __init__(self, artifact: Artifact) -> None:
        super().__init__(artifact)
        self._browser = Browser()

    def close(self) -> None:
        """End the browser and remove the files."""
        self._browser.close()
        super().close()

    def _run(self, **job: float) -> dict[str, Any]:
        whole = {**self._job, **job, "paths": self._paths}
        answer: dict[str, Any] = self._browser.run("/drivers/page.mjs", whole)
        return answer
