"""The options that verbs share, each with its name, its variable and its help."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_RPC = "http://127.0.0.1:8545"

Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="The address of the model.", show_default=False)
]
Rpc = Annotated[
    str,
    typer.Option(
        "--rpc",
        metavar="URL",
        envvar="DELEA_RPC",
        help="The node of the chain, which must have the id in DELEA_CHAIN_ID if that is set.",
    ),
]
StoreFolder = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="DIR",
        envvar="DELEA_STORE",
        help="The folder of modules, datasets and states; by default delea/store in"
        " XDG_DATA_HOME, or in ~/.local/share.",
        show_default=False,
    ),
]
KeyName = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="KEY",
        envvar="DELEA_KEY",
        help="Who signs: dev:0 to dev:9 on a local chain, or the path of a keystore.",
        show_default=False,
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        help="Where the keystore's password is; else DELEA_PASSWORD holds it, or a terminal asks.",
        show_default=False,
    ),
]
Unaudited = Annotated[
    bool,
    typer.Option(
        "--unaudited",
        help="Take the risk of a module that is not what its graph compiles to: others may get"
        " other bits from it.",
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="One JSON object on standard output; the rest elsewhere.")
]
