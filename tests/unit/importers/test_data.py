"""Rows, rules, tables, texts, images and descriptions."""
# ruff: noqa: E501 - tables of cases, a line each

import io
import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from delea.artifact import encode_dataset
from delea.errors import DatasetError, MalformedError, UsageError
from delea.importers.data import (
    Rows,
    describe,
    make_dataset,
    parse_description,
    parse_rule,
    read_data,
)
from delea.importers.data.images import read_images
from delea.importers.data.tables import pick, read_csv
from delea.importers.data.text import read_text


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("i % 5 == 0", [0, 5]),
        ("i%3==2", [2, 5, 8]),
        ("last 20%", [8, 9]),
        ("last 3", [7, 8, 9]),
        ("first 10%", [0]),
        (" first 2 ", [0, 1]),
        ("last 5%", []),
        ("none", []),
        ("last 99", [*range(10)]),
    ],
)
def test_a_rule_chooses_rows(text, rows):
    assert np.flatnonzero(parse_rule(text).mask(10)).tolist() == rows


@pytest.mark.parametrize(
    "text", ["", "i % 0 == 0", "i % 5 == 5", "last", "last 100%", "last -1", "every 5", "i % 5 == 0; x",
             "last 1e9", "last ٣", "first 99999999999"],
)  # fmt: skip
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(UsageError, match="a rule such as"):
        parse_rule(text)


ALL, NONE = parse_rule("last 999"), parse_rule("none")


def test_a_part_of_many_rows_is_rounded_down():
    assert parse_rule("last 50%").mask(201).sum() == 100


def test_rows_are_split():
    rows = Rows(np.arange(10.0).reshape(10, 1), np.arange(10))
    dataset = make_dataset(rows, parse_rule("i % 5 == 0"))
    assert dataset.targets.tolist() == [1, 2, 3, 4, 6, 7, 8, 9]
    assert dataset.test_targets.tolist() == [0, 5]
    assert dataset.test_inputs.tolist() == [[0.0], [5.0]]


def test_rows_that_came_apart_stay_apart():
    rows = Rows(np.ones((2, 1)), np.ones(2), test=(np.zeros((1, 1)), np.zeros(1)))
    dataset = make_dataset(rows, ALL)
    assert (len(dataset.inputs), len(dataset.test_inputs)) == (2, 1)


