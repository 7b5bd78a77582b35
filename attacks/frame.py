"""The frame of every attack: it tries, and either says in a sentence why it failed or succeeded."""

import sys
from collections.abc import Callable

from delea.errors import DeleaError

FAILED, SUCCEEDED = 0, 1


class SucceededError(Exception):
    """The attacker got what the script's first line says."""


def refusal(attempt: Callable[[], object], expected: type[DeleaError]) -> str:
    """Return the message with which `attempt` was refused.

    Raises:
        SucceededError: it went through. Any other fault passes, and counts as a broken attack.
    """
    try:
        attempt()
    except expected as fault:
        return f"{type(fault).__name__}: {fault}"
    raise SucceededError(f"no {expected.__name__} came")


def run(attack: Callable[[], str]) -> None:
    """Run one attack as a program: one line out, exit code 0 if it failed and 1 if it succeeded."""
    try:
        why = attack()
    except SucceededError as gain:
        print(f"the attack succeeded: {gain}")
        sys.exit(SUCCEEDED)
    print(why)
    sys.exit(FAILED)
