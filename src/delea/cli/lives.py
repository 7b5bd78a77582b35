"""A simulated life as people read it, and as JSON has it."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

from rich.table import Column

from delea.cli.amounts import count, show_amount
from delea.cli.output import Output
from delea.errors import UsageError
from delea.ids import Wei
from delea.protocol.terms import Terms
from delea.simulation import Advice, Assumptions, Launch, Life, Moment, launch_of

DEFAULT_POPULATION: Final[Mapping[str, int]] = {
    "honest": 20, "follower": 0, "verifier": 3, "consumer": 20, "hoarder": 1,
    "lazy": 2, "copier": 2, "liar": 2, "sybil": 5,
}  # fmt: skip
SHOWN_MOMENTS: Final = 10
WHO: Final[tuple[str | Column, ...]] = (
    "who",
    *(
        Column(name, justify="right", no_wrap=True)
        for name in (
            "claims",
            "paid",
            "refuted",
            "void",
            "updates paid",
            "updates lost",
            "tokens",
            "gain in coin",
        )
    ),
)
WHEN: Final[tuple[str | Column, ...]] = (
    *(
        Column(name, justify="right", no_wrap=True)
        for name in ("day", "updates", "reserve", "reward", "price", "tokens can buy")
    ),
    "seats",
)
_COUNTED: Final = ("claims", "settled", "refuted", "void", "updates_paid", "updates_lost")


def count_people(text: str) -> dict[str, int]:
    """Return how many there are of each kind; what `honest=20,lazy=2` does not name stays."""
    people = dict(DEFAULT_POPULATION)
    for part in filter(None, text.split(",")):
        kind, _, number = part.partition("=")
        if not (number.isascii() and number.isdigit()) or len(number) > 9:
            raise UsageError(f"a population such as honest=20,lazy=2 expected, got {part!r:.40}")
        people[kind.strip()] = int(number)  # who is nobody is refused by the simulation
    return people


def show_life(
    out: Output, life: Life, terms: Terms, given: Assumptions, advice: Iterable[Advice]
) -> None:
    """Say what the terms mean at launch, how the life went, who got what, and the warnings."""
    out.facts(_launch_facts(launch_of(terms, given), terms))
    out.table(WHEN, [_when(moment, terms.symbol) for moment in _few(life.moments)])
    out.table(WHO, [_who(life, kind) for kind in _kinds(life)])
    out.facts(_life_facts(life))
    for found in advice:
        out.say(f"warning: {found.code}: {found.text}")


def life_fields(life: Life, terms: Terms, given: Assumptions) -> dict[str, Any]:
    """Return a life for JSON: amounts in wei, fractions as texts."""
    launch = launch_of(terms, given)
    return {
        "launch": {_in_wei(name): _plain(getattr(launch, name)) for name in _names(launch)},
        "ended": str(life.ended),
        "seconds": life.seconds,
        "updates": life.updates,
        "wrong_claims": life.wrong,
        "wrong_settled": life.wrong_settled,
        "games": life.games,
        "rollbacks": life.rollbacks,
        "burned_wei": life.burned,
        "fees_wei": life.fees,
        "compute_wei": life.compute,
        "inferences_wanted": life.wanted,
        "inferences_served": life.served,
        "cheating_paid_wei": life.cheating_paid,
        "kinds": [_kind_fields(life, kind) for kind in _kinds(life)],
        "accounts": [
            {_in_wei(name): getattr(account, name) for name in _names(account)}
            | {"tokens_wei": tokens, "net_wei": net}
            for account, tokens, net in zip(life.accounts, life.tokens, life.nets, strict=True)
        ],
        "moments": [
            {_in_wei(name): getattr(moment, name) for name in _names(moment)}
            for moment in life.moments
        ],
    }


def assumption_fields(given: Assumptions) -> dict[str, Any]:
    """Return assumptions for JSON."""
    return {_in_wei(name): _plain(getattr(given, name)) for name in _names(given)}


def _launch_facts(launch: Launch, terms: Terms) -> dict[str, object]:
    reward = show_amount(launch.full_reward, terms.symbol)
    return {
        "first update earns": show_amount(launch.reward, terms.symbol),
        "first inference costs": show_amount(launch.price, terms.symbol),
        "a full claim": f"{count(terms.max_updates, 'update')}, {launch.full_seconds} s,"
        f" earns {reward} = {show_amount(Wei(launch.full_reward_value), 'coin')},"
        f" bond {show_amount(Wei(launch.full_bond), 'coin')}",
        "one horizon": f"{terms.horizon} updates,"
        f" {launch.horizon_seconds / 86_400:.1f} days without a pause",
        "a seat takes": count(launch.updates_to_a_seat, "update"),
        "cheating loses": f"if more than {float(launch.break_even):.1%} of the claims are checked",
    }


def _life_facts(life: Life) -> dict[str, object]:
    served = f"{life.served} of {life.wanted} that were wanted"
    return {
        "the life": f"{life.seconds / 86_400:.1f} days, {life.updates} updates,"
        f" {life.rollbacks} rollbacks; it ended by {life.ended}",
        "wrong claims": f"{life.wrong}, of which {life.wrong_settled} were paid",
        "games": f"{life.games}; {show_amount(Wei(life.burned), 'coin')} of bonds burned",
        "inferences": served,
        "cheating paid": show_amount(Wei(life.cheating_paid), "coin"),
    }


def _when(moment: Moment, symbol: str) -> tuple[object, ...]:
    return (
        f"{moment.seconds / 86_400:.1f}",
        moment.updates,
        show_amount(moment.reserve, symbol),
        show_amount(moment.reward, symbol),
        show_amount(moment.price, symbol),
        moment.inferences,
        ", ".join(moment.holders) or "nobody",
    )


def _who(life: Life, kind: str) -> tuple[object, ...]:
    found = _kind_fields(life, kind)
    return (
        f"{found['accounts']} {kind}",
        *(found[name] for name in _COUNTED),
        show_amount(found["tokens_wei"], ""),
        show_amount(found["net_wei"], ""),
    )


def _kind_fields(life: Life, kind: str) -> dict[str, Any]:
    of_kind = [account for account in life.accounts if account.kind == kind]
    counted = [name for name in _names(of_kind[0]) if name not in {"address", "name", "kind"}]
    held = zip(life.accounts, life.tokens, strict=True)
    return {
        "kind": kind,
        "cheats": kind in life.cheats,
        "accounts": len(of_kind),
        **{_in_wei(name): sum(getattr(account, name) for account in of_kind) for name in counted},
        "tokens_wei": sum(tokens for account, tokens in held if account.kind == kind),
        "net_wei": life.net_of(kind),
    }


def _kinds(life: Life) -> list[str]:
    return list(dict.fromkeys(account.kind for account in life.accounts))


def _few(moments: tuple[Moment, ...]) -> list[Moment]:
    """Return some of the moments, spread evenly, the first and the last among them."""
    last, shown = len(moments) - 1, min(len(moments), SHOWN_MOMENTS)
    return [moments[at * last // max(1, shown - 1)] for at in range(shown)]


_WEI: Final = {
    "coin", "given", "rewards", "bought", "sold", "spent", "reserve", "reward", "price", "gas",
    "circulating", "full_reward", "full_reward_value", "full_bond", "update_cost", "token_value",
}  # fmt: skip


def _in_wei(name: str) -> str:
    return f"{name}_wei" if name in _WEI else name


def _names(value: Any) -> list[str]:
    return [field.name for field in fields(value)]


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else str(value)