X = np.ones((3, 2))
BAD_ROWS = {
    "a target too few": (Rows(X, np.ones(2)), NONE, {}, r"a target per row .* got \(2,\) and"),
    "no axis": (Rows(np.float32(1), np.ones(2)), NONE, {}, "a target per row"),
    "no train row": (Rows(X, np.ones(3)), ALL, {}, "at least one train row"),
    "no row": (Rows(X[:0], np.ones(0)), NONE, {}, "at least one train row"),
    "no column": (Rows(X[:, :0], np.ones(3)), NONE, {}, "sizes of at least 1"),
    "a NaN": (Rows(X * [1, np.nan], np.ones(3)), NONE, {}, r"NaN or an infinity at \(0, 1\)"),
    "an infinite target": (Rows(X, np.array([1, np.inf, 1])), NONE, {}, r"infinity at \(1,\)"),
    "a negative label": (Rows(X, np.array([0, -1, 2])), NONE, {}, r"0\.\.1048575 .* got -1\.\.2"),
    "a label beyond": (Rows(X, np.array([0, 3, 2])), NONE, {"classes": 3}, r"0\.\.2 .*0\.\.3"),
    "a label beyond in the test": (
        Rows(X, np.zeros(3, int), test=(X[:1], np.array([3]))),
        NONE,
        {"classes": 3},
        r"labels 0\.\.2 expected",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_ROWS)
def test_rows_that_cannot_be_trained_on_are_refused(name):
    rows, rule, options, why = BAD_ROWS[name]
    with pytest.raises(DatasetError, match=why):
        make_dataset(rows, rule, **options)


CSV = b"a,kind,b\r\n1,cat,2.5\r\n3,dog,4\r\n5,cat,-6e-1\r\n"


def test_a_table_gives_inputs_and_labels_by_name():
    rows = pick(read_csv(CSV), ["kind"])
    assert rows.inputs.tolist() == [[1, 2.5], [3, 4], [5, np.float32(-0.6)]]
    assert rows.targets.tolist() == [0, 1, 0]
    assert rows.names == ("cat", "dog")


def test_whole_numbers_are_labels_and_others_numbers():
    table = read_csv(b"\xef\xbb\xbfx,n,r\n0.5,2,1.5\n1.5,7,2\n\n")
    assert pick(table, ["n"], ["x"]).targets.tolist() == [2, 7]
    assert pick(table, ["r"], ["x"]).targets.tolist() == [[1.5], [2.0]]
    assert pick(table, ["r", "n"], ["x"]).targets.tolist() == [[1.5, 2], [2, 7]]


def test_cells_may_be_quoted():
    table = read_csv(b'a,"b, c"\n"1","x ""y"""\n')
    assert table.columns["b, c"] == ['x "y"']


TABLES = {
    "no UTF-8": (b"a,b\n\xff,1\n", "in UTF-8"),
    "empty": (b"", "different names"),
    "names alone": (b"a,b\n", "different names"),
    "a name twice": (b"a,a\n1,2\n", "different names"),
    "no name": (b"a,\n1,2\n", "different names"),
    "a ragged row": (b"a,b\n1,2\n3\n", "2 cells in every row expected, got 1 in row 3"),
    "a longer row": (b"a,b\n1,2,3\n", "2 cells in every row expected, got 3 in row 2"),
    "an open quote": (b'a,b\n"1,2\n', "comma-separated values expected"),
    "a stray quote": (b'a,b\n"1"x,2\n', "comma-separated values expected"),
    "a zero byte": (b"a,b\n1,\x002\n", "line 2 of at most"),
    "a long line": (b"a\n" + b"1" * (2 << 20) + b"\n", "line 2 of at most"),
    "a long cell": (b"a\n" + b"1" * 200_000 + b"\n", "comma-separated values expected"),
    "many columns": (b",".join(b"c%d" % i for i in range(70_000)) + b"\n1\n", "cells|names"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_damaged_table_is_refused(name):
    data, why = TABLES[name]
    with pytest.raises(MalformedError, match=why):
        read_csv(data)


@pytest.mark.parametrize("cell", ["nan", "inf", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_refused(cell):
    rows = pick(read_csv(f"a,y\n1.5,0\n{cell},1\n".encode()), ["y"])
    with pytest.raises(DatasetError, match="NaN or an infinity"):
        make_dataset(rows, NONE)


@pytest.mark.parametrize("cell", ["x", "", "1_000", "=1+1", "0x10", "__import__('os')"])
def test_texts_among_the_inputs_are_refused(cell):
    with pytest.raises(DatasetError, match="a: numbers in every row expected"):
        pick(read_csv(f"a,y\n{cell},0\n{cell},1\n".encode()), ["y"])


def test_columns_that_are_not_there_are_told():
    with pytest.raises(UsageError, match=r"columns of the table expected \(a, kind, b\), got 'c'"):
        pick(read_csv(CSV), ["c"])
    with pytest.raises(UsageError, match="at least one column of inputs"):
        pick(read_csv(CSV), ["a", "b", "kind"])


def test_a_text_becomes_windows_of_bytes():
    rows = read_text(b"abcdefgh", 3, 2)
    assert rows.inputs.tolist() == [[97, 98, 99], [99, 100, 101], [101, 102, 103]]
    assert rows.targets.tolist() == [[98, 99, 100], [100, 101, 102], [102, 103, 104]]
    assert rows.inputs.dtype == np.uint8
    assert len(read_text(b"abcdefgh", 3).inputs) == 2


@pytest.mark.parametrize(
    ("length", "stride", "why"),
    [(8, None, "more than 8 bytes"), (0, None, "1 to 65536"), (3, 0, "at least 1 apart"),
     (1 << 17, None, "1 to 65536")],
)  # fmt: skip
def test_impossible_windows_are_refused(length, stride, why):
    with pytest.raises(DatasetError, match=why):
        read_text(b"abcdefgh", length, stride)


def test_the_windows_of_a_long_text_are_bounded():
    with pytest.raises(DatasetError, match="at most 268435456 bytes of windows"):
        read_text(bytes(1 << 20), 1 << 16, 1)


def image(size=(4, 3), color=7, mode="L", kind="PNG"):
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, kind)
    return file.getvalue()


def test_grey_images_have_one_channel_and_a_label():
    rows = read_images([("b", "b/1.png", image()), ("a", "a/1.png", image(color=9))])
    assert rows.inputs.shape == (2, 1, 3, 4)
    assert rows.inputs.dtype == np.uint8
    assert rows.inputs[:, 0, 0, 0].tolist() == [7, 9]
    assert rows.targets.tolist() == [1, 0]
    assert rows.names == ("a", "b")


def test_images_have_three_channels_if_one_has_colours():
    colours = image(color=(1, 2, 3), mode="RGB")
    rows = read_images([("a", "a/1.png", colours), ("a", "a/2.png", image())])
    assert rows.inputs[:, :, 0, 0].tolist() == [[1, 2, 3], [7, 7, 7]]


def png(width, height, body=b""):
    """Return a PNG that says how large it is, with these packed bytes as its pixels."""
    parts = [
        (b"IHDR", struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", body),
        (b"IEND", b""),
    ]
    chunks = (struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
              for kind, data in parts)  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


IMAGES = {
    "empty": (b"", "a PNG or JPEG image expected"),
    "a text": (b"hello", "a PNG or JPEG image expected"),
    "an EPS, which is a program": (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        "a PNG or",
    ),
    "a GIF": (image(kind="GIF"), "a PNG or JPEG image expected"),
    "truncated": (image()[:-30], "a PNG or JPEG image expected"),
    "a JPEG's start": (image(kind="JPEG")[:40], "a PNG or JPEG image expected"),
    "2^31 pixels a side": (png(0x7FFFFFFF, 0x7FFFFFFF), "at most|PNG or JPEG"),
    "a bomb": (
        png(60_000, 60_000, zlib.compress(bytes(1 << 20))),
        "at most 16777216 pixels|PNG or",
    ),
    "more pixels than allowed": (png(5_000, 5_000), "at most 16777216 pixels"),
    "no pixels": (png(4, 3), "a PNG or JPEG image expected"),
}


@pytest.mark.parametrize("name", IMAGES)
def test_a_hostile_image_is_refused(name):
    data, why = IMAGES[name]
    with pytest.raises(MalformedError, match=why) as refused:
        read_images([("a", "a/x.png", data)])
    assert str(refused.value).startswith("a/x.png: ")


def test_images_of_different_sizes_are_refused():
    files = [("a", "a/1.png", image()), ("a", "a/2.png", image((3, 4)))]
    with pytest.raises(DatasetError, match=r"^a/2\.png: 4 x 3 pixels .* got 3 x 4$"):
        read_images(files)


def test_images_are_bounded_in_all():
    files = [("a", f"a/{i}.png", image()) for i in range(3)]
    assert len(read_images(files, limit=36).inputs) == 3
    with pytest.raises(DatasetError, match="images of at most 35 bytes in all"):
        read_images(files, limit=35)


def test_no_images_are_refused():
    with pytest.raises(DatasetError, match="got none"):
        read_images([])


def made():
    dataset = make_dataset(
        Rows(
            np.arange(12, dtype=np.uint8).reshape(6, 1, 2),
            np.array([0, 1, 2, 0, 1, 2]),
            ("a", "b", "c"),
        ),
        parse_rule("last 2"),
    )
    records, train, test = dataset.records()
    file = encode_dataset(records, train_rows=train, test_rows=test)
    return file, describe(dataset, file, ("a", "b", "c"))


def test_a_file_is_read_back_with_its_description():
    file, description = made()
    assert parse_description(description.to_json().encode()) == description
    dataset = read_data(file, description)
    assert dataset.inputs.tolist() == [[[0, 1]], [[2, 3]], [[4, 5]], [[6, 7]]]
    assert dataset.test_targets.tolist() == [1, 2]
    assert dataset.field("inputs") == ("u8", (1, 2))
    assert dataset.field("targets") == ("i32", ())


def test_a_description_says_types_shapes_and_ranges():
    _, description = made()
    assert (description.inputs.dtype, description.inputs.shape) == ("u8", (1, 2))
    assert (description.targets.least, description.targets.most) == (0, 2)
    assert (description.train_rows, description.test_rows) == (4, 2)


def test_another_file_is_refused():
    file, description = made()
    with pytest.raises(DatasetError, match="it was changed since it was described"):
        read_data(file[:-1] + b"\x09", description)
    with pytest.raises(DatasetError, match="a dataset file of 44 bytes"):
        read_data(file[:-1], description)
    with pytest.raises(DatasetError, match=r"with \(5, 2\)"):
        read_data(b"\x05" + file[1:], description)


def changed(**fields):
    raw = json.loads(made()[1].to_json())
    for path, value in fields.items():
        *folders, last = path.split("__")
        place = raw
        for folder in folders:
            place = place[folder]
        place[last] = value
    return json.dumps(raw).encode()


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b"\xff", b'{"a":' * 100_000, changed(delea_data=2), changed(more=1), changed(train_rows=-1),
     changed(train_rows=True), changed(inputs__dtype="f64"), changed(inputs__shape=[0]), changed(inputs__shape=[-2]),
     changed(inputs__shape=[1 << 40]), changed(inputs__shape="12"), changed(inputs__shape=[2] * 20), changed(inputs__more=1),
     changed(classes=[1]), changed(digest=1), changed(inputs=None)],
)  # fmt: skip
def test_another_description_is_refused(text):
    with pytest.raises(MalformedError, match="a description that `delea data` wrote"):
        parse_description(text)
