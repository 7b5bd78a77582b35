"""`delea keys`: make a key, show whose it is."""

from pathlib import Path
from typing import Annotated

import typer

from delea.cli.options import Json, KeyName, PasswordFile

app = typer.Typer(help="Make a key, or show its address.", rich_markup_mode=None)


@app.command()
def new(
    path: Annotated[Path, typer.Argument(help="A new file.", show_default=False)],
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Make a key, kept encrypted in a new file.

    Only its owner can read the file.

    JSON: address, path.
    """
    from delea.chain import create_keystore
    from delea.cli import doors
    from delea.cli.output import Output

    out = Output(as_json=as_json)
    key = create_keystore(path, doors.find_password(password_file, is_new=True))
    out.say(f"{key.address} in {path}")
    out.result({"address": key.address, "path": str(path)})


@app.command()
def show(key: KeyName = None, password_file: PasswordFile = None, as_json: Json = False) -> None:
    """Open a key and show its address.

    JSON: address.
    """
    from delea.chain.keys import LOCAL_CHAIN_ID
    from delea.cli import doors
    from delea.cli.output import Output

    out = Output(as_json=as_json)
    opened = doors.open_key(key, password_file, chain_id=LOCAL_CHAIN_ID)
    out.say(opened.address)
    out.result({"address": opened.address})
