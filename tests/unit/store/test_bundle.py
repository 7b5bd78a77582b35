from dataclasses import replace

import pytest

from delea.artifact import Artifact, encode
from delea.errors import ArtifactError, DigestError, MalformedError, MissingError, StoreError
from delea.store import Block, Codec, cid_of, encode_car, pack, read_bundle, read_car, unpack
from delea.store import write_bundle as write
from delea.store.cid import to_link
from delea.store.dagpb import Part, encode_node


@pytest.fixture(scope="session")
def artifact(sample):
    return Artifact(b"\0asm module", sample(3000), sample(2_500_000))


def rooted(value, blocks):
    data = encode(value)
    root = Block(cid_of(data, Codec.DAG_CBOR), data)
    return encode_car([root.cid], [root, *blocks])


def small():
    return Artifact(b"module", b"genesis", b"dataset")


def test_three_files_come_back(artifact):
    assert unpack(pack(artifact)) == artifact


def test_equal_files_give_equal_bytes_and_share_their_blocks():
    same = Artifact(b"x" * 100, b"x" * 100, b"x" * 100)
    assert pack(same) == pack(replace(same))
    assert len(read_car(pack(same)).blocks) == 2
    assert unpack(pack(same)) == same


def test_empty_files_come_back():
    assert unpack(pack(Artifact(b"", b"", b""))) == Artifact(b"", b"", b"")


def test_the_root_links_to_the_three_files_by_name():
    car = read_car(pack(small()))
    assert [block.data for block in car.blocks[1:]] == [b"module", b"genesis", b"dataset"]
    links = {
        name: to_link(cid_of(name.encode(), Codec.RAW)) for name in ("module", "genesis", "dataset")
    }
    assert car.blocks[0].data == encode({"delea": 1} | links)
    assert car.roots == (car.blocks[0].cid,)


def test_other_blocks_or_another_order_are_refused():
    car = read_car(pack(small()))
    extra = Block(cid_of(b"extra", Codec.RAW), b"extra")
    first, *rest = car.blocks
    for blocks in ([*car.blocks, extra], [first, *reversed(rest)], [*rest, first]):
        with pytest.raises(MalformedError, match="the blocks of three files in order"):
            unpack(encode_car(car.roots, blocks))


def test_a_missing_block_is_named():
    car = read_car(pack(small()))
    with pytest.raises(MalformedError, match=f"the block {car.blocks[3].cid} expected in the file"):
        unpack(encode_car(car.roots, car.blocks[:3]))
    with pytest.raises(MalformedError, match=f"the block {car.roots[0]} expected in the file"):
        unpack(encode_car(car.roots, car.blocks[1:]))


@pytest.mark.parametrize(
    "change",
    [
        {"delea": 2},
        {"delea": True},
        {"delea": 1.0},
        {"more": 1},
        {"module": "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"},
        {"module": b"module"},
        {"dataset": None},
    ],
)
def test_another_root_is_refused(change):
    _, *blocks = read_car(pack(small())).blocks
    links = {name: to_link(cid_of(name.encode(), Codec.RAW)) for name in ("module", "genesis")}
    links["dataset"] = to_link(cid_of(b"dataset", Codec.RAW))
    assert unpack(rooted({"delea": 1} | links, blocks)) == small()
    with pytest.raises(MalformedError):
        unpack(rooted({"delea": 1} | links | change, blocks))


def test_a_root_that_is_no_map_or_no_dag_cbor_is_refused():
    block = Block(cid_of(b"x", Codec.RAW), b"x")
    with pytest.raises(MalformedError, match="one dag-cbor root"):
        unpack(encode_car([block.cid], [block]))
    with pytest.raises(MalformedError, match="a root of delea, module, genesis, dataset"):
        unpack(rooted([], []))


def test_a_link_to_dag_cbor_instead_of_a_file_is_refused():
    inner = encode({})
    block = Block(cid_of(inner, Codec.DAG_CBOR), inner)
    link = to_link(block.cid)
    with pytest.raises(MalformedError):
        unpack(rooted({"delea": 1, "module": link, "genesis": link, "dataset": link}, [block]))


def test_a_small_file_that_unfolds_to_gigabytes_is_refused():
    leaf = Block(cid_of(bytes(1 << 20), Codec.RAW), bytes(1 << 20))
    node = encode_node((Part(leaf.cid, 1 << 20, 1 << 20),) * 1024)
    inner = Block(cid_of(node, Codec.DAG_PB), node)
    link = to_link(inner.cid)
    value = {"delea": 1, "module": link, "genesis": link, "dataset": link}
    with pytest.raises(StoreError, match="files of at most 1073741824 bytes in all expected"):
        unpack(rooted(value, [inner, leaf]))


def test_files_that_are_too_long_are_not_packed(monkeypatch):
    monkeypatch.setattr("delea.store.bundle.MAX_BUNDLE_BYTES", 10)
    with pytest.raises(StoreError):
        pack(small())


def test_every_truncation_and_every_changed_byte_is_refused():
    data = pack(small())
    for at in range(len(data)):
        with pytest.raises(MalformedError):
            unpack(data[:at])
        changed = bytearray(data)
        changed[at] ^= 0x41
        with pytest.raises(ArtifactError):
            unpack(bytes(changed))


def test_a_file_on_disk_comes_back(tmp_path, artifact):
    path = tmp_path / "sine.delea"
    write(path, artifact)
    assert read_bundle(path) == artifact
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(DigestError):
        read_bundle(path)
    with pytest.raises(MissingError, match="no file at"):
        read_bundle(tmp_path / "other.delea")
