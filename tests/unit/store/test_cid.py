import pytest

from delea.errors import DigestError, MalformedError
from delea.store.cid import (
    Codec,
    check_block,
    cid_bytes,
    cid_from_bytes,
    cid_of,
    from_link,
    split_cid,
    to_link,
)

EMPTY = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"


def test_the_name_of_no_bytes_is_the_one_every_ipfs_tool_gives():
    assert cid_of(b"", Codec.RAW) == EMPTY


def test_a_name_says_its_codec_and_digest():
    codec, digest = split_cid(cid_of(b"a node", Codec.DAG_CBOR))
    assert codec is Codec.DAG_CBOR
    assert digest.hex() == "068486d0a3fc0fb1512d31e61af02d8224693399ed2405c21a3d3106a67025fd"


def test_a_name_survives_its_binary_form_and_its_link():
    assert cid_from_bytes(cid_bytes(EMPTY)) == EMPTY
    assert from_link(to_link(EMPTY)) == EMPTY


@pytest.mark.parametrize(
    "name",
    [
        "",
        "b",
        EMPTY.upper(),
        EMPTY[:-1],
        EMPTY + "a",
        EMPTY[:-1] + "v",  # the same bits but for the padding: a second spelling
        "z" + EMPTY[1:],
        "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH",
        "../../../../../../etc/passwd",
        "b/" + EMPTY[2:],
        "b\0" + EMPTY[2:],
        "\uff42" + EMPTY[1:],
        "bafkqabtimvwgy3yk" + "a" * 42,
        "bagaaiera" + "a" * 50,
    ],
)
def test_what_is_not_a_name_of_ours_is_refused(name):
    with pytest.raises(MalformedError) as refusal:
        cid_bytes(name)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_another_version_codec_hash_or_length_is_refused(at):
    raw = bytearray(cid_bytes(EMPTY))
    raw[at] ^= 2
    with pytest.raises(MalformedError):
        cid_from_bytes(bytes(raw))


def test_a_link_of_another_kind_is_refused():
    with pytest.raises(MalformedError, match="a link expected, got str"):
        from_link("not a link")


def test_bytes_under_another_name_are_refused():
    with pytest.raises(DigestError, match=f"the block {EMPTY} expected"):
        check_block(EMPTY, b"something")


def test_the_codec_is_part_of_the_name():
    with pytest.raises(DigestError):
        check_block(cid_of(b"x", Codec.RAW), b"y")
    assert cid_of(b"x", Codec.RAW) != cid_of(b"x", Codec.DAG_CBOR)
