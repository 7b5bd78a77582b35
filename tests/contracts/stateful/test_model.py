"""A model and its twin under random lives: people train, doubt, rule, sleep, pay and roll back."""

import os
from collections import Counter
from itertools import pairwise

from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from puppet_rules import PuppetRules
from whole_life import WholeLife

from delea.protocol.version import Status

MUTANT = "DELEA_CONTRACTS" in os.environ
FUZZ = os.environ.get("DELEA_FUZZ") == "1"
LIVES = 4_000 if FUZZ else 480
STEPS = 60
CHANGING = ("nonpayable", "payable")
BRANCHES = (
    "refuted with descendants",
    "rival settled",
    "dead rival skipped",
    "timed out",
    "void under a dead parent",
    "void beside a settled rival",
    "upheld",
    "reclaimed",
    "reclaimed after a time-out",
    "rollback",
    "rollback of a rollback",
    "old line paid",
    "settled",
    "withdrawn",
    "inferred",
    "two games at once",
    "built on a challenged version",
    "refused",
    "a seat taken",
    "two seats taken",
    "holder beats creator",
    "creator outvoted",
    "a seat lost during a window",
    "expired",
    "overruled",
    "relayed payment",
    "a reward burned",
    "a reserve of one wei",
    "permitted",
    "a permit refused",
    "relayed for a key",
    "opted out of a seat",
    "an infinite allowance",
)


class Lives(WholeLife, PuppetRules):
    """Lives with an arbiter that says what it is told."""


def test_contract_and_twin_live_the_same_lives(watch, load):
    reached = Counter()
    run_state_machine_as_test(
        lambda: Lives(watch(), reached),
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not FUZZ,
            report_multiple_bugs=False,
            phases=[Phase.generate] if MUTANT else list(Phase),  # a mutant needs no shrinking
        ),
    )
    print(dict(reached))  # noqa: T201
    missed = [branch for branch in BRANCHES if not reached[branch]]
    assert not missed
    functions = [entry for entry in load("Model")[0] if entry["type"] == "function"]
    calls = {entry["name"] for entry in functions if entry["stateMutability"] in CHANGING}
    assert calls - {name for name in calls if reached[name]} == {"rule"}  # the arbiter calls it
    assert reached["accepted"] + reached["refused"] >= (100_000 if FUZZ else 2_000)


def test_statuses_are_numbered_as_in_the_specification():
    assert [status.value for status in Status] == [1, 2, 3, 4, 5]
    assert all(after.value == before.value + 1 for before, after in pairwise(Status))
