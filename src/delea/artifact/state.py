"""The state's bytes: seed ‖ step counter ‖ tensors in manifest order, little endian."""

from delea.artifact.manifest import SEED_BYTES, STATE_HEADER, Manifest
from delea.errors import MalformedError
from delea.ids import Step

ZERO_SEED = bytes(SEED_BYTES)


def check_state(state: bytes, manifest: Manifest) -> None:
    """Raise MalformedError unless `state` has the length the manifest names."""
    if len(state) != manifest.regions.state.length:
        raise MalformedError(
            f"a state of {manifest.regions.state.length} bytes expected, got {len(state)}"
        )


def step_of(state: bytes) -> Step:
    """Return the optimizer's counter: gradient steps since genesis."""
    return Step(int.from_bytes(state[SEED_BYTES:STATE_HEADER], "little"))


def seed_of(state: bytes) -> bytes:
    """Return the 32-byte seed of the claim that made this state (zero at genesis)."""
    return state[:SEED_BYTES]


def tensor_bytes(state: bytes, manifest: Manifest, name: str) -> bytes:
    """Return the little-endian bytes of the state tensor `name`."""
    for tensor in manifest.tensors:
        if tensor.name == name:
            return state[tensor.offset : tensor.offset + tensor.byte_length]
    raise MalformedError(f"a state tensor expected, got the unknown name '{name}'")
