"""`delea settle`: pay the claims whose time has come."""

from typing import TYPE_CHECKING, Any

from delea.cli.options import DEFAULT_RPC, Json, KeyName, Model, PasswordFile, Rpc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from delea.cli.output import Output
    from delea.roles.session import Place
    from delea.roles.trainer import Payment


def settle(
    model: Model,
    rpc: Rpc = DEFAULT_RPC,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Pay every claim whose window is over; anyone may.

    What can never settle is closed, and its bond returns. Of what was left on a line that was
    rolled back, only your own claims are looked for once others had time enough.

    JSON: model, payments (version, beneficiary, reward_wei).
    """
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.roles import trainer
    from delea.roles.session import Desk

    out = Output(as_json=as_json)
    address, _ = doors.check_address(model), doors.check_key(key)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        desk = Desk(chain, chain.model(address))
        own = desk.model.claims_of(signer.address)
        payments = trainer.settle_due(desk, key=signer, also=own)
        show_payments(out, desk, payments)
    if not payments:
        out.say("nothing to pay")
    out.result({"model": address, "payments": [payment_fields(payment) for payment in payments]})


def show_payments(out: "Output", place: "Place", payments: "Sequence[Payment]") -> None:
    """Say who was paid what."""
    from delea.cli.amounts import show_amount

    for payment in payments:
        reward = show_amount(payment.reward, place.model.terms.symbol)
        out.say(f"version {payment.version} settled: {reward} to {payment.beneficiary}")


def payment_fields(payment: "Payment") -> dict[str, Any]:
    """Return a payment for JSON."""
    return {
        "version": payment.version,
        "beneficiary": payment.beneficiary,
        "reward_wei": payment.reward,
    }
