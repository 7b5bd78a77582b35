import pytest
from hypothesis import given
from hypothesis import strategies as st

from delea.errors import MalformedError, StoreError
from delea.store.cid import Codec, cid_of
from delea.store.dagpb import Part, decode_node, encode_node
from delea.store.unixfs import Shape, file_blocks, file_cid, read_file, walk_file

TREE = Shape(leaf_bytes=16, max_links=4)


def blocks_of(data, shape=TREE):
    return {block.cid: block.data for block in file_blocks(data, shape=shape)}


def test_names_equal_those_of_ipfs(vectors, sample):
    found = {case["length"]: file_cid(sample(case["length"])) for case in vectors["profile"]}
    assert found == {case["length"]: case["cid"] for case in vectors["profile"]}


def test_names_of_tall_trees_equal_those_of_ipfs(vectors, sample):
    found = {c["length"]: file_cid(sample(c["length"]), shape=TREE) for c in vectors["tree"]}
    assert found == {case["length"]: case["cid"] for case in vectors["tree"]}


@given(st.binary(max_size=1500))
def test_a_file_is_read_back_from_its_blocks(data):
    blocks = blocks_of(data)
    assert read_file(file_cid(data, shape=TREE), blocks.__getitem__, shape=TREE) == data


def test_a_walk_meets_a_node_before_its_parts(sample):
    data = sample(100)
    root = file_cid(data, shape=TREE)
    walked = [block.cid for block in walk_file(root, blocks_of(data).__getitem__, shape=TREE)]
    assert walked[0] == root
    assert len(walked) == 10  # 7 leaves, 2 nodes, the root


def forge(parts):
    """A root over parts, and what it links to; its own sizes are as given."""
    node = encode_node(tuple(parts))
    return cid_of(node, Codec.DAG_PB), node


def leaf(data):
    return cid_of(data, Codec.RAW)


def read(root, blocks, max_bytes=1 << 20):
    return read_file(root, blocks.__getitem__, shape=TREE, max_bytes=max_bytes)


def test_another_cut_of_the_same_bytes_is_refused():
    left, right = b"a" * 15, b"b" * 16
    root, node = forge([Part(leaf(left), 15, 15), Part(leaf(right), 16, 16)])
    with pytest.raises(MalformedError, match="parts of the profile's length"):
        read(root, {root: node, leaf(left): left, leaf(right): right})


def test_a_short_file_under_a_node_is_refused():
    data = b"a" * 16
    root, node = forge([Part(leaf(data), 16, 16)])
    with pytest.raises(MalformedError, match="a raw leaf"):
        read(root, {root: node, leaf(data): data})


def test_a_raw_root_longer_than_a_leaf_is_refused():
    data = b"a" * 17
    with pytest.raises(MalformedError, match="a dag-pb node"):
        read(leaf(data), {leaf(data): data})


def test_a_node_that_lies_about_a_leaf_is_refused():
    left, right = b"a" * 16, b"b" * 5
    root, node = forge([Part(leaf(left), 16, 16), Part(leaf(right), 6, 6)])
    with pytest.raises(MalformedError, match="the leaf length"):
        read(root, {root: node, leaf(left): left, leaf(right): right})


def test_a_node_that_lies_about_a_tree_size_is_refused():
    left, right = b"a" * 16, b"b" * 5
    root, node = forge([Part(leaf(left), 16, 16), Part(leaf(right), 5, 6)])
    with pytest.raises(MalformedError, match="the leaf size"):
        read(root, {root: node, leaf(left): left, leaf(right): right})


def test_an_inner_node_that_lies_about_a_tree_size_is_refused():
    data = b"a" * 80
    blocks = blocks_of(data)
    parts = decode_node(blocks[file_cid(data, shape=TREE)], max_links=4)
    root, node = forge([Part(parts[0].cid, 64, parts[0].dag_bytes + 1), parts[1]])
    with pytest.raises(MalformedError, match="the tree size"):
        read(root, blocks | {root: node})


def test_an_inner_node_that_holds_less_than_its_parent_says_is_refused():
    data = b"a" * 16
    short, node = forge([Part(leaf(data), 16, 16)] * 3)
    last, last_node = forge([Part(leaf(data), 16, 16)])
    root, top = forge([Part(short, 64, 48 + len(node)), Part(last, 16, 16 + len(last_node))])
    with pytest.raises(MalformedError, match="parts that fill the file"):
        read(root, {root: top, short: node, last: last_node, leaf(data): data})


def test_parts_of_no_bytes_are_refused():
    root, node = forge([Part(leaf(b""), 0, 0)] * 4)
    with pytest.raises(MalformedError):
        read(root, {root: node, leaf(b""): b""})


def test_a_few_blocks_that_unfold_to_a_long_file_are_refused_before_they_do():
    data = b"a" * 16
    part, blocks = Part(leaf(data), 16, 16), {leaf(data): data}
    for _ in range(12):
        root, node = forge([part] * 4)
        blocks[root] = node
        part = Part(root, 4 * part.file_bytes, 4 * part.dag_bytes + len(node))
    fetched = []
    with pytest.raises(StoreError, match="a file of at most 1048576 bytes expected, got 268435456"):
        read_file(
            part.cid,
            lambda cid: (fetched.append(cid), blocks[cid])[1],
            shape=TREE,
            max_bytes=1 << 20,
        )
    assert len(fetched) == 1


def test_too_many_links_are_refused():
    data = b"a" * 16
    root, node = forge([Part(leaf(data), 16, 16)] * 5)
    with pytest.raises(MalformedError):
        read(root, {root: node, leaf(data): data})


@given(st.data())
def test_a_node_with_any_byte_changed_is_refused_or_reads_as_other_parts(data):
    parts = tuple(Part(leaf(bytes([n])), n + 1, n + 9) for n in range(3))
    node = bytearray(encode_node(parts))
    at = data.draw(st.integers(0, len(node) - 1))
    node[at] ^= data.draw(st.integers(1, 255))
    try:
        found = decode_node(bytes(node), max_links=4)
    except MalformedError:
        return
    assert encode_node(found) == node
    assert found != parts


@given(st.binary(max_size=200))
def test_any_bytes_are_a_node_or_malformed(data):
    try:
        parts = decode_node(data, max_links=4)
    except MalformedError:
        return
    assert encode_node(parts) == data
