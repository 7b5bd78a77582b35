"""PyTorch's checkpoints are read without running anything, and foreign ones refused."""
# ruff: noqa: ARG005, E501 - tables of attacks, a line each

import pickle
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from delea.errors import MalformedError
from delea.importers.archive import MAX_ENTRIES
from delea.importers.checkpoint import read_checkpoint
from delea.importers.pickled import MAX_OPCODES, MAX_PICKLE_BYTES, read_pickle


def test_a_tensor_is_read_by_its_name(make):
    found = read_checkpoint(make.checkpoint())
    assert found["weight"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_transposed_part_of_a_storage_is_read(make):
    part = make.tensor((2, 2), (1, 2), offset=1)
    found = read_checkpoint(make.checkpoint(make.state_dict(weight=part)))
    assert found["weight"].tolist() == [[1, 3], [2, 4]]


def test_tensors_may_share_a_storage(make):
    found = read_checkpoint(make.checkpoint(make.state_dict(a=make.tensor(), b=make.tensor())))
    assert found["a"].tolist() == found["b"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_scalar_and_other_element_types_are_read(make):
    brain = make.storage(2, kind="torch.BFloat16Storage", key="1")
    count = make.storage(1, kind="torch.LongStorage", key="2")
    pickled = make.state_dict(
        a=make.tensor((2,), (1,), stored=brain), n=make.tensor((), (), stored=count)
    )
    parts = (("m/data/1", b"\x80\x3f\x00\xc0"), ("m/data/2", struct.pack("<q", 7)))
    found = read_checkpoint(make.checkpoint(pickled, *parts))
    assert found["a"].dtype == np.float32
    assert found["a"].tolist() == [1.0, -2.0]
    assert found["n"].tolist() == 7


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict", "model"])
def test_a_state_dict_beside_other_things_is_found(make, key):
    inner = make.state_dict(weight=make.tensor())[2:-1]
    parts = make.text(key) + inner + make.text("epoch") + make.number(3)
    found = read_checkpoint(make.checkpoint(b"\x80\x02}(" + parts + b"u."))
    assert list(found) == ["weight"]


def test_nothing_in_a_pickle_is_run(make, trap):
    pickle.loads(trap.pickled)
    assert trap.path.exists()  # it would be
    trap.path.unlink()
    with pytest.raises(MalformedError, match="the file names "):
        read_checkpoint(make.checkpoint(trap.pickled))
    assert not trap.path.exists()


@pytest.mark.parametrize("protocol", range(6))
def test_a_payload_of_any_protocol_is_refused(make, trap, protocol):
    with pytest.raises(MalformedError):
        read_checkpoint(make.checkpoint(pickle.dumps(trap.path.touch, protocol)))


PICKLES = {
    "os.system": (lambda m: m.name_class("os.system") + m.many(m.text("true")) + b"R.", "os.system"),
    "by STACK_GLOBAL": (lambda m: m.text("builtins") + m.text("eval") + b"\x93.", "builtins.eval"),
    "a dotted way out": (lambda m: m.name_class("torch.storage.os.system") + b".", "the file names"),
    "a whole module": (lambda m: m.name_class("torch.nn.modules.linear.Linear") + b".", "Linear"),
    "an instance": (lambda m: b"(ios\nsystem\n.", "opcode INST"),
    "an object": (lambda m: b"(cos\nsystem\no.", "the file names os.system"),
    "NEWOBJ": (lambda m: m.name_class("collections.OrderedDict") + b")\x81.", "opcode NEWOBJ"),
    "an extension": (lambda m: b"\x82\x01.", "damaged|EXT1"),
    "a call of a tensor": (lambda m: m.tensor() + b")R.", "another call"),
    "a call with other arguments": (
        lambda m: m.name_class("torch._utils._rebuild_tensor_v2") + b")R.",
        "another call",
    ),
    "a storage class called": (lambda m: m.name_class("torch.FloatStorage") + b")R.", "another call"),
    "attributes": (lambda m: m.tensor() + b"}b.", "an object's attributes"),
    "another persistent id": (lambda m: m.text("x") + b"Q.", "a storage of PyTorch's"),
    "a list as a key": (lambda m: b"}]Ns.", "texts or numbers as keys"),
    "an item of a text": (lambda m: m.text("x") + m.text("k") + b"Ns.", "a dict in a pickle"),
    "an element of a dict": (lambda m: b"}Na.", "a list in a pickle"),
    "a tuple as a dict": (lambda m: b")" + m.text("k") + b"Ns.", "a dict in a pickle"),
    "an empty stack": (lambda m: b".", "damaged"),
    "no end": (lambda m: b"}", "damaged"),
    "no mark": (lambda m: b"t.", "damaged"),
    "below a mark": (lambda m: b"}}(R.", "damaged"),
    "an unknown memo": (lambda m: b"h\x05.", "damaged"),
    "a number of 2 GB": (lambda m: b"\x8b\xff\xff\xff\x7f.", "damaged"),
    "a text of 4 GB": (lambda m: b"X\xff\xff\xff\xff.", "damaged"),
    "a text of 2^63": (lambda m: b"\x8d" + b"\xff" * 8 + b".", "damaged"),
    "an opcode that drops": (lambda m: b"}0.", "opcode POP"),
    "too many opcodes": (lambda m: b"]" + b"Na" * (MAX_OPCODES // 2) + b".", "opcodes expected"),
    "a tall stack": (lambda m: b"}" * 70_000 + b".", "opcodes expected"),
    "10,000 deep": (lambda m: b"]" + b"]" * 10_000 + b"a" * 10_000 + b".", "a state dict"),
    "a list that holds itself": (lambda m: b"]q\x00h\x00a.", "a state dict expected"),
    "a dict that holds itself": (lambda m: b"}q\x00" + m.text("k") + b"h\x00s.", "got dict as 'k'"),
    "no dict": (lambda m: m.tensor() + b".", "got View"),
    "an empty dict": (lambda m: b"}.", "a dict of 0"),
    "a number in place of a tensor": (lambda m: b"}" + m.text("k") + b"K\x01s.", "got int as 'k'"),
    "a path as a name": (lambda m: b"}" + m.text("../x") + m.tensor() + b"s.", "without a path"),
    "a number as a name": (lambda m: b"}K\x01" + m.tensor() + b"s.", "a tensor's name"),
}  # fmt: skip


@pytest.mark.parametrize("attack", PICKLES)
def test_a_hostile_pickle_is_refused(make, attack):
    pickled, why = PICKLES[attack]
    with pytest.raises(MalformedError, match=why) as refused:
        read_checkpoint(make.checkpoint(b"\x80\x02" + pickled(make)))
    assert len(str(refused.value)) < 220


def test_a_long_pickle_is_refused_unread():
    with pytest.raises(MalformedError, match="a pickle of at most 1048576 bytes"):
        read_pickle(b"}" * (MAX_PICKLE_BYTES + 1))


TENSORS = {
    "beyond its storage": (lambda m: m.tensor((7,), (1,)), "within a storage of 6"),
    "a step beyond": (lambda m: m.tensor((2, 2), (5, 1)), "within a storage of 6"),
    "an offset beyond": (lambda m: m.tensor((1,), (1,), offset=6), "within a storage of 6"),
    "a negative offset": (lambda m: m.tensor((1,), (1,), offset=-1), "at least 0"),
    "a negative step": (lambda m: m.tensor((2,), (-1,), offset=5), "at least 0"),
    "repeated": (lambda m: m.tensor((4, 6), (0, 1)), "within a storage of 6"),
    "repeated without end": (lambda m: m.tensor((1 << 39,), (0,)), "within|tensors"),
    "a size that overflows": (lambda m: m.tensor((1 << 62, 1 << 62), (0, 0)), "sizes of at least"),
    "a size of 0": (lambda m: m.tensor((0,), (1,)), "sizes of at least 1"),
    "a negative size": (lambda m: m.tensor((-1,), (1,)), "sizes of at least 1"),
    "steps for other axes": (lambda m: m.tensor((2, 3), (3,)), "a step per axis"),
    "17 axes": (lambda m: m.tensor((1,) * 17, (1,) * 17), "at most 16 sizes"),
    "a size that is a text": (
        lambda m: m.name_class("torch._utils._rebuild_tensor_v2")
        + m.many(m.storage(), m.number(0), m.many(m.text("2")), m.many(m.number(1)))
        + b"R",
        "whole numbers",
    ),
    "a storage that is not there": (lambda m: m.tensor(stored=m.storage(key="9")), "got none"),
    "a storage that is a path": (lambda m: m.tensor(stored=m.storage(key="../0")), "got none"),
    "a storage of another size": (lambda m: m.tensor(stored=m.storage(1 << 40)), "elements of 4"),
    "a negative storage": (lambda m: m.tensor(stored=m.storage(-6)), "-6 elements"),
    "a class that is no storage": (
        lambda m: m.tensor(stored=m.storage(kind="collections.OrderedDict")),
        "a storage of PyTorch's",
    ),
    "an unknown storage": (
        lambda m: m.tensor(stored=m.storage(kind="torch.QInt8Storage")),
        "the file names torch.QInt8Storage",
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", TENSORS)
def test_a_tensor_that_its_storage_does_not_hold_is_refused(make, attack):
    tensor, why = TENSORS[attack]
    with pytest.raises(MalformedError, match=why):
        read_checkpoint(make.checkpoint(make.state_dict(weight=tensor(make))))


def test_a_step_that_overflows_on_an_axis_of_one_is_harmless(make):
    lone = make.tensor((1, 2), (1 << 200, 1))
    found = read_checkpoint(make.checkpoint(make.state_dict(weight=lone)))
    assert found["weight"].tolist() == [[0, 1]]


def test_a_nan_is_refused(make):
    with pytest.raises(MalformedError, match=r"^weight: finite numbers expected"):
        read_checkpoint(make.checkpoint(numbers=struct.pack("<6f", 0, 1, 2, 3, 4, float("nan"))))


def test_tensors_that_share_a_storage_too_often_are_refused(make):
    numbers = bytes(4096)
    whole = make.tensor((1024,), (1,), stored=make.storage(1024))
    shared = make.state_dict(**{f"w{i}": whole for i in range(900)})
    tracemalloc.start()
    with pytest.raises(MalformedError, match=r"within the file's \d+ bytes expected"):
        read_checkpoint(make.checkpoint(shared, numbers=numbers))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def entries(make):
    return [("m/data.pkl", make.state_dict(weight=make.tensor())), ("m/data/0", bytes(24))]


ARCHIVES = {
    "empty": (lambda m: b"", "got other bytes"),
    "a picture": (lambda m: b"\x89PNG\r\n\x1a\n" + bytes(99), "got other bytes"),
    "a bare pickle": (lambda m: m.state_dict(weight=m.tensor()), "got other bytes"),
    "the format before 1.6": (
        lambda m: b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.",
        "PyTorch 1.6 or newer",
    ),
    "truncated": (lambda m: m.checkpoint()[:-40], "ends with its directory"),
    "the start alone": (lambda m: m.checkpoint()[:64], "ends with its directory"),
    "bytes behind": (lambda m: m.checkpoint() + b"x", "ends with its directory"),
    "a traversal": (lambda m: m.checkpoint(None, ("m/../../x", b"1")), "plain names"),
    "an absolute name": (lambda m: m.checkpoint(None, ("/x", b"1")), "plain names"),
    "a name with a backslash": (lambda m: m.archive([("m\\data.pkl", b"1")]), "plain names"),
    "another folder": (lambda m: m.checkpoint(None, ("n/data/1", b"1")), "in one folder"),
    "a nested zip": (lambda m: m.checkpoint(None, ("m/more.zip", m.checkpoint())), "more.zip"),
    "a script": (lambda m: m.checkpoint(None, ("m/code/__init__.py", b"1")), "code/__init__.py"),
    "TorchScript": (lambda m: m.checkpoint(None, ("m/constants.pkl", b"1")), "TorchScript"),
    "no pickle": (lambda m: m.archive([("m/data/0", b"1")]), "data.pkl"),
    "deflated": (lambda m: m.archive(entries(m), method=zipfile.ZIP_DEFLATED), "not deflated"),
    "another packing": (lambda m: m.archive(entries(m), method=zipfile.ZIP_LZMA), "stored or defl"),
    "big-endian": (lambda m: m.checkpoint(None, ("m/byteorder", b"big")), "little-endian"),
    "too long a pickle": (lambda m: m.checkpoint(b"}" * (MAX_PICKLE_BYTES + 1)), "at most 1048576"),
    "too many entries": (
        lambda m: m.archive([(f"m/data/{i}", b"") for i in range(MAX_ENTRIES + 1)]),
        "a zip directory of at most",
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ARCHIVES)
def test_a_hostile_archive_is_refused(make, attack):
    data, why = ARCHIVES[attack]
    with pytest.raises(MalformedError, match=why):
        read_checkpoint(data(make))


def damaged(data, *changes):
    """Return an archive written over: (what to look for, the last one?, offset, new bytes)."""
    out = bytearray(data)
    for magic, last, offset, new in changes:
        at = (out.rfind(magic) if last else out.find(magic)) + offset
        out[at : at + len(new)] = new
    return bytes(out)


CENTRAL, LOCAL = b"PK\x01\x02", b"PK\x03\x04"
DAMAGES = {
    "an entry over another": (CENTRAL, True, 42, bytes(4), "of the same name"),
    "a size beyond the file": (CENTRAL, False, 20, b"\xff\xff\xff\x7f" * 2, "the archive ends"),
    "another size": (CENTRAL, False, 24, b"\x01\0\0\0", "a stored entry"),
    "another checksum": (CENTRAL, False, 16, b"\x01\x02\x03\x04", "with their checksum"),
    "encrypted": (CENTRAL, False, 8, b"\x01\0", "not encrypted"),
    "another name in its own header": (LOCAL, False, 30, b"x", "of the same name"),
    "a header beyond the file": (CENTRAL, False, 42, b"\xff\xff\xff\xff", "inside the archive"),
    "a directory of other things": (CENTRAL, False, 0, b"XXXX", "whole entries"),
    "a directory of more entries": (b"PK\x05\x06", True, 8, b"\x09\0\x09\0", "whole entries"),
    "a directory beyond the file": (b"PK\x05\x06", True, 16, b"\xff\xff\xff\x7f", "at most"),
    "a second disk": (b"PK\x05\x06", True, 4, b"\x01\0", "ends with its directory"),
}


@pytest.mark.parametrize("attack", DAMAGES)
def test_a_directory_that_lies_is_refused(make, attack):
    magic, last, offset, new, why = DAMAGES[attack]
    with pytest.raises(MalformedError, match=why):
        read_checkpoint(damaged(make.checkpoint(), (magic, last, offset, new)))


def test_two_entries_of_one_name_are_refused(make):
    file = make.checkpoint(None, ("m/data/1", bytes(24)))
    with pytest.raises(MalformedError, match="m/data/0 comes twice"):
        read_checkpoint(file.replace(b"m/data/1", b"m/data/0"))


def test_overlapping_entries_are_refused(make):
    header = struct.pack("<4s5H3I2H", LOCAL, 20, 0, 0, 0, 0, 0, 24, 24, 8, 0) + b"m/data/1"
    file = make.checkpoint(None, ("m/data/1", bytes(24)), numbers=header + bytes(24))
    moved = (b"m/data/1", True, -4, file.find(header).to_bytes(4, "little"))
    with pytest.raises(MalformedError, match="apart from each other"):
        read_checkpoint(damaged(file, moved))
