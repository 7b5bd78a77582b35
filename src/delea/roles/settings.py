"""A loss or an optimizer as people write it in a shell: `huber:delta=0.5`, `adam:lr=0.001`."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, TypeVar

from delea import nn
from delea.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

_LOSSES = (
    nn.CrossEntropyLoss,
    nn.MSELoss,
    nn.L1Loss,
    nn.HuberLoss,
    nn.SmoothL1Loss,
    nn.BCEWithLogitsLoss,
)
_OPTIMIZERS = (nn.SGD, nn.Adam, nn.AdamW, nn.RMSprop, nn.Lion)
_WORDS = {"true": True, "false": False}


def parse_loss(text: str) -> nn.Loss:
    """Return the loss that a text names, such as `cross_entropy` or `huber:delta=0.5`.

    Raises:
        UsageError: no such loss, or a number that it does not have.
        GraphError: a number that it refuses.
    """
    return _make("loss", _named(_LOSSES), text)


def parse_optimizer(text: str) -> nn.Optimizer:
    """Return the optimizer that a text names, such as `adam` or `sgd:lr=0.1,momentum=0.9`.

    Raises:
        UsageError: no such optimizer, or a number that it does not have.
        GraphError: a number that it refuses.
    """
    return _make("optimizer", _named(_OPTIMIZERS), text)


def _named(kinds: Iterable[type[T]]) -> dict[str, type[T]]:
    return {str(vars(kind)["name"]): kind for kind in kinds}


def _make(what: str, kinds: dict[str, type[T]], text: str) -> T:
    name, _, rest = text.partition(":")
    if name not in kinds:
        raise UsageError(f"{what}: one of {', '.join(kinds)} expected, got {name!r:.40}")
    known = {
        key: parameter
        for key, parameter in inspect.signature(kinds[name]).parameters.items()
        if isinstance(parameter.default, int | float)
    }
    given: dict[str, float | bool] = {}
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        if key not in known or key in given:
            names = ", ".join(known) or "nothing"
            raise UsageError(f"{name} takes {names} as name=number, got {part!r:.40}")
        given[key] = _number(part, value)
    return kinds[name](**given)


def _number(part: str, value: str) -> float | bool:
    if value in _WORDS:
        return _WORDS[value]
    try:
        return float(value)
    except ValueError:
        raise UsageError(f"name=number expected, got {part!r:.40}") from None
