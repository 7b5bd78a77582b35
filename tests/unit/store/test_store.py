import os
import stat

import pytest

from delea.artifact import state_root
from delea.errors import DigestError, MalformedError, MissingError, StoreError
from delea.store import MAX_BLOCK_BYTES, Block, Codec, Store, cid_of

ABSENT = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"


def block_file(store, cid):
    return store.path / "blocks" / cid


@pytest.mark.parametrize("length", [0, 1, 1 << 20, (1 << 20) + 1, 3_000_000])
def test_a_file_comes_back_under_its_name(store, sample, length):
    data = sample(length)
    assert store.get(store.put(data)) == data


def test_a_small_file_is_one_block_under_its_own_name(store):
    cid = store.put(b"a module")
    assert cid == cid_of(b"a module", Codec.RAW)
    assert block_file(store, cid).read_bytes() == b"a module"


def test_a_store_is_not_made_by_looking_into_it(store):
    with pytest.raises(MissingError):
        store.get(ABSENT)
    assert store.find_state(bytes(32)) is None
    assert not store.path.exists()


def test_a_missing_block_is_named_in_one_line(store):
    with pytest.raises(MissingError) as refusal:
        store.get(ABSENT)
    assert str(refusal.value) == f"no block {ABSENT} in the store {store.path}"


def test_an_altered_block_is_refused_on_the_way_out(store):
    cid = store.put(b"a module")
    block_file(store, cid).write_bytes(b"a modul3")
    with pytest.raises(DigestError, match=f"the block {cid} expected, got bytes of baf"):
        store.get(cid)


def test_a_truncated_block_of_a_long_file_is_refused(store, sample):
    cid = store.put(sample(2_500_000))
    leaf = cid_of(sample(2_500_000)[: 1 << 20], Codec.RAW)
    path = block_file(store, leaf)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DigestError):
        store.get(cid)


def test_a_long_file_that_lacks_a_block_is_missing(store, sample):
    cid = store.put(sample(2_500_000))
    block_file(store, cid_of(sample(2_500_000)[: 1 << 20], Codec.RAW)).unlink()
    with pytest.raises(MissingError):
        store.get(cid)


def test_putting_again_mends_an_altered_block(store):
    cid = store.put(b"a module")
    block_file(store, cid).write_bytes(b"")
    store.put(b"a module")
    assert store.get(cid) == b"a module"


def test_putting_again_writes_nothing(store):
    cid = store.put(b"a module")
    before = block_file(store, cid).stat()
    store.put(b"a module")
    after = block_file(store, cid).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_block_under_a_wrong_name_is_refused_on_the_way_in(store):
    with pytest.raises(DigestError):
        store.put_block(Block(ABSENT, b"something"))
    assert not store.path.exists()


def test_a_block_that_travels_nowhere_is_refused(store):
    data = bytes(MAX_BLOCK_BYTES + 1)
    with pytest.raises(StoreError, match="a block of at most 2097152 bytes expected, got 2097153"):
        store.put_block(Block(cid_of(data, Codec.RAW), data))


@pytest.mark.parametrize(
    "name", ["../secret", "../missing", "/etc/passwd", "", ".", "a\0b", "b" + "/" * 58]
)
def test_a_name_never_leads_out_of_the_store(store, name):
    store.put(b"something")
    (store.path / "secret").write_bytes(b"secret")
    with pytest.raises(MalformedError):
        store.get(name)
    with pytest.raises(MalformedError):
        store.get_block(name)
    with pytest.raises(MalformedError):
        store.put_block(Block(name, b"secret"))


def test_a_digest_of_another_length_never_names_a_file(store):
    for name in (b"", b"short", b"../" * 11):
        with pytest.raises(MalformedError, match="a digest of 32 bytes expected"):
            store.get_state(name)


def test_a_file_is_found_by_its_sha_256(store, sample):
    digest = store.put_file(sample(1000))
    assert digest.hex() == "4e4c294b331f7a2099a379bec34b9f9fc03dc46ab465d998f4d683da53487e6d"
    assert store.get_file(digest) == sample(1000)
    assert store.find_file(digest) == store.put(sample(1000))


