"""What may need the most stack still runs, in the sandbox and in V8 with a worker's small stack."""

import shutil
import subprocess

import pytest

from delea.errors import PolicyError
from delea.runtime import Sandbox, check_module

LINKS = 30  # functions on the path below `evaluate`
EVALUATE = '(func (export "evaluate") (result f32) (call 5) (f32.const 7))'
CHROMIUM_WORKER_KB = 500
RUN = """const module = new WebAssembly.Module(require("fs").readFileSync(0));
console.log(new WebAssembly.Instance(module, {}).exports.evaluate());"""


def loads(count):
    """Doubles that are needed again behind a call: most for optimizing compilers."""
    before = "".join(f"(f64.load offset={8 * n} (i32.const 0))" for n in range(count))
    return "", f"(i32.const 0) {before}", "f64.add " * (count - 1) + "f64.store"


def copies(count):
    """Copies of a vector on the operand stack: most for a baseline compiler."""
    return "(local v128)", "local.get 0 " * count, "drop " * count


def chain(build, shape, count):
    """Return a module whose functions call each other in a chain, each with so many values."""
    local, before, after = shape(count)
    bodies = [
        f"(func {local} {before} {f'(call {6 + n})' if n + 1 < LINKS else ''} {after})"
        for n in range(LINKS)
    ]
    return build(evaluate=EVALUATE, more="".join(bodies))


def is_legal(module):
    try:
        check_module(module)
    except PolicyError:
        return False
    return True


def most(build, shape):
    """Return the legal module of that shape with most values."""
    low, high = 1, 2000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_legal(chain(build, shape, middle)) else (low, middle)
    with pytest.raises(PolicyError, match="a stack of at most"):
        check_module(chain(build, shape, high))
    return chain(build, shape, low)


@pytest.mark.parametrize("shape", [loads, copies])
def test_the_largest_legal_stack_suffices_everywhere(build, toy, shape):
    module = most(build, shape)
    with Sandbox(module) as sandbox:
        sandbox.load_dataset(toy.dataset)
        assert sandbox.evaluate(toy.state) == 7.0
    for tier in ("--liftoff-only", "--no-liftoff"):
        done = subprocess.run(
            [shutil.which("node"), f"--stack-size={CHROMIUM_WORKER_KB}", tier, "-e", RUN],
            input=module, capture_output=True, check=False,
        )  # fmt: skip
        assert done.stdout == b"7\n", done.stderr.decode()
