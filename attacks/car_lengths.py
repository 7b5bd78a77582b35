"""A CAR says that a block has 2^63 bytes, so that its reader reserves them."""

from frame import refusal, run

from delea.errors import MalformedError
from delea.store import Codec, cid_of, encode_car, read_car
from delea.store.varint import encode_varint


def attack() -> str:
    """Try, and say why it failed."""
    header = encode_car([cid_of(b"", Codec.RAW)], [])
    told = ""
    for length in (1, 36, 1 << 20, 1 << 32, (1 << 63) - 1):
        car = header + encode_varint(length)
        told = refusal(lambda data=car: read_car(data), MalformedError)
    overlong = header + b"\x80" * 20 + b"\1"
    refusal(lambda: read_car(overlong), MalformedError)
    return f"a length is compared with the cap and with what is there before it is used; {told}"


if __name__ == "__main__":
    run(attack)
