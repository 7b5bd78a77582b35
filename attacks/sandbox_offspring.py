"""Code that got out of the engine starts a process that lives on, with the sandbox's pipes."""

import tempfile
import time
from pathlib import Path

from frame import SucceededError, refusal, run
from victim import artifact

from delea.errors import SandboxError
from delea.runtime import Limits, Sandbox, child

SECONDS = 5.0
ESCAPED = """
import os, time
if os.fork() == 0:
    with open({mark!r}, "w") as file:
        file.write(str(os.getpid()) + "!")
    time.sleep(600)
time.sleep(600)
"""


def is_running(pid: int) -> bool:
    """Return whether a process runs."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def attack() -> str:
    """Try, and say why it failed."""
    with tempfile.TemporaryDirectory() as folder:
        mark, escaped = Path(folder) / "pid", Path(folder) / "child.py"
        escaped.write_text(ESCAPED.format(mark=str(mark)), encoding="ascii")
        child.__file__ = str(escaped)  # in place of an engine with a hole
        limits = Limits(start_seconds=2)
        told = refusal(lambda: Sandbox(artifact().module, limits=limits), SandboxError)
        offspring = int(mark.read_text(encoding="ascii").removesuffix("!"))
    end = time.monotonic() + SECONDS
    while is_running(offspring):
        if time.monotonic() > end:
            raise SucceededError(f"process {offspring} lives on")
        time.sleep(0.01)
    return f"all that a child started is of its group and killed with it; {told}"


if __name__ == "__main__":
    run(attack)