def test_a_file_under_another_digest_is_refused(store):
    wanted, other = store.put_file(b"wanted"), store.put_file(b"other")
    (store.path / "files" / wanted.hex()).write_text(store.find_file(other))
    with pytest.raises(DigestError, match=f"a file with SHA-256 {wanted.hex()} expected"):
        store.get_file(wanted)


def test_a_state_is_found_by_its_root(store, sample):
    state = sample(5000)
    cid = store.put_state(state_root(state), state)
    assert store.get_state(state_root(state)) == state
    assert store.find_state(state_root(state)) == cid


def test_a_state_with_another_root_is_refused_and_not_kept(store, sample):
    root = state_root(sample(5000))
    with pytest.raises(DigestError, match=f"a state with root {root.hex()} expected"):
        store.put_state(root, sample(5001))
    assert not store.path.exists()


def test_a_state_bound_to_a_wrong_root_is_refused_on_the_way_out(store, sample):
    root, other = state_root(sample(5000)), state_root(sample(6000))
    store.put_state(root, sample(5000))
    store.put_state(other, sample(6000))
    (store.path / "states" / root.hex()).write_text(store.find_state(other))
    with pytest.raises(DigestError):
        store.get_state(root)


def test_a_state_already_here_is_bound_only_to_its_own_root(store, sample):
    cid = store.put(sample(5000))
    with pytest.raises(DigestError):
        store.bind_state(state_root(b"another"), cid)
    assert store.find_state(state_root(b"another")) is None
    store.bind_state(state_root(sample(5000)), cid)
    assert store.get_state(state_root(sample(5000))) == sample(5000)


def test_putting_a_state_again_mends_its_binding(store, sample):
    root = state_root(sample(5000))
    cid = store.put_state(root, sample(5000))
    (store.path / "states" / root.hex()).write_text("nonsense")
    with pytest.raises(MalformedError):
        store.get_state(root)
    assert store.put_state(root, sample(5000)) == cid
    assert store.find_state(root) == cid


def test_a_file_longer_than_the_caller_allows_is_refused(store, sample):
    for length in (100, 2_500_000):
        cid = store.put(sample(length))
        assert len(store.get(cid, max_bytes=length)) == length
        with pytest.raises(StoreError, match=f"a file of at most {length - 1} bytes expected"):
            store.get(cid, max_bytes=length - 1)


def test_a_pipe_or_a_folder_in_place_of_a_block_is_refused_without_waiting(store):
    cid = store.put(b"a module")
    block_file(store, cid).unlink()
    os.mkfifo(block_file(store, cid))
    with pytest.raises(StoreError, match="a plain file expected"):
        store.get(cid)
    block_file(store, cid).unlink()
    block_file(store, cid).mkdir()
    with pytest.raises(StoreError):
        store.get(cid)


def test_a_huge_file_in_place_of_a_block_is_not_read_whole(store):
    cid = store.put(b"a module")
    with block_file(store, cid).open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(StoreError, match="at most 2097152 bytes expected"):
        store.get(cid)


def test_a_store_that_cannot_be_written_says_so_in_one_line(tmp_path):
    (tmp_path / "store").write_text("a file in the way")
    with pytest.raises(StoreError, match=r"cannot write .*: (Not a directory|File exists)$"):
        Store(tmp_path / "store").put(b"data")


def test_a_full_disk_leaves_nothing_behind(store, monkeypatch):
    store.put(b"there before")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"cannot write .*: No space left on device$"):
        store.put(b"too much")
    assert [path.name for path in (store.path / "blocks").iterdir()] == [
        cid_of(b"there before", Codec.RAW)
    ]


def test_bytes_reach_the_disk_before_their_name_and_the_name_before_the_return(store, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace

    def spy_fsync(handle):
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "bytes"
        done.append(f"sync {kind}")
        fsync(handle)

    def spy_replace(*paths):
        done.append("rename")
        replace(*paths)

    monkeypatch.setattr(os, "fsync", spy_fsync)
    monkeypatch.setattr(os, "replace", spy_replace)
    store.put(b"data")
    assert done == ["sync bytes", "rename", "sync folder"]


def test_the_root_of_a_long_file_is_written_last(store, sample, monkeypatch):
    names = []
    replace = os.replace
    monkeypatch.setattr(
        os, "replace", lambda old, new: (names.append(new.name), replace(old, new))[1]
    )
    cid = store.put(sample(2_500_000))
    assert len(names) == 4
    assert names[-1] == cid
