"""`delea challenge`: re-run one claim and challenge it if it is wrong."""

from typing import Annotated

import typer

from delea.cli.options import (
    DEFAULT_RPC,
    Json,
    KeyName,
    Model,
    PasswordFile,
    Rpc,
    StoreFolder,
    Unaudited,
)


def challenge(
    model: Model,
    version: Annotated[int, typer.Argument(metavar="VERSION", help="The claim.")],
    unaudited: Unaudited = False,
    rpc: Rpc = DEFAULT_RPC,
    store: StoreFolder = None,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Re-run one claim and challenge it with the right root, which takes a bond.

    A claim that was right is refused (exit code 1): a lost challenge costs its bond. Who challenges
    has no vote on the game, so a steward does it with another key than that of his seat.

    JSON: model, version, right_root, game.
    """
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.errors import RefusedError
    from delea.protocol.claim import Refuted
    from delea.roles import verifier
    from delea.roles.session import Session

    out = Output(as_json=as_json)
    address, _ = doors.check_address(model), doors.check_key(key)
    audit = doors.open_audit(unaudited=unaudited)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        with Session(chain, address, doors.open_store(store), audit=audit) as session:
            verifier.check_claimed(session.model, [version])
            claim = session.model.version(version)
            game = verifier.find_game(session, claim, signer.address)
            if game is not None:
                raise RefusedError(f"game {game} of {signer.address} on version {version} is open")
            check = verifier.verify(session, claim)
            if not isinstance(check.verdict, Refuted):
                raise RefusedError(f"version {version} is right: a re-run gave the same root")
            game = verifier.challenge(session, check, key=signer).game
    root = check.verdict.right_root.hex()
    out.say(f"version {version}: challenged, game {game}; {root} is right")
    out.result({"model": address, "version": version, "right_root": root, "game": game})
