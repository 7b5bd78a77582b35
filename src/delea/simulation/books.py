"""What the simulation writes down of every account."""

from dataclasses import dataclass

from delea.ids import Address


@dataclass(slots=True)
class Account:
    """One of the population: what it did, and what it has gained since it came."""

    address: Address
    name: str
    kind: str
    coin: int = 0  # native wei, below 0 if it spent more than it got
    given: int = 0  # wei of tokens that it began with
    rewards: int = 0  # wei of tokens
    bought: int = 0  # wei of tokens
    sold: int = 0  # wei of tokens
    spent: int = 0  # wei of tokens, for inference
    inferences: int = 0
    claims: int = 0
    settled: int = 0
    refuted: int = 0
    void: int = 0
    updates_paid: int = 0
    updates_lost: int = 0  # computed rightly, and paid to nobody
    challenges: int = 0
    games_won: int = 0
    games_lost: int = 0
