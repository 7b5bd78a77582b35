"""A module shows the bits of a NaN, which each engine may choose, so that honest replays differ."""

import numpy as np
from frame import SucceededError, run
from victim import swap_code

from delea import nn
from delea.artifact.wasm import read_sections
from delea.compiler import build
from delea.roles.creator import audit
from delea.runtime import check_module
from delea.runtime.layout import read_exports

# no locals; i32.const 0; f32.const 0; f32.const 0; f32.div; f32.store; end
SHOW_NAN = bytes.fromhex("00 4100 4300000000 4300000000 95 380000 0b")


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
    exports = next(s.body for s in read_sections(honest) if s.id == 7)
    hostile = swap_code(honest, read_exports(exports)["seed"][1], SHOW_NAN)
    check_module(hostile)  # no rule of structure can see it
    if audit(hostile) or not audit(honest):
        raise SucceededError("the audit takes the hostile module for the graph's")
    return (
        "reading cannot tell, but the audit compiles the graph inside the module again and finds"
        " other bytes: who trains or challenges only for audited modules risks nothing"
    )


if __name__ == "__main__":
    run(attack)
