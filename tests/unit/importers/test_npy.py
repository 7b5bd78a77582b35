""".npy and .npz are read without NumPy's reader: no object, no bomb."""
# ruff: noqa: E501 - tables of attacks, a line each

import io
import pickle
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest

from delea.errors import MalformedError
from delea.importers.npy import MAX_UNPACKED, read_npy, read_npz


def npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), **options)
    return file.getvalue()


def headed(header, body=b"", version=b"\x01\x00"):
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header + body


def npz(entries, method=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as out:
        for name, body in entries:
            out.writestr(name, body)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["<f4", ">f8", "<f2", "u1", "<i8", "?", "<u4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_of_numbers_is_read(kind, order):
    array = np.asarray([[1, 0, 3], [4, 5, 6]], kind, order=order)
    assert read_npy(npy(array)).tolist() == array.tolist()


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_is_read(version):
    assert read_npy(npy([1.5], version=version)).tolist() == [1.5]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_the_arrays_of_an_archive_are_read_by_name(save):
    file = io.BytesIO()
    save(file, x=np.zeros((3, 2)), y=np.arange(3))
    found = read_npz(file.getvalue())
    assert list(found) == ["x", "y"]
    assert found["y"].tolist() == [0, 1, 2]


PLAIN = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"
HOSTILE = {
    "empty": (b"", "a .npy file expected"),
    "another file": (b"\x89PNG" + bytes(99), "a .npy file expected"),
    "a pickle": (pickle.dumps([1]), "a .npy file expected"),
    "another version": (headed(PLAIN, bytes(8), b"\x04\x00"), "a .npy file expected"),
    "objects": (npy(np.array([None]), allow_pickle=True), "of real numbers expected"),
    "objects by name": (headed(PLAIN.replace(b"<f8", b"|O"), bytes(8)), "of real numbers"),
    "texts": (npy(["a"]), "of real numbers expected"),
    "complex numbers": (npy([1j]), "of real numbers expected"),
    "records": (npy(np.zeros(1, "f4,f4")), "a plain header expected"),
    "long numbers": (npy(np.zeros(1, np.longdouble)), "of real numbers expected"),
    "arrays in arrays": (headed(PLAIN.replace(b"<f8", b"(999999,)f4")), "of real numbers"),
    "a short body": (npy(np.zeros(4))[:-1], "32 bytes after its header"),
    "a long body": (npy(np.zeros(4)) + b"x", "32 bytes after its header"),
    "a shape that overflows": (headed(PLAIN.replace(b"(1,)", b"(4294967296, 4294967296)")), "bytes"),
    "a size of 2^63": (headed(PLAIN.replace(b"(1,)", b"(9223372036854775808,)")), "plain header"),
    "a negative size": (headed(PLAIN.replace(b"(1,)", b"(-1,)"), bytes(8)), "plain header"),
    "a size that is true": (headed(PLAIN.replace(b"(1,)", b"(True,)"), bytes(8)), "plain header"),
    "a list as a shape": (headed(PLAIN.replace(b"(1,)", b"[1]"), bytes(8)), "plain header"),
    "no shape": (headed(b"{'descr': '<f8', 'fortran_order': False}", bytes(8)), "plain header"),
    "a call": (headed(b"__import__('os').system('true')"), "plain header"),
    "a deep header": (headed(b"(" * 9_000), "plain header"),
    "a power": (headed(b"9**9**9"), "plain header"),
    "a long header": (headed(b" " * 20_000), "a header of at most 10000 bytes"),
    "a header of 4 GiB": (
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + PLAIN,
        "a header of at most 10000 bytes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_npy_is_refused(attack):
    data, why = HOSTILE[attack]
    with pytest.raises(MalformedError, match=why) as refused:
        read_npy(data)
    assert len(str(refused.value)) < 200


def test_an_array_of_objects_is_not_unpickled(trap):
    body = headed(PLAIN.replace(b"<f8", b"|O"), trap.pickled)
    with pytest.raises(MalformedError):
        read_npy(body)
    assert not trap.path.exists()


def bomb(size=1 << 27):
    """Return a .npz of zeros that deflate packs a thousand to one."""
    header = PLAIN.replace(b"(1,)", b"(%d,)" % (size // 8))
    return npz([("x.npy", headed(header, bytes(size)))], zipfile.ZIP_DEFLATED)


def longer():
    """Return an archive whose entry says one byte more than it holds."""
    data = bytearray(npz([("x.npy", npy([1.0]))], zipfile.ZIP_DEFLATED))
    at = data.rfind(b"PK\x01\x02") + 24
    data[at] += 1
    return bytes(data)


ARCHIVES = {
    "a picture": (lambda: b"\x89PNG" + bytes(99), "a zip archive expected, got other bytes"),
    "an entry that is too short": (longer, "137 bytes with their checksum"),
    "no archive": (lambda: b"PK\x03\x04" + bytes(50), "ends with its directory"),
    "truncated": (lambda: npz([("x.npy", npy([1.0]))])[:-1], "ends with its directory"),
    "another entry": (lambda: npz([("x.txt", b"1")]), "entries NAME.npy"),
    "a folder": (lambda: npz([("a/x.npy", npy([1.0]))]), "entries NAME.npy"),
    "a traversal": (lambda: npz([("../x.npy", npy([1.0]))]), "plain names"),
    "a nested archive": (lambda: npz([("x.npy", npz([("y.npy", npy([1.0]))]))]), "a .npy file"),
    "objects inside": (
        lambda: npz([("x.npy", npy(np.array([None]), allow_pickle=True))]),
        "of real numbers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ARCHIVES)
def test_a_hostile_archive_is_refused(attack):
    data, why = ARCHIVES[attack]
    with pytest.raises(MalformedError, match=why):
        read_npz(data())


def test_a_bomb_is_refused_before_it_is_unpacked():
    data = bomb()
    tracemalloc.start()
    with pytest.raises(MalformedError, match="at most 256 bytes for each packed one"):
        read_npz(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_a_bomb_that_lies_about_its_size_is_cut_off():
    data = bytearray(bomb())
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (1 << 16).to_bytes(4, "little")
    tracemalloc.start()
    with pytest.raises(MalformedError, match="65536 bytes with their checksum"):
        read_npz(bytes(data))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_more_than_is_allowed_in_all_is_refused():
    data = bytearray(npz([("x.npy", bytes(1 << 16))], zipfile.ZIP_DEFLATED))
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (MAX_UNPACKED + 1).to_bytes(4, "little")
    with pytest.raises(MalformedError, match=f"at most {MAX_UNPACKED} bytes expected"):
        read_npz(bytes(data))


def test_the_limit_is_that_of_all_arrays_together():
    data = npz([(f"{name}.npy", npy(np.zeros(1000))) for name in "abc"])
    assert len(read_npz(data, 3 * 8128)) == 3
    with pytest.raises(MalformedError, match=r"c\.npy: at most 4144 bytes expected, got 8128"):
        read_npz(data, 20_400)


def test_damaged_bytes_are_refused():
    packed = zlib.compress(npy(np.arange(64.0)))
    data = npz([("x.npy", npy(np.arange(64.0)))], zipfile.ZIP_DEFLATED)
    at = data.find(packed[2:20])
    spoilt = data[: at + 4] + b"\xff\xff" + data[at + 6 :]
    with pytest.raises(MalformedError, match=r"deflated bytes expected|with their checksum"):
        read_npz(spoilt)
