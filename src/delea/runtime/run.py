"""One-shot uses of the sandbox, as the roles need them: a child per call, gone afterwards."""

from collections.abc import Callable

from delea.artifact import state_root
from delea.ids import Digest
from delea.runtime.limits import DEFAULT_LIMITS, Limits
from delea.runtime.sandbox import Sandbox, Trained


def train(
    module: bytes,
    dataset: bytes,
    state: bytes,
    seed: bytes,
    steps: int,
    *,
    limits: Limits = DEFAULT_LIMITS,
    on_step: Callable[[int, float], None] | None = None,
) -> Trained:
    """Run `steps` training steps of `module` on `dataset` from `state`."""
    with Sandbox(module, limits=limits) as sandbox:
        sandbox.load_dataset(dataset)
        return sandbox.train(state, seed, steps, on_step=on_step)


def replay(
    module: bytes,
    dataset: bytes,
    state: bytes,
    seed: bytes,
    steps: int,
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> Digest:
    """Return the state root that re-running a claim's steps gives."""
    return state_root(train(module, dataset, state, seed, steps, limits=limits).state)


def evaluate(
    module: bytes, dataset: bytes, state: bytes, *, limits: Limits = DEFAULT_LIMITS
) -> float:
    """Return the mean loss of `state` over the dataset's test rows."""
    with Sandbox(module, limits=limits) as sandbox:
        sandbox.load_dataset(dataset)
        return sandbox.evaluate(state)


def infer(module: bytes, state: bytes, inputs: bytes, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the output rows of `inputs`."""
    with Sandbox(module, limits=limits) as sandbox:
        return sandbox.infer(state, inputs)
