"""One bit of a .delea file is flipped on the way."""

from frame import refusal, run
from victim import artifact

from delea.errors import RefusedError
from delea.store import pack, unpack


def attack() -> str:
    """Try, and say why it failed."""
    packed = pack(artifact())
    told = ""
    for at in range(len(packed)):
        flipped = packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :]
        told = refusal(lambda data=flipped: unpack(data), RefusedError)
    return f"every block is named by its digest, and there is one encoding; {told}"


if __name__ == "__main__":
    run(attack)
