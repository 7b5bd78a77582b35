"""A node of a file links to itself, so that its reader never ends."""

from frame import refusal, run

from delea.errors import DigestError
from delea.store import Codec, cid_of, encode_car, read_car
from delea.store.cid import cid_bytes
from delea.store.dagpb import Part, encode_node
from delea.store.varint import encode_varint


def attack() -> str:
    """Try, and say why it failed."""
    name = cid_of(b"whatever it is, the node would need its own digest", Codec.DAG_PB)
    node = encode_node((Part(name, 1 << 20, 1 << 20), Part(name, 1 << 20, 1 << 20)))
    section = cid_bytes(name) + node
    car = encode_car([name], []) + encode_varint(len(section)) + section
    told = refusal(lambda: read_car(car), DigestError)
    return f"a node that names itself would need its own SHA-256 inside; {told}"


if __name__ == "__main__":
    run(attack)
