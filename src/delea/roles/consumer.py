"""The consumer: pays for answers and checks them; whoever has the model can give them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delea.artifact import Field
from delea.chain import Key
from delea.chain.events import Inferred
from delea.errors import DtypeError, RefusedError, ShapeError
from delea.ids import Wei
from delea.protocol.request import Request, Result, check_result
from delea.roles.session import Session

_DTYPES: dict[str, np.dtype[Any]] = {
    "f32": np.dtype("<f4"),
    "i32": np.dtype("<i4"),
    "u8": np.dtype("u1"),
}


SLACK_BPS = 100
"""What a price may rise until it is paid: others' dust must not block a payment."""

MAX_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Paid:
    """A request that was paid for on chain."""

    request: Request
    units: int
    price: Wei


def encode_rows(values: NDArray[np.generic], field: Field) -> bytes:
    """Return input rows as the module reads them: (rows, *field.shape) -> bytes.

    Raises:
        ShapeError: rows of another shape; a single row may come without its axis.
        DtypeError: not numbers, not whole ones where the module reads whole ones, or too large.
    """
    array = np.asarray(values)
    if array.shape == field.shape:
        array = array[None]
    if array.shape[1:] != field.shape or array.ndim != len(field.shape) + 1 or not len(array):
        shape = ", ".join(map(str, ("rows", *field.shape)))
        raise ShapeError(f"inputs ({shape}) expected, got {array.shape}")
    if array.dtype.kind not in "fiu":
        raise DtypeError(f"numbers expected as inputs, got {array.dtype}")
    with np.errstate(over="ignore", invalid="ignore"):
        encoded = array.astype(_DTYPES[field.dtype])
    exact = encoded == array if encoded.dtype.kind in "iu" else np.isfinite(encoded)
    if not exact.all():
        raise DtypeError(f"finite numbers that fit {field.dtype} expected as inputs, got others")
    return encoded.tobytes()


def decode_rows(outputs: bytes, field: Field) -> NDArray[np.generic]:
    """Return output bytes as rows: (rows, *field.shape)."""
    return np.frombuffer(outputs, _DTYPES[field.dtype]).reshape(-1, *field.shape)


def pay(session: Session, inputs: bytes, *, key: Key, max_price: Wei | None = None) -> Paid:
    """Pay for the head's answer to these input rows: one unit a row.

    Without a `max_price` it may cost a hundredth more than at this moment.

    Raises:
        MalformedError: no whole rows, or their answers would be too long.
        RevertError: the price is above `max_price`, or the tokens do not suffice.
    """
    units = session.sandbox.count_rows(inputs)
    model = session.model
    request = Request(session.chain.chain_id, model.address, model.head(), key.address, inputs)
    if max_price is None:
        max_price = Wei(model.price_for(units) * (MAX_BPS + SLACK_BPS) // MAX_BPS)  # down
    receipt = model.infer(units, max_price, request.digest, key=key)
    return Paid(request, units, receipt.one(Inferred).price)


def answer(session: Session, request: Request, *, confirmations: int = 1) -> Result:
    """Serve a paid request: anyone with the model can, and all give the same bits.

    A payment counts from `confirmations` blocks on, its own included: a chain may take back fewer.

    Raises:
        RefusedError: no payment on chain names this request, or it paid for fewer rows.
    """
    units = len(request.inputs) // session.manifest.input.byte_length
    last = session.model.block_number() - confirmations + 1
    payments = session.model.events(Inferred, to_block=last) if last >= 0 else ()
    paid = sum(event.units for event in payments if event.request == request.digest)
    if paid < units:
        raise RefusedError(f"a payment of {units} units for this request expected, got {paid}")
    return Result(request.digest, outputs_of(session, request))


def check(session: Session, request: Request, result: Result) -> None:
    """Raise DigestError unless an answer is the one that the consumer computes as well."""
    check_result(request, result, outputs_of(session, request))


def outputs_of(session: Session, request: Request) -> bytes:
    """Run the request's version on its inputs."""
    version = session.model.version(request.version)
    return session.sandbox.infer(session.state(version), request.inputs)


def check_ready(session: Session) -> None:
    """Raise ArtifactError or StoreError, before anything is paid, if the head has no state here."""
    session.state(session.model.version(session.model.head()))
