"""A module shows the bits of a NaN, which each engine may choose, so that honest replays differ."""

import numpy as np
from frame import refusal, run
from victim import show_nan

from delea import nn
from delea.compiler import build
from delea.errors import UnauditedError
from delea.roles.auditing import check_audited
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    rows = np.ones((4, 1), np.float32)
    program = nn.Program(
        network=nn.Linear(1, 1),
        loss=nn.MSELoss(),
        optimizer=nn.SGD(0.1),
        data=nn.Dataset(rows, rows),
    )
    honest = build(program).module
    check_audited(honest)
    hostile = show_nan(honest)
    check_module(hostile)  # no rule of structure can see it
    told = refusal(lambda: check_audited(hostile), UnauditedError)
    return (
        "reading cannot tell, but the graph inside the module compiles to other bytes, and a"
        f" session takes no module that fails its audit; {told}"
    )


if __name__ == "__main__":
    run(attack)
