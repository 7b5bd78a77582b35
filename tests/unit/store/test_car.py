import pytest
from hypothesis import given
from hypothesis import strategies as st

from delea.artifact import encode
from delea.errors import ArtifactError, DigestError, MalformedError, StoreError
from delea.store import Block, Codec, cid_of, encode_car, read_car, write_car
from delea.store.cid import cid_bytes, to_link
from delea.store.varint import encode_varint, read_varint

# {"roots": [the raw block "x"], "version": 1}, then that block: written out by hand
ONE = bytes.fromhex(
    "3a"
    "a2" + "65" + b"roots".hex() + "81" + "d82a" + "5825" + "00" + "01551220"
    "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    "67" + b"version".hex() + "01"
    "25" + "01551220"
    "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" + b"x".hex()
)


def raw(data):
    return Block(cid_of(data, Codec.RAW), data)


def section(body):
    return encode_varint(len(body)) + body


def header(value):
    return section(encode(value))


def one_header(**fields):
    return header({"roots": [to_link(raw(b"x").cid)], "version": 1} | fields)


blocks = st.lists(
    st.builds(
        lambda data, codec: Block(cid_of(data, codec), data),
        st.binary(max_size=300),
        st.sampled_from(Codec),
    ),
    max_size=6,
    unique_by=lambda block: block.cid,
)


def test_a_car_is_written_as_the_format_says():
    assert encode_car([raw(b"x").cid], [raw(b"x")]) == ONE


@given(blocks, st.integers(1, 3))
def test_a_car_is_read_back(blocks, roots):
    names = [raw(bytes([n])).cid for n in range(roots)]
    car = read_car(encode_car(names, blocks))
    assert car.roots == tuple(names)
    assert car.blocks == tuple(blocks)


@given(blocks, st.data())
def test_a_car_cut_short_anywhere_is_malformed_or_holds_fewer_blocks(blocks, data):
    whole = encode_car([raw(b"x").cid], blocks)
    cut = data.draw(st.integers(0, len(whole) - 1))
    try:
        car = read_car(whole[:cut])
    except MalformedError:
        return
    assert car.blocks == tuple(blocks[: len(car.blocks)])
    assert len(car.blocks) < len(blocks)


@given(blocks, st.data())
def test_no_changed_byte_goes_unseen(blocks, data):
    whole = bytearray(encode_car([raw(b"x").cid], blocks))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    try:
        car = read_car(bytes(whole))
    except ArtifactError as refusal:
        assert "\n" not in str(refusal)  # noqa: PT017
        return
    assert encode_car(car.roots, car.blocks) == whole


@given(st.binary(max_size=400))
def test_any_bytes_are_a_car_or_refused(data):
    try:
        car = read_car(data)
    except ArtifactError:
        return
    assert encode_car(car.roots, car.blocks) == data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "a whole varint expected"),
        (b"\x00", "dag-cbor expected"),
        (b"\xba\x00" + ONE[1:], "the shortest varint expected"),
        (b"\xff" * 9, "a varint of at most 63 bits"),
        (b"\xff" * 8 + b"\x7f", "at most 1024 bytes expected"),
        (ONE[:-1], "37 bytes expected at byte 59, got 36"),
        (ONE + b"\x00", "a CIDv1 of SHA-256"),
        (ONE + ONE[59:], "twice"),
        (one_header(version=2), "CAR version 1 expected, got 2"),
        (one_header(version=True), "CAR version 1 expected, got True"),
        (one_header(version=1.0), "CAR version 1 expected, got 1.0"),
        (one_header(more=1), "a CAR header of roots and version"),
        (one_header(roots=[]), "1 to 16 roots expected in a CAR, got 0"),
        (one_header(roots=[to_link(raw(b"x").cid)] * 17), "1 to 16 roots expected"),
        (one_header(roots="x"), "a list of roots"),
        (one_header(roots=["x"]), "a link expected"),
        (header([]), "a CAR header of roots and version"),
        (section(b"\x81" * 1000), "dag-cbor expected"),
        (one_header() + encode_varint(36 + (2 << 20) + 1), "at most 2097188 bytes expected"),
    ],
)
def test_a_hostile_car_is_malformed(data, reason):
    with pytest.raises(MalformedError, match=reason) as refusal:
        read_car(data)
    assert "\n" not in str(refusal.value)


def test_an_altered_block_is_refused():
    with pytest.raises(DigestError, match="the block bafkrei"):
        read_car(ONE[:-1] + b"y")


def test_too_many_blocks_are_refused(monkeypatch):
    monkeypatch.setattr("delea.store.car.MAX_BLOCKS", 2)
    three = [raw(bytes([n])) for n in range(3)]
    with pytest.raises(MalformedError, match="at most 2 blocks expected"):
        encode_car([three[0].cid], three)
    body = encode_car([three[0].cid], three[:2])
    more = section(cid_bytes(three[2].cid) + three[2].data)
    with pytest.raises(MalformedError, match="at most 2 blocks expected"):
        read_car(body + more)


def test_what_could_not_be_read_back_is_not_written(tmp_path):
    path = tmp_path / "a.car"
    with pytest.raises(DigestError):
        write_car(path, [raw(b"x").cid], [Block(raw(b"x").cid, b"y")])
    with pytest.raises(MalformedError):
        write_car(path, [], [])
    with pytest.raises(MalformedError):
        write_car(path, [raw(b"x").cid], [raw(b"x"), raw(b"x")])
    assert list(tmp_path.iterdir()) == []


def test_a_car_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.car"
    write_car(path, [raw(b"x").cid], [raw(b"x")])
    assert path.read_bytes() == ONE
    assert [file.name for file in tmp_path.iterdir()] == ["a.car"]
    with pytest.raises(StoreError, match="cannot write"):
        write_car(path / "below", [raw(b"x").cid], [raw(b"x")])


@given(st.integers(0, (1 << 63) - 1))
def test_a_varint_is_read_back(value):
    data = encode_varint(value)
    assert read_varint(data + b"\xff", 0) == (value, len(data))
