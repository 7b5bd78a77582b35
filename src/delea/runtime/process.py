"""The parent's side of the sandbox: one child process, its pipes, its deadlines and its end."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from delea.errors import (
    DeleaError,
    DivergedError,
    MemoryLimitError,
    PolicyError,
    SandboxError,
    TimeLimitError,
    TrapError,
)
from delea.runtime import child as wire
from delea.runtime.limits import Limits

_FAULTS: dict[int, tuple[type[DeleaError], str]] = {
    wire.INVALID: (PolicyError, "a valid module expected"),
    wire.TRAPPED: (TrapError, "the module trapped"),
    wire.DIVERGED: (DivergedError, "training diverged"),
    wire.MEMORY: (MemoryLimitError, "the module needs too much memory"),
    wire.OTHER: (SandboxError, "the sandbox failed"),
}
_CHUNK = 1 << 20
_LAST_SECONDS = 5.0
"""How long a child that closed its pipe may take to end."""
_SURVIVED = (TrapError, DivergedError)  # the child told so itself and waits for the next request


class Child:
    """A confined process that answers requests; it dies with its first unexpected act.

    It also dies with the thread that started it: the kernel binds its life to that thread. Until
    the first request it gets ready by itself: started early, it costs nobody any time.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.dataset_file = os.memfd_create("delea-dataset")
        try:
            self._start()
        except BaseException:
            os.close(self.dataset_file)
            raise

    def _start(self) -> None:
        limits = self.limits
        self._pending: deque[memoryview] = deque()
        self._idle = True
        self._seconds = self._silence = self._end = self._sign_of_life = 0.0
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", "-B", wire.__file__, str(os.getpid())),
                *(str(limits.memory_bytes), str(limits.compile_cpu_seconds), find_packages()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={},
            cwd="/",
            start_new_session=True,
            pass_fds=(self.dataset_file,),
        )
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._to, self._from, self._errors = (pipe.fileno() for pipe in pipes if pipe is not None)
        os.set_blocking(self._to, False)
        os.set_blocking(self._errors, False)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs; asked without waiting for it, so its id stays taken."""
        if self._process.returncode is not None:
            return False
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, options) is None

    @property
    def is_open(self) -> bool:
        """Whether requests may still be made."""
        return self._process.stdin is not None and not self._process.stdin.closed

    @contextlib.contextmanager
    def asking(
        self, kind: int, request: Sequence[bytes], seconds: float, silence: float
    ) -> Iterator[None]:
        """Send a request; the body takes its answers with `answer`, the last one included.

        All of it, the body's own time included, may take `seconds`; each answer `silence` seconds.
        Whatever else happens, an exception in the body included, ends the child; only a trap or a
        divergence that the child itself reports leaves it ready for the next request.
        """
        if not self.is_open:
            raise SandboxError("an open sandbox expected, this one has been closed or stopped")
        self._idle = False
        self._seconds, self._silence = seconds, silence
        self._end = time.monotonic() + seconds
        length = sum(map(len, request))
        self._pending.extend(map(memoryview, (wire.FRAME.pack(kind, length), *request)))
        try:
            yield
            self._idle = not self._pending
        finally:
            if not self._idle:
                self.close()

    def answer(self, longest: dict[int, int]) -> tuple[int, bytearray]:
        """Return the next answer, which must be of a kind and no longer than in `longest`."""
        self._sign_of_life = time.monotonic()
        kind, length = wire.FRAME.unpack(self._receive(wire.FRAME.size))
        fault = _FAULTS.get(kind)
        if length > (longest.get(kind, -1) if fault is None else wire.FAULT_BYTES):
            raise SandboxError(f"the sandbox broke its protocol: answer {kind} of {length} bytes")
        payload = self._receive(length)
        if fault is not None:
            error, what = fault
            self._idle = error in _SURVIVED and not self._pending
            text = "".join(c for c in payload.decode(errors="replace") if c.isprintable())
            raise error(f"{what}: {text}")
        return kind, payload

    def _receive(self, length: int) -> bytearray:
        data = bytearray(length)
        view, at = memoryview(data), 0
        while at < length:
            self._wait()
            count = os.readv(self._from, [view[at:]])
            if not count:
                raise self._death()
            at += count
        return data

    def _wait(self) -> None:
        """Return when the child has said something; send what is pending meanwhile."""
        while True:
            poll = select.poll()
            poll.register(self._from, select.POLLIN)
            if self._pending:
                poll.register(self._to, select.POLLOUT)
            now = time.monotonic()
            until = min(self._end, self._sign_of_life + self._silence)
            ready = dict(poll.poll(max(0.0, until - now) * 1000))
            if not ready or now > self._end:
                if until == self._end:
                    raise TimeLimitError(f"an end expected within {self._seconds:g} s")
                raise TimeLimitError(f"a sign of life expected within {self._silence:g} s")
            if self._to in ready:
                self._send()
            if self._from in ready:
                return

    def _send(self) -> None:
        part = self._pending.popleft()
        try:
            sent = os.write(self._to, part[:_CHUNK])
        except BrokenPipeError:
            self._pending.clear()  # the child is gone: reading finds out why
            return
        self._sign_of_life = time.monotonic()
        if sent < len(part):
            self._pending.appendleft(part[sent:])

    def _death(self) -> DeleaError:
        """Say why the child's answers ended."""
        end = time.monotonic() + _LAST_SECONDS
        while self.is_alive and time.monotonic() < end:
            time.sleep(0.005)
        is_stubborn = self.is_alive
        self._kill()
        code = self._process.wait()
        if is_stubborn:
            return SandboxError("the sandbox closed its pipe and went on")
        last = self._last_words()
        memory = f"at most {self.limits.memory_bytes} bytes of memory expected"
        if code == -signal.SIGXCPU:
            return TimeLimitError("the sandbox's CPU time is used up")
        if code == -signal.SIGABRT or "MemoryError" in last:
            return MemoryLimitError(f"{memory}, the sandbox aborted: {last or 'no reason given'}")
        if code < 0:
            return SandboxError(
                f"the sandbox was ended from outside by {signal.Signals(-code).name}"
            )
        return SandboxError(f"the sandbox ended with code {code}: {last or 'no reason given'}")

    def _kill(self) -> None:
        """Kill the child and all that it may have started, unless its id is already free."""
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def _last_words(self) -> str:
        """Return the last line the child wrote on its standard error, at most 200 characters."""
        try:
            text = os.read(self._errors, 1 << 16).decode(errors="replace")
        except BlockingIOError:
            return ""
        lines = [line for line in text.splitlines() if line.strip()]
        return "".join(c for c in lines[-1] if c.isprintable())[:200] if lines else ""

    def close(self) -> None:
        """End the child and wait for it; harmless when done before."""
        self._pending.clear()
        self._kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        if self.dataset_file >= 0:
            os.close(self.dataset_file)
            self.dataset_file = -1


@cache
def find_packages() -> str:
    """Return the folder that holds the wasmtime package, without importing it."""
    spec = find_spec("wasmtime")
    if spec is None or spec.origin is None:
        raise SandboxError("the package wasmtime expected, install it with: pip install wasmtime")
    return str(Path(spec.origin).parent.parent)
