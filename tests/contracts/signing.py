"""Keys that sign the model's typed data, by eth-account: another's EIP-712."""

from dataclasses import dataclass

from eth_account import Account
from eth_account.messages import encode_typed_data

CHAIN_ID = 1
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
FIELDS = {
    "Permit": {
        "owner": "address",
        "spender": "address",
        "value": "uint256",
        "nonce": "uint256",
        "deadline": "uint256",
    },
    "Infer": {
        "owner": "address",
        "units": "uint256",
        "max_price": "uint256",
        "request": "bytes32",
        "nonce": "uint256",
        "deadline": "uint256",
    },
}


@dataclass(frozen=True)
class Signature:
    """r, s and v."""

    v: int
    r: int
    s: int

    @property
    def words(self):
        return self.v, self.r.to_bytes(32, "big"), self.s.to_bytes(32, "big")

    @property
    def packed(self):
        return self.r.to_bytes(32, "big") + self.s.to_bytes(32, "big") + bytes([self.v])

    @property
    def twin(self):
        """The other signature that fits, with the high s."""
        return Signature(55 - self.v, self.r, ORDER - self.s)


class Signer:
    """An account with a key of its own."""

    def __init__(self, secret):
        self.account = Account.from_key(secret)
        self.address = self.account.address.lower()

    def sign(self, model, kind, values, *, chain_id=CHAIN_ID, **domain):
        types = [{"name": name, "type": type_} for name, type_ in FIELDS[kind].items()]
        domain = {
            "name": "Sine",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": model.address,
        } | domain
        kinds = {
            "chainId": "uint256",
            "verifyingContract": "address",
            "name": "string",
            "version": "string",
        }
        message = {
            "domain": domain,
            "message": dict(zip(FIELDS[kind], values, strict=True)),
            "primaryType": kind,
            "types": {
                "EIP712Domain": [{"name": n, "type": kinds[n]} for n in domain],
                kind: types,
            },
        }
        signed = self.account.sign_message(encode_typed_data(full_message=message))
        return Signature(signed.v, signed.r, signed.s)
