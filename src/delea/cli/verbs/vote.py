"""`delea vote`: vote on a proposed rollback."""

from enum import StrEnum
from typing import Annotated

import typer

from delea.cli.options import DEFAULT_RPC, Json, KeyName, Model, PasswordFile, Rpc


class Vote(StrEnum):
    """What can be said of a proposal."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


_NUMBERS = {Vote.FOR: 1, Vote.AGAINST: -1, Vote.ABSTAIN: 0}


def vote(
    model: Model,
    proposal: Annotated[
        int, typer.Argument(metavar="PROPOSAL", min=0, help="What propose-rollback said.")
    ],
    choice: Annotated[Vote, typer.Argument(metavar="for|against|abstain")],
    rpc: Rpc = DEFAULT_RPC,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Vote on a proposed rollback, until it is carried out or expires.

    The last vote counts, if its voter has a seat at the execution: 2 for a holder's, 1 for the
    creator's.

    JSON: model, proposal, voter, vote (1, 0, -1), score.
    """
    from delea.cli import doors
    from delea.cli.output import Output

    out = Output(as_json=as_json)
    address, _ = doors.check_address(model), doors.check_key(key)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        client = chain.model(address)
        client.vote_rollback(proposal, _NUMBERS[choice], key=signer)
        score = client.score_of(proposal)
        seated = signer.address in {client.creator(), *client.top_holders()}
    out.say(f"voted {choice.value} on proposal {proposal}; its score is {score} now")
    if not seated:
        out.warn(f"{signer.address} has no seat: the vote counts once it has")
    out.result(
        {
            "model": address,
            "proposal": proposal,
            "voter": signer.address,
            "vote": _NUMBERS[choice],
            "score": score,
        }
    )
