"""Checkpoints, zip archives and pickles put together by hand: what is right and what is not."""

import io
import pickle
import struct
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest


def text(value):
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def number(value):
    raw = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def many(*parts):
    return b"(" + b"".join(parts) + b"t"


def name_class(name):
    module, _, last = name.rpartition(".")
    return f"c{module}\n{last}\n".encode()


def storage(size=6, *, kind="torch.FloatStorage", key="0"):
    parts = (text("storage"), name_class(kind), text(key), text("cpu"), number(size))
    return many(*parts) + b"Q"


def tensor(shape=(2, 3), steps=(3, 1), *, offset=0, stored=None):
    sizes = (many(*map(number, sizes)) for sizes in (shape, steps))
    arguments = (stored or storage(), number(offset), *sizes, b"\x89", b"N")
    return name_class("torch._utils._rebuild_tensor_v2") + many(*arguments) + b"R"


def state_dict(**tensors):
    items = b"".join(text(name) + value for name, value in tensors.items())
    return b"\x80\x02}(" + items + b"u."


def archive(entries, *, method=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as out:
        for name, body in entries:
            out.writestr(name, body)
    return file.getvalue()


NUMBERS = struct.pack("<6f", 0, 1, 2, 3, 4, 5)


def checkpoint(pickled=None, *more, numbers=NUMBERS):
    pickled = state_dict(weight=tensor()) if pickled is None else pickled
    entries = [("m/data.pkl", pickled), ("m/data/0", numbers), ("m/version", b"3\n"), *more]
    return archive(entries)


class Payload:
    """What a careless reader would run: it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture
def trap(tmp_path):
    """Return a pickle that, when it is run, makes a file, and that file's path."""
    path = tmp_path / "was-run"
    return SimpleNamespace(path=path, pickled=pickle.dumps({"weight": Payload(path)}, 2))


@pytest.fixture
def make():
    """Return the makers of files, as one value."""
    return SimpleNamespace(
        archive=archive,
        checkpoint=checkpoint,
        many=many,
        name_class=name_class,
        number=number,
        state_dict=state_dict,
        storage=storage,
        tensor=tensor,
        text=text,
    )
