"""`delea rollback`: put an earlier version back."""

from typing import Annotated

import typer

from delea.cli.options import DEFAULT_RPC, Json, KeyName, Model, PasswordFile, Rpc


def rollback(
    model: Model,
    version: Annotated[
        int | None, typer.Argument(metavar="VERSION", help="The settled version to go back to.")
    ] = None,
    execute: Annotated[
        int | None,
        typer.Option(metavar="PROPOSAL", help="Carry out a proposal whose window is over."),
    ] = None,
    rpc: Rpc = DEFAULT_RPC,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Go back to a settled version; no token moves.

    That is a proposal, which waits for the rollback window. If that is 0 it is carried out at once.

    JSON: model, proposal, target, due_at, executed, version (the new head, or null).
    """
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.errors import UsageError
    from delea.roles import steward

    out = Output(as_json=as_json)
    if (version is None) == (execute is None):
        raise UsageError("either VERSION or --execute PROPOSAL expected")
    address, _ = doors.check_model(model), doors.check_key(key)
    due_at, done = None, None
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        client = chain.model(address)
        if version is not None:
            steward.check_target(client, version)
            proposed = steward.propose(chain, client, version, key=signer)
            proposal, due_at, target = proposed.proposal, proposed.due_at, proposed.target
            if due_at <= chain.now():
                done = steward.execute(client, proposal, key=signer)
        else:
            assert execute is not None, "one of the two is given"
            proposal = execute
            done = steward.execute(client, proposal, key=signer)
            target = done.target
        wait = 0 if due_at is None else due_at - chain.now()
    if done is not None:
        out.say(f"rolled back to version {target}: version {done.version} is the new head")
    else:
        out.say(
            f"proposal {proposal}, to go back to version {target}, can be carried out in {wait} s"
            f" (at {due_at}): delea rollback {address} --execute {proposal}"
        )
    out.result(
        {
            "model": address,
            "proposal": proposal,
            "target": target,
            "due_at": due_at,
            "executed": done is not None,
            "version": None if done is None else done.version,
        }
    )
