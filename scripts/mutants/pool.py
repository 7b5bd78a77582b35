"""Trials side by side: each in a process that is forked, watched and ended with all it started."""

import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path

from trial import KILLED, Outcome

MOST_BYTES = 2 << 30  # of memory: a suite on whole code takes a quarter of it, an endless loop all
FORK = multiprocessing.get_context("fork")  # all that is imported here is imported there


@dataclass(frozen=True, slots=True)
class Job:
    """Something to judge in a folder of its own, and how long that may take."""

    name: str
    judge: Callable[[Path], Outcome]
    seconds: float


@dataclass(frozen=True, slots=True)
class Running:
    """A job that was started."""

    job: Job
    process: ForkProcess
    answer: Connection
    folder: tempfile.TemporaryDirectory[str]
    started: float

    @property
    def left(self) -> float:
        """How many seconds it may still take."""
        return self.started + self.job.seconds - time.monotonic()


def run_jobs(jobs: Iterable[Job], side_by_side: int) -> Iterator[tuple[Job, Outcome, float]]:
    """Yield each job with what came of it and in how many seconds, as they end.

    Raises:
        SystemExit: a job ended without an outcome.
    """
    waiting, running = iter(jobs), list[Running]()
    try:
        while True:
            while len(running) < side_by_side and (job := next(waiting, None)):
                running.append(_start(job))
            if not running:
                return
            wait([each.process.sentinel for each in running], max(0, min(r.left for r in running)))
            for each in [r for r in running if not r.process.is_alive() or r.left <= 0]:
                running.remove(each)
                yield each.job, _end(each), time.monotonic() - each.started
    finally:
        for each in running:
            _kill(each)


def _start(job: Job) -> Running:
    folder = tempfile.TemporaryDirectory(prefix="mutant-")
    answer, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_judge, args=(job, Path(folder.name), sender))
    process.start()
    sender.close()
    return Running(job, process, answer, folder, time.monotonic())


def _judge(job: Job, folder: Path, sender: Connection) -> None:
    os.setsid()  # so that all it starts can be ended with it
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
    said = os.open(folder / "said", os.O_CREAT | os.O_WRONLY)
    os.dup2(said, 1)
    os.dup2(said, 2)
    sender.send(job.judge(folder))
    sys.stdout.flush()
    os._exit(0)


def _end(each: Running) -> Outcome:
    """Return the outcome of a job that ended or is overdue."""
    overdue = each.process.is_alive()
    said = (Path(each.folder.name) / "said").read_text(encoding="utf-8", errors="replace")
    heard = None
    with suppress(EOFError):
        heard = each.answer.recv() if each.answer.poll() else None
    code = _kill(each)
    if heard:
        return heard
    if overdue:
        return Outcome(KILLED, f"the deadline of {each.job.seconds:.0f} s")
    if code < 0:
        return Outcome(KILLED, signal.Signals(-code).name)
    raise SystemExit(f"{each.job.name}: an outcome expected, got exit code {code}: {said[-2000:]}")


def _kill(each: Running) -> int:
    """End a job with all that it started, and return its exit code."""
    with suppress(ProcessLookupError):
        os.killpg(each.process.pid, signal.SIGKILL)
    each.process.join()
    each.answer.close()
    each.folder.cleanup()
    return each.process.exitcode
