"""A CAR gives a block the name of another one."""

from frame import refusal, run

from delea.errors import DigestError
from delea.store import Block, Codec, cid_of, encode_car, read_car
from delea.store.cid import cid_bytes


def attack() -> str:
    """Try, and say why it failed."""
    honest, hostile = b"the honest block", b"another, as long"
    name = cid_of(honest, Codec.RAW)
    car = encode_car([name], [Block(name, honest)])
    told = refusal(lambda: read_car(car.replace(honest, hostile)), DigestError)
    other = cid_bytes(cid_of(hostile, Codec.RAW))
    refusal(lambda: read_car(car.replace(cid_bytes(name) + honest, other + honest)), DigestError)
    return f"every block is hashed when it is read; {told}"


if __name__ == "__main__":
    run(attack)
