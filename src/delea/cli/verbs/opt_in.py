"""`delea opt-in`: switch on one's right to a steward's seat."""

from typing import Annotated

import typer

from delea.cli.options import DEFAULT_RPC, Json, KeyName, Model, PasswordFile, Rpc


def opt_in(
    model: Model,
    off: Annotated[bool, typer.Option("--off", help="Switch it off instead.")] = False,
    rpc: Rpc = DEFAULT_RPC,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Switch on one's right to a holder's seat, or off.

    The two who weigh most sit, with half a percent of the supply at least, held through two
    rollback windows: what they earned by training, or hold beyond the creator's grant.

    JSON: model, account, opted_in, earned_wei, tokens_wei.
    """
    from delea.cli import doors
    from delea.cli.amounts import show_amount
    from delea.cli.output import Output

    out = Output(as_json=as_json)
    address, _ = doors.check_address(model), doors.check_key(key)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        client = chain.model(address)
        client.opt_out(key=signer) if off else client.opt_in(key=signer)
        earned, tokens = client.earned_of(signer.address), client.balance_of(signer.address)
        symbol = client.terms.symbol
    state = "off" if off else "on"
    out.say(
        f"{signer.address}: the right to a seat is {state}; {show_amount(tokens, symbol)} held,"
        f" {show_amount(earned, symbol)} of them earned"
    )
    out.result(
        {
            "model": address,
            "account": signer.address,
            "opted_in": not off,
            "earned_wei": earned,
            "tokens_wei": tokens,
        }
    )
