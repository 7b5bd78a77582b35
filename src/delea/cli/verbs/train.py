"""`delea train`: train the latest right version, claim the result."""

from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from delea.chain import Key
    from delea.cli.output import Output
    from delea.ids import Address, Wei
    from delea.protocol.version import Version
    from delea.roles.session import Session


def train(  # noqa: PLR0913  # each is an option
    model: Model,
    *,
    updates: Annotated[int, typer.Option(min=1, metavar="N", help="How many, in each claim.")] = 1,
    rounds: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many claims, one upon another.")
    ] = 1,
    beneficiary: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Who is paid; by default the signer."),
    ] = None,
    min_reward: Annotated[
        str, typer.Option(metavar="TOKENS", help="Refuse to claim if less is expected.")
    ] = "0",
    unaudited: Unaudited = False,
    rpc: Rpc = DEFAULT_RPC,
    store: StoreFolder = None,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Train the latest right version and claim the result.

    Pending claims count as right; challenged ones are run again, and passed over if they are wrong.
    A reward is paid when the claim settles. What is due is settled first and afterwards. Losses are
    means over the test part.

    JSON: model, claims (version, parent, updates, root, beneficiary, loss_before, loss_after,
    bond_wei, expected_reward_wei), payments (version, beneficiary, reward_wei).
    """
    from delea.cli import doors
    from delea.cli.amounts import parse_amount
    from delea.cli.output import Output
    from delea.cli.verbs.settle import payment_fields, show_payments
    from delea.roles import trainer
    from delea.roles.session import Session

    out = Output(as_json=as_json)
    least = parse_amount(min_reward)
    paid = None if beneficiary is None else doors.check_address(beneficiary)
    address, _ = doors.check_address(model), doors.check_key(key)
    audit = doors.open_audit(unaudited=unaudited)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        with Session(chain, address, doors.open_store(store), audit=audit) as session:
            payments = trainer.settle_due(session, key=signer)
            show_payments(out, session, payments)
            claims = [_train(out, session, updates, paid, least, signer) for _ in range(rounds)]
            later = trainer.settle_due(session, key=signer)
            show_payments(out, session, later)
    out.result(
        {
            "model": address,
            "claims": claims,
            "payments": [payment_fields(payment) for payment in payments + later],
        }
    )


def _train(  # one round, with all that was asked for
    out: "Output",
    session: "Session",
    updates: int,
    beneficiary: "Address | None",
    least: "Wei",
    key: "Key",
) -> dict[str, Any]:
    """Train and claim once; return the claim for JSON."""
    from delea.cli.amounts import count, show_amount
    from delea.cli.progress import bar
    from delea.roles import trainer

    parent = trainer.find_parent(session)
    _check_reward(session, parent, updates, least)
    steps = updates * session.manifest.steps_per_update
    with bar(out, "training", steps) as on_step:
        update = trainer.train(
            session,
            sender=key.address,
            updates=updates,
            parent=parent,
            beneficiary=beneficiary,
            on_step=on_step,
        )
    before = session.state(parent)
    losses = session.sandbox.evaluate(before), session.sandbox.evaluate(update.state)
    claimed = trainer.claim(session, update, key=key, min_reward=least)
    symbol = session.model.terms.symbol
    out.say(
        f"version {claimed.version} on {update.parent}: {count(updates, 'update')},"
        f" loss {losses[0]:.6g} -> {losses[1]:.6g}, root {update.root.hex()}"
    )
    out.say(
        f"expected reward {show_amount(claimed.expected_reward, symbol)},"
        f" bond {show_amount(claimed.bond, 'coin')}"
    )
    return {
        "version": claimed.version,
        "parent": update.parent,
        "updates": updates,
        "root": update.root.hex(),
        "beneficiary": update.beneficiary,
        "loss_before": losses[0],
        "loss_after": losses[1],
        "bond_wei": claimed.bond,
        "expected_reward_wei": claimed.expected_reward,
    }


def _check_reward(session: "Session", parent: "Version", updates: int, least: "Wei") -> None:
    """Refuse what would not pay enough, before it is trained: the contract refuses it later too."""
    from delea.cli.amounts import show_amount
    from delea.errors import RefusedError

    terms = session.model.terms
    if not least or updates > terms.max_updates:  # which training refuses
        return
    expected = session.model.quote_after(parent.id, updates)
    if expected < least:
        wanted, came = (show_amount(amount, terms.symbol) for amount in (least, expected))
        raise RefusedError(f"a reward of at least {wanted} expected, got a quote of {came}")
