"""Every external function that changes something has a file of tests of its own."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FOLDERS = {"Split": HERE / "split"}  # of what is not tested here
FILES = {  # where the file is not called as the function
    ("ModelFactory", "create"): "test_factory",
    ("StewardArbiter", "open"): "test_steward_arbiter",
    ("StewardArbiter", "vote"): "test_steward_arbiter",
    ("StewardArbiter", "decide"): "test_steward_arbiter",
    ("Split", "transfer"): "test_token",
    ("Split", "transferFrom"): "test_token",
    ("Split", "approve"): "test_token",
}
NAMES = ("Model", "ModelFactory", "Split", "StewardArbiter")


def functions(load, name, *, views):
    """The names of a contract's functions: those that only read, or the others."""
    found = [entry for entry in load(name)[0] if entry["type"] == "function"]
    return [e["name"] for e in found if (e["stateMutability"] in ("view", "pure")) is views]


@pytest.mark.parametrize("name", NAMES)
def test_a_function_that_changes_something_has_a_file_of_tests(load, name):
    for function in functions(load, name, views=False):
        snake = re.sub("([A-Z])", r"_\1", function).lower()
        stem = FILES.get((name, function), f"test_{snake}")
        file = FOLDERS.get(name, HERE) / f"{stem}.py"
        assert function in file.read_text(encoding="utf-8"), file.name


@pytest.mark.parametrize("name", NAMES)
def test_a_function_that_only_reads_is_called_by_a_test(load, name):
    files = FOLDERS.get(name, HERE).glob("test_*.py")
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    called = set(re.findall(r"\.(\w+)\(", text)) | set(re.findall(r'"(\w+)"', text))
    assert set(functions(load, name, views=True)) <= called
