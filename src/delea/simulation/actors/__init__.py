"""Who plays: a class for each kind. To add one, write it and name it here."""

from typing import Final

from delea.simulation.actors.actor import Actor
from delea.simulation.actors.cheats import Copier, Lazy, Liar, Sybil
from delea.simulation.actors.creator import Creator
from delea.simulation.actors.trainer import Follower, Honest
from delea.simulation.actors.users import Consumer, Hoarder
from delea.simulation.actors.verifier import Verifier

KINDS: Final[dict[str, type[Actor]]] = {
    kind.kind: kind
    for kind in (Honest, Follower, Verifier, Consumer, Hoarder, Lazy, Copier, Liar, Sybil)
}
"""The kinds that a population counts; the creator is always there, once."""

__all__ = ["KINDS", "Actor", "Creator"]
