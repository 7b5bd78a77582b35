"""`delea status`: a model, its versions and its accounts."""

from typing import TYPE_CHECKING, Any

from delea.cli.options import DEFAULT_RPC, Json, Model, Rpc

if TYPE_CHECKING:
    from delea.chain import ModelClient
    from delea.cli.output import Output
    from delea.ids import Address


def status(model: Model, rpc: Rpc = DEFAULT_RPC, as_json: Json = False) -> None:
    """Show a model, its versions and its accounts.

    JSON: model, chain_id, block, time, creator, terms, head, tip, reserve_wei, price_wei (of one
    unit), reward_wei (of one update), burned_wei, versions (id, parent, status, line, sender,
    beneficiary, updates, bond_wei, submitted_at, games, root, reward_wei), accounts (account,
    tokens_wei, credit_wei).
    """
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.cli.verbs.create import terms_fields

    out = Output(as_json=as_json)
    with doors.open_chain(rpc) as chain:
        client = chain.model(doors.check_address(model))
        block = chain.block_number()
        versions = _versions(client, block)
        fields = {
            "model": client.address,
            "chain_id": chain.chain_id,
            "block": block,
            "time": chain.now(block=block),
            "creator": client.creator(),
            "terms": terms_fields(client.terms),
            "head": client.head(block=block),
            "tip": client.tip(block=block),
            "reserve_wei": client.reserve(block=block),
            "price_wei": client.price_for(1, block=block),
            "reward_wei": client.reward_for(1, block=block),
            "burned_wei": client.burned(block=block),
            "versions": versions,
            "accounts": _accounts(client, versions, block),
        }
        _show(out, client, fields)
    out.result(fields)


def _versions(model: "ModelClient", block: int) -> list[dict[str, Any]]:
    """Return every version for JSON."""
    from delea.chain.events import Settled

    rewards = {event.version: event.reward for event in model.events(Settled, to_block=block)}
    return [
        {
            "id": version.id,
            "parent": version.parent,
            "status": version.status.name.lower(),
            "line": version.line,
            "sender": version.sender,
            "beneficiary": version.beneficiary,
            "updates": version.updates,
            "bond_wei": version.bond,
            "submitted_at": version.submitted_at,
            "games": version.games,
            "root": version.root.hex(),
            "reward_wei": rewards.get(version.id),
        }
        for version in model.versions(block=block)
    ]


def _accounts(
    model: "ModelClient", versions: list[dict[str, Any]], block: int
) -> list[dict[str, Any]]:
    """Return whoever has tokens or credit, in the order of their first appearance."""
    from delea.chain.events import Challenged, Transfer

    seen: dict[Address, None] = {model.creator(): None}
    for version in versions[1:]:  # genesis has no sender
        seen[version["sender"]] = None
    for move in model.events(Transfer, to_block=block):
        seen[move.receiver] = None
    for challenge in model.events(Challenged, to_block=block):
        seen[challenge.challenger] = None
    seen.pop(model.address, None)
    accounts = [
        {
            "account": account,
            "tokens_wei": model.balance_of(account, block=block),
            "credit_wei": model.credit_of(account, block=block),
        }
        for account in seen
    ]
    return [each for each in accounts if each["tokens_wei"] or each["credit_wei"]]


def _show(out: "Output", model: "ModelClient", fields: dict[str, Any]) -> None:
    from delea.cli.amounts import show_amount
    from delea.cli.verbs.create import terms_facts

    if out.as_json:
        return
    symbol = model.terms.symbol
    out.facts(
        {"model": fields["model"], "creator": fields["creator"]}
        | terms_facts(model.terms)
        | {
            "head": f"version {fields['head']}",
            "tip": f"version {fields['tip']}",
            "reserve": show_amount(fields["reserve_wei"], symbol),
            "reward": f"{show_amount(fields['reward_wei'], symbol)} for one update",
            "price": f"{show_amount(fields['price_wei'], symbol)} for one inference",
            "burned": show_amount(fields["burned_wei"], "coin"),
        }
    )
    out.table(
        ("version", "parent", "status", "updates", "beneficiary", "reward", "root"),
        [
            (
                version["id"],
                version["parent"],
                version["status"],
                version["updates"],
                version["beneficiary"] if version["updates"] else "-",
                "-"
                if version["reward_wei"] is None
                else show_amount(version["reward_wei"], symbol),
                version["root"][:16],
            )
            for version in fields["versions"]
        ],
    )
    out.table(
        ("account", "tokens", "credit"),
        [
            (
                each["account"],
                show_amount(each["tokens_wei"], symbol),
                show_amount(each["credit_wei"], "coin"),
            )
            for each in fields["accounts"]
        ],
    )
