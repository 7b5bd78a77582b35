"""A paid inference: the request that the payment names, its result, and the check of the two."""

from dataclasses import dataclass
from hashlib import sha256

from delea.errors import DigestError
from delea.ids import Address, Digest
from delea.protocol.seed import address_bytes

REQUEST_DOMAIN = b"delea/request/1"


@dataclass(frozen=True, slots=True)
class Request:
    """What a consumer asks: these inputs, of this version of this model."""

    chain_id: int
    model: Address
    version: int
    payer: Address
    inputs: bytes

    @property
    def digest(self) -> Digest:
        """What the payment names on chain."""
        return Digest(
            sha256(
                REQUEST_DOMAIN
                + self.chain_id.to_bytes(32, "big")
                + address_bytes(self.model)
                + self.version.to_bytes(32, "big")
                + address_bytes(self.payer)
                + sha256(self.inputs).digest()
            ).digest()
        )


@dataclass(frozen=True, slots=True)
class Result:
    """An answer: the outputs that somebody says the request has."""

    request: Digest
    outputs: bytes


def check_result(request: Request, result: Result, again: bytes) -> None:
    """Raise DigestError unless `result` answers `request` with the outputs that a re-run gave."""
    if result.request != request.digest:
        raise DigestError(
            f"an answer to request {request.digest.hex()} expected, got one to"
            f" {result.request.hex()}"
        )
    if result.outputs != again:
        raise DigestError(
            f"the outputs of version {request.version} expected, got others: the answer is wrong"
        )
