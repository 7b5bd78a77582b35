"""`delea holders`: who sits in the stewards' seats, and who may."""

from delea.cli.options import DEFAULT_RPC, Json, Model, Rpc


def holders(model: Model, rpc: Rpc = DEFAULT_RPC, as_json: Json = False) -> None:
    """Show who sits in the stewards' seats, and who may sit later.

    JSON: model, creator, least_weight_wei, holders (account, seat 1|2|null, weight_wei, tokens_wei,
    earned_wei).
    """
    from delea.cli import doors
    from delea.cli.amounts import show_amount
    from delea.cli.output import Output
    from delea.roles import steward

    out = Output(as_json=as_json)
    address = doors.check_address(model)
    with doors.open_chain(rpc) as chain:
        client = chain.model(address)
        found = steward.holders(client)
        creator, terms = client.creator(), client.terms
    out.say(f"creator  {creator}")
    out.say(f"a seat takes a weight of {show_amount(terms.seat, terms.symbol)}")
    rows = [
        (
            holder.account,
            holder.seat or "",
            *(show_amount(part, "") for part in (holder.weight, holder.tokens, holder.earned)),
        )
        for holder in found
    ]
    out.table(("holder", "seat", "weight", "tokens", "earned"), rows)
    if not found:
        out.say("no holder may sit: delea opt-in switches the right on")
    fields = [
        {
            "account": holder.account,
            "seat": holder.seat,
            "weight_wei": holder.weight,
            "tokens_wei": holder.tokens,
            "earned_wei": holder.earned,
        }
        for holder in found
    ]
    out.result(
        {"model": address, "creator": creator, "least_weight_wei": terms.seat, "holders": fields}
    )
