"""Start and stop anvil, a local chain that never outlives the process that started it."""

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, Self

from delea.chain.local import LocalChain
from delea.errors import ChainError, UnreachableError

START_S = 20.0
_STOP_S = 5.0
_PROGRAMS = {"linux": b"\x7fELF", "darwin": b"\xcf\xfa\xed\xfe"}  # their first bytes
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_LISTENING = re.compile(r"Listening on 127\.0\.0\.1:(\d+)")
_LAST_LINES = 40

# Runs between fork and anvil, as a program of its own: nothing may run after a fork in a process
# with threads. SIGKILL of the parent then kills anvil (1 is PR_SET_PDEATHSIG); if the parent died
# before that took hold, its child has another parent by now.
_LAUNCH = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if sys.platform == "linux" and libc.prctl(1, 9, 0, 0, 0) != 0:
    sys.exit("prctl failed")
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""


def find_anvil() -> Path:
    """Return the anvil program itself.

    It is what DELEA_ANVIL names, else npm's in this repository or in the working folder, else the
    one on PATH. npm's wrapper script is passed over: killed, it would leave anvil behind.

    Raises:
        ChainError: with the command that installs it.
    """
    named = os.environ.get("DELEA_ANVIL")
    if named:
        if not _is_program(Path(named)):
            raise ChainError(f"an anvil program expected at DELEA_ANVIL={named}, got none")
        return Path(named).resolve()
    machine = _MACHINES.get(platform.machine(), platform.machine())
    package = Path("node_modules/@foundry-rs") / f"anvil-{sys.platform}-{machine}"
    for root in (Path(__file__).resolve().parents[3], Path.cwd()):
        path = root / package / "bin" / "anvil"
        if _is_program(path):
            return path
    on_path = shutil.which("anvil")
    if on_path and _is_program(Path(on_path)):
        return Path(on_path).resolve()
    raise ChainError("anvil is not installed: run `npm install @foundry-rs/anvil`")


class Anvil(LocalChain):
    """A local chain at 127.0.0.1, up while its `with` block runs.

    Start it from a thread that lives as long as it should: Linux ends it with that thread.
    """

    def __init__(self, *, port: int = 0, block_s: int = 1, allow_origin: str | None = None) -> None:
        """Start it at a port, 0 for a free one.

        Transactions are mined at once, and a block every `block_s` seconds besides. Web pages are
        shut out, but for those from `allow_origin`: its accounts are open to whoever can call.

        Raises:
            ChainError: if it is not installed or does not start.
        """
        origin = ["--allow-origin", allow_origin] if allow_origin else ["--no-cors"]
        options = ["--host", "127.0.0.1", "--port", str(port), "--color", "never", *origin]
        # Mining on sight alone loses transactions of senders at the same moment.
        options += ["--block-time", str(block_s), "--mixed-mining"]
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._port: int | None = None
        self._heard = threading.Event()
        launch = [sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid())]
        self._process = subprocess.Popen(
            [*launch, str(find_anvil()), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours to handle
            text=True,
            errors="replace",
        )
        deadline = time.monotonic() + START_S
        try:
            super().__init__(f"http://127.0.0.1:{self._listen(deadline)}")
            self._answer(deadline)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def stop(self) -> None:
        """End it and wait until it is gone; a second call does nothing."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if hasattr(self, "_rpc"):
            self.close()

    def _listen(self, deadline: float) -> int:
        """Return the port it listens on, once it does."""
        output = self._process.stdout
        assert output is not None, "its output is a pipe"
        threading.Thread(target=self._drain, args=(output,), daemon=True).start()
        if not self._heard.wait(deadline - time.monotonic()):
            raise UnreachableError(f"anvil did not answer within {START_S:g} s")
        if self._port is None:
            last = self._lines[-1] if self._lines else "it said nothing"
            raise ChainError(f"anvil did not start: {last}")
        return self._port

    def _answer(self, deadline: float) -> None:
        """Wait until it answers: on a busy machine that takes longer than any later call may."""
        while True:
            try:
                self._rpc.call("eth_chainId")
            except UnreachableError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
            else:
                return

    def _drain(self, output: IO[str]) -> None:
        """Read all it says: a full pipe would stop it."""
        with output:
            for line in output:
                if line.strip():
                    self._lines.append(line.strip())
                if self._port is None and (found := _LISTENING.search(line)):
                    self._port = int(found[1])
                    self._heard.set()
        self._heard.set()


def _is_program(path: Path) -> bool:
    """Return whether a file is a machine's program, not a script."""
    try:
        with path.open("rb") as file:
            return file.read(4) == _PROGRAMS.get(sys.platform) and os.access(path, os.X_OK)
    except OSError:
        return False
