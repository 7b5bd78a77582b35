"""`delea data` says what it made."""

import json

import pytest

from delea.cli.entry import run


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "pets.csv"
    path.write_text("a,b,kind\n1,2,cat\n3,4,dog\n5,6,cat\n7,8.5,dog\n9,1,cat\n")
    return path


def test_the_file_is_told_in_words(table, capsys):
    assert run(["data", str(table), "--targets", "kind"]) == 0
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert told["train_rows"] == "4"
    assert told["test_rows"] == "1"
    assert told["inputs"] == "f32, 2, 1 to 9"
    assert told["targets"] == "i32, one number, 0 to 1"
    assert told["classes"] == "cat, dog"
    assert len(told["digest"]) == 64
    assert {path.name for path in table.parent.iterdir()} == {
        "pets.csv", "pets.data", "pets.data.json",
    }  # fmt: skip


def test_the_file_is_told_in_json(table, capsys):
    out = table.parent / "x.data"
    arguments = ["data", str(table), "--targets", "b", "--inputs", "a", "--test", "none"]
    assert run([*arguments, "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == str(out)
    assert told["bytes"] == out.stat().st_size == 8 + 5 * 8
    assert told["targets"] == {"dtype": "f32", "shape": [1], "least": 1.0, "most": 8.5}


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (["--targets", "no"], 2, "columns of the table expected (a, b, kind), got 'no'"),
        (["--targets", "kind", "--test", "some"], 2, "a rule such as"),
        (["--targets", "kind", "--classes", "1"], 1, "labels 0..0 expected, got 0..1"),
        ([], 2, "one of targets (--targets NAMES) expected among a, b, kind"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(table, capsys, options, code, why):
    assert run(["data", str(table), *options]) == code
    told = capsys.readouterr().err
    assert why in told
    assert told.count("\n") == 1
