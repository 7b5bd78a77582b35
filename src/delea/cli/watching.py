"""A watch outlives a silence of the node: says so once, waits longer each time, and goes on."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from delea.errors import UnreachableError

if TYPE_CHECKING:
    from delea.cli.output import Output
    from delea.roles.session import Session

LONGEST_S = 30.0
"""How long a watch waits at most for the next try while a node is silent."""

_DOUBLINGS = 20  # from a tenth of a second to more than LONGEST_S


def keep_looking(
    out: "Output",
    session: "Session",
    look: Callable[[], None],
    every: float,
    silences: list[dict[str, Any]],
) -> NoReturn:
    """Look every so many seconds until Ctrl-C; each silence of the node is added for JSON.

    Raises:
        DeleaError: what a look raises but for silence, or another chain answers after one.
    """
    failures, fell_silent = 0, 0.0
    while True:
        try:
            if silences and silences[-1]["seconds"] is None:
                session.check_back()
                silences[-1]["seconds"] = round(time.monotonic() - fell_silent, 3)
                out.say("the node answers again")
            look()
            failures = 0
        except UnreachableError as fault:
            failures += 1
            if not silences or silences[-1]["seconds"] is not None:
                fell_silent = time.monotonic()
                silences.append({"reason": str(fault), "seconds": None})
                out.say(f"{fault}; looking again until one comes")
        time.sleep(pause_after(failures, every))


def pause_after(failures: int, every: float) -> float:
    """Return how many seconds to wait after so many looks in a row that got no answer."""
    if failures == 0:
        return every
    return min(every * (1 << min(failures - 1, _DOUBLINGS)), LONGEST_S)
