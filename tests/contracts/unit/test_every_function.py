"""Every external function that changes something has a file of tests of its own."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = {  # where the file is not called as the function
    "create": "test_factory",
    "open": "test_steward_arbiter",
    "vote": "test_steward_arbiter",
    "decide": "test_steward_arbiter",
}


def functions(load, name, *, views):
    """The names of a contract's functions: those that only read, or the others."""
    found = [entry for entry in load(name)[0] if entry["type"] == "function"]
    return [e["name"] for e in found if (e["stateMutability"] in ("view", "pure")) is views]


@pytest.mark.parametrize("name", ["Model", "ModelFactory", "StewardArbiter"])
def test_a_function_that_changes_something_has_a_file_of_tests(load, name):
    for function in functions(load, name, views=False):
        snake = re.sub("([A-Z])", r"_\1", function).lower()
        file = HERE / f"{FILES.get(function, f'test_{snake}')}.py"
        assert function in file.read_text(encoding="utf-8"), file.name


@pytest.mark.parametrize("name", ["Model", "ModelFactory", "StewardArbiter"])
def test_a_function_that_only_reads_is_called_by_a_test(load, name):
    text = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    called = set(re.findall(r"\.(\w+)\(", text)) | set(re.findall(r'"(\w+)"', text))
    assert set(functions(load, name, views=True)) <= called
