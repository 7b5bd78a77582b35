"""`delea execute-rollback`: carry out a proposal whose time has come."""

from typing import Annotated

import typer

from delea.cli.options import DEFAULT_RPC, Json, KeyName, Model, PasswordFile, Rpc


def execute_rollback(
    model: Model,
    proposal: Annotated[
        int, typer.Argument(metavar="PROPOSAL", min=0, help="What propose-rollback said.")
    ],
    rpc: Rpc = DEFAULT_RPC,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Carry out a proposal whose window is over and whose score is positive; anyone may.

    JSON: model, proposal, target, version (the new head), score.
    """
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.roles import steward

    out = Output(as_json=as_json)
    address, _ = doors.check_address(model), doors.check_key(key)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        done = steward.execute(chain.model(address), proposal, key=signer)
    out.say(
        f"rolled back to version {done.target} by a score of {done.score}:"
        f" version {done.version} is the new head"
    )
    out.result(
        {
            "model": address,
            "proposal": proposal,
            "target": done.target,
            "version": done.version,
            "score": done.score,
        }
    )
