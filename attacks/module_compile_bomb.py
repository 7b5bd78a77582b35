"""A module takes minutes and gigabytes to compile, though no instruction of it ever runs."""

import time

from frame import SucceededError, refusal, run
from victim import Pieces, module

from delea.errors import PolicyError, SandboxError
from delea.runtime import Sandbox, check_module

CONVERT = "(local.set 0 (i32x4.trunc_sat_f32x4_u (local.get 0)))"
SECONDS = 30  # of wall clock on a busy machine: the kernel allows 5 s of CPU


def attack() -> str:
    """Try, and say why it failed."""
    chain = CONVERT * 5800
    body = f"(func (local v128) {chain} (v128.store (i32.const 0) (local.get 0)))"
    told = refusal(lambda: check_module(module(Pieces(more=body * 40))), PolicyError)
    started = time.monotonic()
    try:
        Sandbox(module(Pieces(more=body * 6))).close()  # the dearest that is legal
    except SandboxError as fault:
        told = str(fault)
    if time.monotonic() - started > SECONDS:
        raise SucceededError("a legal module held its compiler for long")
    return f"code is capped to what compiles in about 2 s, in a child with limits; {told}"


if __name__ == "__main__":
    run(attack)
