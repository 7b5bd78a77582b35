"""A .delea file of a megabyte unfolds to three gigabytes: one block, linked many times."""

from frame import refusal, run

from delea.artifact import encode
from delea.errors import StoreError
from delea.store import Block, Codec, cid_of, encode_car, unpack
from delea.store.cid import to_link
from delea.store.dagpb import Part, encode_node

MIB = 1 << 20


def attack() -> str:
    """Try, and say why it failed."""
    leaf = Block(cid_of(bytes(MIB), Codec.RAW), bytes(MIB))
    data = encode_node((Part(leaf.cid, MIB, MIB),) * 1024)
    node = Block(cid_of(data, Codec.DAG_PB), data)  # 1 GiB in 60 kB
    links = {name: to_link(node.cid) for name in ("module", "genesis", "dataset")}
    root = encode({"delea": 1, **links})
    first = Block(cid_of(root, Codec.DAG_CBOR), root)
    bomb = encode_car([first.cid], [first, node, leaf])
    told = refusal(lambda: unpack(bomb), StoreError)
    return f"the three files may be 1 GiB together, counted before they are joined; {told}"


if __name__ == "__main__":
    run(attack)
