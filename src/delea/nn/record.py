"""What is being recorded: one graph, whether it is a training step, and what it changes besides."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from delea.errors import GraphError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from delea.graph import Builder


@dataclass(slots=True)
class Recording:
    """A graph in the making.

    `training` says whether it is a training step. Then `draws` counts the random draws taken so
    far, and `updates` holds the nodes of the buffers' next values, by name. `paths` says where in
    the network a module stands, by its `id`: a fault names it so.
    """

    builder: Builder
    training: bool = False
    draws: int = 0
    updates: dict[str, int] = field(default_factory=dict)
    paths: Mapping[int, str] = field(default_factory=dict)


_RECORDING: ContextVar[Recording] = ContextVar("recording")


@contextmanager
def recording(
    builder: Builder,
    *,
    training: bool = False,
    draws: int = 0,
    paths: Mapping[int, str] | None = None,
) -> Iterator[Recording]:
    """Record every tensor operation inside the block into `builder`."""
    scope = Recording(builder, training, draws, paths=paths or {})
    token = _RECORDING.set(scope)
    try:
        yield scope
    finally:
        _RECORDING.reset(token)


def current() -> Recording:
    """Return what is being recorded now."""
    try:
        return _RECORDING.get()
    except LookupError:
        raise GraphError(
            "a tensor operation inside delea.compiler.build expected, got one outside: "
            "delea.nn records networks, it does not run them"
        ) from None


def builder() -> Builder:
    """Return the builder that records now."""
    return current().builder
