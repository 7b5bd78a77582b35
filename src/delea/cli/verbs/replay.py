"""`delea replay`: train the whole way again and check every root."""

from typing import Annotated

import typer

from delea.cli.options import DEFAULT_RPC, Json, Model, Rpc, StoreFolder, Unaudited


def replay(
    model: Model,
    version: Annotated[
        int | None,
        typer.Argument(metavar="VERSION", help="Up to which version; by default the head."),
    ] = None,
    unaudited: Unaudited = False,
    rpc: Rpc = DEFAULT_RPC,
    store: StoreFolder = None,
    as_json: Json = False,
) -> None:
    """Rebuild a version from genesis, checking every root.

    All states on the way go to the store.

    JSON: model, version, root, replayed (the versions from genesis on).
    """
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.cli.progress import bar
    from delea.roles import verifier
    from delea.roles.session import Session

    out = Output(as_json=as_json)
    address, audit = doors.check_address(model), doors.open_audit(unaudited=unaudited)
    with (
        doors.open_chain(rpc) as chain,
        Session(chain, address, doors.open_store(store), audit=audit) as session,
    ):
        target = session.model.head() if version is None else version
        path = verifier.lineage(session, session.model.version(target))
        steps = sum(each.updates for each in path) * session.manifest.steps_per_update
        with bar(out, "replaying", steps) as on_step:
            verifier.replay(session, path, on_step=on_step)
    names = " -> ".join(str(each.id) for each in path)
    root = path[-1].root.hex()
    out.say(f"{names}: every root is right; version {target} has root {root}")
    replayed = [each.id for each in path]
    out.result({"model": address, "version": target, "root": root, "replayed": replayed})
