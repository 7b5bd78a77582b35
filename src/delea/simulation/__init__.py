"""The life of a model before there is one: a population of actors plays the contract's twin.

Pure: the seed of all that is drawn is an argument, time is counted in seconds of the play, and
every amount is an integer in wei. The same arguments give the same life.
"""

from delea.simulation.actors import KINDS
from delea.simulation.advice import Advice, Launch, advise, advise_life, advise_terms, launch_of
from delea.simulation.assumptions import Assumptions, Population
from delea.simulation.life import Ended, Life, Moment, play

__all__ = [
    "KINDS",
    "Advice",
    "Assumptions",
    "Ended",
    "Launch",
    "Life",
    "Moment",
    "Population",
    "advise",
    "advise_life",
    "advise_terms",
    "launch_of",
    "play",
]
