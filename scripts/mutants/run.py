"""Break the code on purpose, one change at a time, and see that the tests notice each.

The rules are in rules.py, the files and their tests in targets.toml. Prints what came of each
mutant and exits 1 if a test that passes on whole code is missing: if one survives that
equivalents.toml does not explain, or if one that it explains is killed. What was judged before is
not judged again while nothing of it has changed.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from kept import Kept
from mutants import Mutant
from pool import Job, run_jobs
from targets import Target, read_equivalents, read_targets
from trial import (
    ALIVE,
    KILLED,
    NO_CODE,
    SAME_CODE,
    Outcome,
    compile_whole,
    contracts_of,
    judge,
    prepare,
    run_tests,
)

HERE = Path(__file__).resolve().parent
SECONDS = 600  # for a suite on whole code
SLOWER = 4  # a mutant that takes so many times as long as whole code loops for ever
EXPLAINED, STALE = "alive, as explained", "explained, but not alive"
COLUMNS = ("made", KILLED, NO_CODE, SAME_CODE, EXPLAINED, STALE, ALIVE)
Pair = tuple[Target, Mutant]


def main() -> int:
    """Judge the mutants that are asked for."""
    asked = _read_arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    targets = read_targets(asked.targets)
    pairs = [(target, mutant) for target in targets for mutant in target.mutants(asked.root)]
    equivalents = read_equivalents(asked.equivalents)
    unknown = set(equivalents) - {mutant.name for _, mutant in pairs}
    if unknown:
        raise SystemExit(f"mutants that exist expected in {asked.equivalents.name}, got {unknown}")
    pairs = [
        (target, mutant)
        for target, mutant in pairs
        if not asked.words or any(word in f"{target.name} {mutant.name}" for word in asked.words)
    ]
    if not pairs:
        raise SystemExit("no mutant has such a name")
    if asked.list:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads may have seen enough
        print("\n".join(f"{target.name}: {mutant.name}" for target, mutant in pairs))
        return 0
    return _report(pairs, equivalents, asked)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutants whose target or name holds one")
    parser.add_argument("--list", action="store_true", help="name them, judge none")
    parser.add_argument("--json", action="store_true", help="print the outcomes as JSON at the end")
    parser.add_argument("--again", action="store_true", help="judge those judged before, too")
    parser.add_argument("--side-by-side", type=_some, default=2, help="how many at once")
    parser.add_argument("--root", type=Path, default=HERE.parents[1], help="the repository")
    parser.add_argument("--targets", type=Path, default=HERE / "targets.toml")
    parser.add_argument("--equivalents", type=Path, default=HERE / "equivalents.toml")
    return parser.parse_args()


def _some(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number above 0 expected, got {text!r}")
    return int(text)


def _report(pairs: list[Pair], equivalents: dict[str, str], asked: argparse.Namespace) -> int:
    said = sys.stderr if asked.json else sys.stdout
    records = []
    started = time.monotonic()
    try:
        for (target, mutant), outcome, seconds in _outcomes(pairs, asked):
            reason = equivalents.get(mutant.name, "")
            what = _what(outcome, reason)
            record = {"target": target.name, "mutant": mutant.name, "outcome": what}
            records.append(record | {"by": outcome.by, "reason": reason, "seconds": seconds})
            told = outcome.by or reason
            print(f"{len(records)}/{len(pairs)} {target.name} | {mutant.name}", file=said)
            print(f"    {what}{told and f': {told}'} ({seconds:.1f} s)", file=said, flush=True)
    except KeyboardInterrupt:
        print("stopped: what was judged is kept, the next run goes on", file=said)
        return 130
    counts = {t.name: dict.fromkeys(COLUMNS, 0) for t, _ in pairs}
    for record in records:
        counts[record["target"]]["made"] += 1
        counts[record["target"]][record["outcome"]] += 1
    for name, of in counts.items():
        print(f"{name}: {', '.join(f'{of[c]} {c}' for c in COLUMNS)}", file=said)
    print(f"{len(records)} mutants in {time.monotonic() - started:.0f} s", file=said)
    if asked.json:
        print(json.dumps({"counts": counts, "mutants": records}, indent=1))
    bad = sum(of[ALIVE] + of[STALE] for of in counts.values())
    return int(bad > 0)


def _what(outcome: Outcome, reason: str) -> str:
    if not reason:
        return outcome.what
    return EXPLAINED if outcome.what == ALIVE else STALE


def _outcomes(
    pairs: list[Pair], asked: argparse.Namespace
) -> Iterator[tuple[Pair, Outcome, float]]:
    """Yield what becomes of each mutant, first of those that were judged before."""
    kept = Kept(asked.root)
    todo = {}
    for target, mutant in pairs:
        before = None if asked.again else kept.get(target, mutant)
        if before:
            yield (target, mutant), before, 0.0
        else:
            todo[mutant.name] = (target, mutant)
    times = _times(asked, [target.stages_for(m.file) for target, m in todo.values()])
    if any(mutant.file.endswith(".vy") for _, mutant in todo.values()):
        for name in contracts_of(asked.root):
            compile_whole(asked.root, name)
    jobs = [
        Job(
            mutant.name,
            partial(judge, asked.root, mutant=mutant, stages=target.stages_for(mutant.file)),
            target.patience + SLOWER * sum(times[tuple(s)] for s in target.stages_for(mutant.file)),
        )
        for target, mutant in todo.values()
    ]
    for job, outcome, took in run_jobs(jobs, asked.side_by_side):
        kept.put(*todo[job.name], outcome)
        yield todo[job.name], outcome, took


def _times(
    asked: argparse.Namespace, plans: Iterable[Iterable[Iterable[str]]]
) -> dict[tuple[str, ...], float]:
    """Return how many seconds each stage takes on whole code.

    Raises:
        SystemExit: a test fails, and every mutant would count as killed.
    """
    stages = {tuple(stage) for plan in plans for stage in plan}
    jobs = [Job(" ".join(s), partial(_try, asked.root, s), SECONDS) for s in sorted(stages)]
    times = {}
    for job, outcome, took in run_jobs(jobs, asked.side_by_side):
        if outcome.what != ALIVE:
            raise SystemExit(f"tests that pass on whole code expected, failed: {outcome.by}")
        times[tuple(job.name.split(" "))] = took
    return times


def _try(root: Path, stage: tuple[str, ...], folder: Path) -> Outcome:
    prepare(root, folder, "src/")
    return run_tests(root, [stage])


if __name__ == "__main__":
    raise SystemExit(main())
