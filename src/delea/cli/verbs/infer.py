"""`delea infer`: pay for an answer, get it, check it."""

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


def infer(  # noqa: PLR0913  # each is an option
    model: Model,
    inputs: Annotated[
        str,
        typer.Option(
            metavar="ROWS", help="Rows as a JSON list, or a .npy file.", show_default=False
        ),
    ],
    *,
    max_price: Annotated[
        str | None,
        typer.Option(
            metavar="TOKENS", help="Refuse to pay more; by default 1 % above the moment's price."
        ),
    ] = None,
    unaudited: Unaudited = False,
    rpc: Rpc = DEFAULT_RPC,
    store: StoreFolder = None,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Pay for an answer in the model's tokens, and check it.

    The head answers; one row is one unit.

    JSON: model, version, request, units, price_wei, outputs (null for what is not finite), checked.
    """
    from delea.cli import doors
    from delea.cli.amounts import check_held, count, parse_amount, show_amount
    from delea.cli.output import Output
    from delea.cli.rows import plain_rows, read_rows
    from delea.roles import consumer
    from delea.roles.session import Session

    out = Output(as_json=as_json)
    limit = None if max_price is None else parse_amount(max_price)
    rows = read_rows(inputs)
    address, _ = doors.check_address(model), doors.check_key(key)
    audit = doors.open_audit(unaudited=unaudited)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        with Session(chain, address, doors.open_store(store), audit=audit) as session:
            encoded = consumer.encode_rows(rows, session.manifest.input)
            consumer.check_ready(session)
            symbol = session.model.terms.symbol
            price = session.model.price_for(session.sandbox.count_rows(encoded))
            check_held(signer.address, session.model.balance_of(signer.address), price, symbol)
            paid = consumer.pay(session, encoded, key=signer, max_price=limit)
            result = consumer.answer(session, paid.request)
            consumer.check(session, paid.request, result)
            outputs = plain_rows(consumer.decode_rows(result.outputs, session.manifest.output))
    rows_paid = count(paid.units, "row")
    out.say(f"paid {show_amount(paid.price, symbol)} for {rows_paid}; the answer is checked")
    for row in outputs:
        out.say(str(row))
    out.result(
        {
            "model": address,
            "version": paid.request.version,
            "request": paid.request.digest.hex(),
            "units": paid.units,
            "price_wei": paid.price,
            "outputs": outputs,
            "checked": True,
        }
    )
