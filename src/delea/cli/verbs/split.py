"""`delea split`: a model's token in parts, as a token of its own."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from delea.cli.options import DEFAULT_RPC, Json, KeyName, Model, PasswordFile, Rpc

if TYPE_CHECKING:
    from delea.chain import SplitClient
    from delea.cli.output import Output
    from delea.ids import Address, Wei

Parts = Annotated[
    int,
    typer.Option(
        min=2,
        max=10**18,
        metavar="N",
        help="How many tokens of the split one token of the model is.",
        show_default=False,
    ),
]

app = typer.Typer(
    help="Change a model's token into parts, and back.",
    rich_markup_mode=None,
)


@app.command()
def create(
    model: Model,
    parts: Parts,
    rpc: Rpc = DEFAULT_RPC,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Create a model's split in N parts, unless somebody has.

    There is one for each model and N, at an address that follows from both. Nobody owns it.

    JSON: model, parts, split, name, symbol.
    """
    from delea.cli import doors
    from delea.cli.output import Output

    out = Output(as_json=as_json)
    address, _ = doors.check_address(model), doors.check_key(key)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        split = chain.create_split(address, parts, key=signer)
        fields = _fields(split) | {"name": split.name(), "symbol": split.symbol()}
    out.say(f"{fields['name']} ({fields['symbol']}) is at {split.address}")
    out.result(fields)


@app.command()
def deposit(
    model: Model,
    amount: Annotated[
        str, typer.Argument(metavar="TOKENS", help="How many of the model's.", show_default=False)
    ],
    parts: Parts,
    rpc: Rpc = DEFAULT_RPC,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Change tokens of the model into their parts.

    Until they are withdrawn they count for no steward's seat and pay for no inference.

    JSON: model, parts, split, account, amount_wei (of the model's), parts_wei, balance_wei (of the
    split's, after it).
    """
    from delea.cli import doors
    from delea.cli.amounts import check_held, parse_amount
    from delea.cli.output import Output

    out = Output(as_json=as_json)
    given = _check_amount(parse_amount(amount))
    address, _ = doors.check_address(model), doors.check_key(key)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        split = chain.split(address, parts)
        held = split.model.balance_of(signer.address)
        check_held(signer.address, held, given, split.model.terms.symbol)
        split.deposit(given, key=signer)
        _show_change(out, split, signer.address, given, "in")


@app.command()
def withdraw(
    model: Model,
    parts: Parts,
    amount: Annotated[
        str | None,
        typer.Argument(
            metavar="TOKENS", help="How many of the model's; by default all.", show_default=False
        ),
    ] = None,
    rpc: Rpc = DEFAULT_RPC,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Change parts back into tokens of the model.

    What is less than a wei of the model's stays where it is.

    JSON: model, parts, split, account, amount_wei (of the model's), parts_wei, balance_wei (of the
    split's, after it).
    """
    from delea.cli import doors
    from delea.cli.amounts import check_held, parse_amount
    from delea.cli.output import Output
    from delea.errors import RefusedError

    out = Output(as_json=as_json)
    wanted = None if amount is None else _check_amount(parse_amount(amount))
    address, _ = doors.check_address(model), doors.check_key(key)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        split = chain.split(address, parts)
        held = split.withdrawable_by(signer.address)
        if not held:
            raise RefusedError(f"{signer.address} has nothing to withdraw from {split.address}")
        taken = held if wanted is None else wanted
        check_held(signer.address, held, taken, f"{split.model.terms.symbol} in {split.symbol()}")
        split.withdraw(taken, key=signer)
        _show_change(out, split, signer.address, taken, "back")


@app.command()
def show(
    model: Model,
    parts: Parts,
    account: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Whose tokens to show, too.", show_default=False),
    ] = None,
    rpc: Rpc = DEFAULT_RPC,
    as_json: Json = False,
) -> None:
    """Show a model's split in N parts: where it is, what it holds.

    JSON: model, parts, split, name, symbol, supply_wei, held_wei (of the model's), account,
    balance_wei, withdrawable_wei (of the model's; all three null without --account).
    """
    from delea.cli import doors
    from delea.cli.amounts import show_amount
    from delea.cli.output import Output

    out = Output(as_json=as_json)
    address = doors.check_address(model)
    whose = None if account is None else doors.check_address(account)
    with doors.open_chain(rpc) as chain:
        split = chain.split(address, parts)
        unit, symbol = split.model.terms.symbol, split.symbol()
        fields = _fields(split) | {
            "name": split.name(),
            "symbol": symbol,
            "supply_wei": split.supply(),
            "held_wei": split.held(),
            "account": whose,
            "balance_wei": None if whose is None else split.balance_of(whose),
            "withdrawable_wei": None if whose is None else split.withdrawable_by(whose),
        }
    out.facts(
        {
            "split": f"{split.address}, {fields['name']} ({symbol})",
            "supply": show_amount(fields["supply_wei"], symbol),
            "holds": show_amount(fields["held_wei"], unit),
        }
    )
    if whose is not None:
        out.say(
            f"{whose} has {show_amount(fields['balance_wei'], symbol)}"
            f" and may withdraw {show_amount(fields['withdrawable_wei'], unit)}"
        )
    out.result(fields)


def _check_amount(amount: "Wei") -> "Wei":
    from delea.errors import UsageError

    if not amount:
        raise UsageError("an amount above 0 expected, got 0")
    return amount


def _show_change(
    out: "Output", split: "SplitClient", account: "Address", amount: "Wei", way: str
) -> None:
    """Say what was changed into parts or back, and what the account has after it."""
    from delea.cli.amounts import show_amount
    from delea.ids import Wei

    value, unit, symbol = Wei(amount * split.parts), split.model.terms.symbol, split.symbol()
    pair = show_amount(amount, unit), show_amount(value, symbol)
    before, after = pair if way == "in" else pair[::-1]
    balance = split.balance_of(account)
    out.say(f"{before} became {after}; {account} has {show_amount(balance, symbol)} now")
    out.result(
        _fields(split)
        | {
            "account": account,
            "amount_wei": amount,
            "parts_wei": value,
            "balance_wei": balance,
        }
    )


def _fields(split: "SplitClient") -> dict[str, Any]:
    """Return for JSON which split it is."""
    return {"model": split.model.address, "parts": split.parts, "split": split.address}
