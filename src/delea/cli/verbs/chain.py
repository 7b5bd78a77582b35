"""`delea chain`: a local chain to try things on."""

from typing import Annotated

import typer

from delea.cli.options import DEFAULT_RPC, Json, Rpc

DEFAULT_PORT = 8545

app = typer.Typer(
    rich_markup_mode=None,
    invoke_without_command=True,
)


@app.callback()
def chain(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, metavar="PORT", help="0: a free one.")
    ] = DEFAULT_PORT,
    allow_origin: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A web page's origin that may call it."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Run a local chain until Ctrl-C, or move its clock.

    It has ten accounts whose keys, dev:0 to dev:9, are known to everyone.

    JSON, as soon as it is up: url, chain_id, accounts (key, address).
    """
    if context.invoked_subcommand is not None:
        return 0
    import signal

    from delea.chain import Anvil, dev_key
    from delea.chain.keys import DEV_ACCOUNTS, LOCAL_CHAIN_ID
    from delea.cli.entry import INTERRUPTED
    from delea.cli.output import Output

    out = Output(as_json=as_json)
    keys = [dev_key(index, chain_id=LOCAL_CHAIN_ID) for index in range(DEV_ACCOUNTS)]
    accounts = [{"key": f"dev:{at}", "address": key.address} for at, key in enumerate(keys)]
    try:
        with Anvil(port=port, allow_origin=allow_origin) as anvil:
            out.say(f"a chain at {anvil.url}; Ctrl-C ends it")
            for account in accounts:
                out.say(f"{account['key']}  {account['address']}")
            out.result({"url": anvil.url, "chain_id": LOCAL_CHAIN_ID, "accounts": accounts})
            signal.pause()
    except KeyboardInterrupt:
        out.say("the chain has ended")
    return INTERRUPTED


@app.command()
def warp(
    seconds: Annotated[int, typer.Argument(min=0, metavar="SECONDS", help="How far.")],
    rpc: Rpc = DEFAULT_RPC,
    as_json: Json = False,
) -> None:
    """Move a local chain's clock forward.

    JSON: time (of the new block, in seconds).
    """
    from delea.chain import LocalChain
    from delea.cli import doors
    from delea.cli.output import Output

    out = Output(as_json=as_json)
    with doors.open_chain(rpc) as chain:
        local = LocalChain(rpc)
        try:
            local.increase_time(seconds)
        finally:
            local.close()
        now = chain.now()
    out.say(f"the chain's time is {now}")
    out.result({"time": now})
