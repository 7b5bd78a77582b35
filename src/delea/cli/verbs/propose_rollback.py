"""`delea propose-rollback`: propose to put an earlier version back."""

from typing import Annotated

import typer

from delea.cli.options import DEFAULT_RPC, Json, KeyName, Model, PasswordFile, Rpc


def propose_rollback(
    model: Model,
    version: Annotated[
        int, typer.Argument(metavar="VERSION", help="The settled version to go back to.")
    ],
    rpc: Rpc = DEFAULT_RPC,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Propose to go back to a settled version, and vote for it.

    The stewards may: the creator and the two holders with a seat. After the rollback window, for
    as long again, anyone may carry it out if its score is positive. No token moves.

    JSON: model, proposal, target, due_at, expires_at.
    """
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.roles import steward

    out = Output(as_json=as_json)
    address, _ = doors.check_address(model), doors.check_key(key)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        client = chain.model(address)
        steward.check_target(client, version)
        proposed = steward.propose(chain, client, version, key=signer)
        wait = proposed.due_at - chain.now()
    out.say(
        f"proposal {proposed.proposal}, to go back to version {version}, can be carried out in"
        f" {wait} s (at {proposed.due_at}): delea execute-rollback {address} {proposed.proposal}"
    )
    out.result(
        {
            "model": address,
            "proposal": proposed.proposal,
            "target": version,
            "due_at": proposed.due_at,
            "expires_at": proposed.expires_at,
        }
    )
