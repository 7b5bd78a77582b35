"""Write the golden vectors of seeds and request digests: integers as decimal, bytes as hex.

The bytes are laid out here by hand, in hex text, and owe nothing to `delea.protocol`.
`--check` compares instead of writing, and exits 1 with one line on a difference.
"""

import json
import random
from hashlib import sha256

from written import ROOT, write_or_compare

PATH = ROOT / "vectors" / "seeds.json"
LOCAL_CHAIN = 31_337
MODEL = "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512"
SENDER = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
OTHER = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc"
RANDOM_CASES = 24


def word(number: int) -> str:
    """Return a uint256 in hex, big endian."""
    return f"{number:064x}"


def seed_case(
    chain_id: int, model: str, parent: int, root: str, sender: str, beneficiary: str
) -> dict[str, str]:
    """Return one case: who works where, and the seed that binds the work."""
    message = b"delea/seed/1".hex()
    message += word(chain_id) + model[2:] + word(parent) + root + sender[2:] + beneficiary[2:]
    return {
        "chain_id": str(chain_id),
        "model": model,
        "parent": str(parent),
        "parent_root": root,
        "sender": sender,
        "beneficiary": beneficiary,
        "seed": sha256(bytes.fromhex(message)).hexdigest(),
    }


def request_case(
    chain_id: int, model: str, version: int, payer: str, inputs: str
) -> dict[str, str]:
    """Return one case: who asks what of which version, and the digest that the payment names."""
    message = b"delea/request/1".hex()
    message += word(chain_id) + model[2:] + word(version) + payer[2:]
    message += sha256(bytes.fromhex(inputs)).hexdigest()
    return {
        "chain_id": str(chain_id),
        "model": model,
        "version": str(version),
        "payer": payer,
        "inputs": inputs,
        "digest": sha256(bytes.fromhex(message)).hexdigest(),
    }


def seeds() -> list[dict[str, str]]:
    """Return a first case, cases that differ from it in one argument each, then random ones."""
    root = sha256(b"root").hexdigest()
    cases = [
        (LOCAL_CHAIN, MODEL, 0, root, SENDER, SENDER),
        (1, MODEL, 0, root, SENDER, SENDER),
        (LOCAL_CHAIN, OTHER, 0, root, SENDER, SENDER),
        (LOCAL_CHAIN, MODEL, 1, root, SENDER, SENDER),
        (LOCAL_CHAIN, MODEL, 0, "00" * 32, SENDER, SENDER),
        (LOCAL_CHAIN, MODEL, 0, root, OTHER, SENDER),
        (LOCAL_CHAIN, MODEL, 0, root, SENDER, OTHER),
        (2**256 - 1, "0x" + "ff" * 20, 2**40 - 1, "ff" * 32, "0x" + "ff" * 20, "0x" + "ff" * 20),
    ]
    source = random.Random("delea/vectors/seeds")
    for _ in range(RANDOM_CASES):
        model, sender, beneficiary = ("0x" + source.randbytes(20).hex() for _ in range(3))
        parent = source.randrange(1 << source.randrange(1, 41))
        chain_id = source.randrange(1 << source.randrange(1, 64))
        cases.append((chain_id, model, parent, source.randbytes(32).hex(), sender, beneficiary))
    return [seed_case(*case) for case in cases]


def requests() -> list[dict[str, str]]:
    """Return a first case, cases that differ from it in one argument each, then random ones."""
    cases = [
        (LOCAL_CHAIN, MODEL, 3, SENDER, "0000803f"),
        (1, MODEL, 3, SENDER, "0000803f"),
        (LOCAL_CHAIN, OTHER, 3, SENDER, "0000803f"),
        (LOCAL_CHAIN, MODEL, 4, SENDER, "0000803f"),
        (LOCAL_CHAIN, MODEL, 3, OTHER, "0000803f"),
        (LOCAL_CHAIN, MODEL, 3, SENDER, "00008040"),
        (LOCAL_CHAIN, MODEL, 3, SENDER, ""),
    ]
    source = random.Random("delea/vectors/requests")
    for _ in range(RANDOM_CASES):
        model, payer = ("0x" + source.randbytes(20).hex() for _ in range(2))
        version = source.randrange(1 << source.randrange(1, 41))
        chain_id = source.randrange(1 << source.randrange(1, 64))
        inputs = source.randbytes(4 * source.randrange(1, 20)).hex()
        cases.append((chain_id, model, version, payer, inputs))
    return [request_case(*case) for case in cases]


def text() -> str:
    """Return the whole file."""
    return json.dumps({"requests": requests(), "seeds": seeds()}, sort_keys=True, indent=1) + "\n"


def main() -> int:
    """Write or compare the file."""
    return write_or_compare(PATH, text, __doc__, "scripts/generate_seed_vectors.py")


if __name__ == "__main__":
    raise SystemExit(main())
