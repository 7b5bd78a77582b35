"""`delea withdraw`: take the native coin that one is owed."""

from delea.cli.options import DEFAULT_RPC, Json, KeyName, Model, PasswordFile, Rpc


def withdraw(
    model: Model,
    rpc: Rpc = DEFAULT_RPC,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Take your bonds and winnings, in native coin.

    Bonds of games that needed no ruling any more are included.

    JSON: model, account, amount_wei.
    """
    from delea.cli import doors
    from delea.cli.amounts import show_amount
    from delea.cli.output import Output
    from delea.roles import trainer
    from delea.roles.session import Desk

    out = Output(as_json=as_json)
    address, _ = doors.check_address(model), doors.check_key(key)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        amount = trainer.withdraw(Desk(chain, chain.model(address)), key=signer)
    who = signer.address
    out.say(f"{show_amount(amount, 'coin')} to {who}" if amount else f"nothing is owed to {who}")
    out.result({"model": address, "account": signer.address, "amount_wei": amount})
