"""Code that got out of the engine starts a process in a session of its own, which nobody ends.

The defence: a confined child may start no process at all (`confine` in `runtime/child.py`); of root
alone the kernel asks no such limit.
"""

import errno
import os
import subprocess
import sys

from frame import SucceededError, run

from delea.runtime import child

NOBODY = 65_534
ESCAPED = """
import os, runpy, sys
confine = runpy.run_path(sys.argv[1])["confine"]
confine(os.getppid(), 1 << 29, 4)
if os.geteuid() == 0:
    os.setuid(int(sys.argv[2]))
try:
    if os.fork() == 0:
        os.setsid()
        os._exit(0)
    print("it lives on")
except BlockingIOError as fault:
    print(fault.strerror)
"""


def attack() -> str:
    """Try, and say why it failed."""
    words = [sys.executable, "-I", "-S", "-c", ESCAPED, child.__file__, str(NOBODY)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    told = done.stdout.strip()
    if told != os.strerror(errno.EAGAIN):
        raise SucceededError(f"a process of its own was started: {told}")
    return f"the kernel lets a confined child start no process ({told}), so none can outlive it"


if __name__ == "__main__":
    run(attack)
