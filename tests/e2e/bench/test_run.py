"""The benchmark runs, agrees with itself and writes what it promises; no time is asserted."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[3] / "bench"
ENGINES = ["delea-wasmtime", "delea-sandbox", "delea-node", "delea-chromium"]
PRODUCTS = [engine for engine in ENGINES if engine != "delea-sandbox"]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    only = [word for name in ("mlp", "matmul-256", *ENGINES) for word in ("--only", name)]
    answer = _bench("run.py", "--rounds", "1", "--json", "--results", folder, *only)
    assert answer.returncode == 0, answer.stderr
    return folder, answer.stdout


def test_latest_json_is_a_list_of_engines_with_six_keys(results):
    rows = json.loads((results[0] / "latest.json").read_text())
    timed = [("mlp", name) for name in ENGINES] + [("matmul-256", name) for name in PRODUCTS]
    assert [(row["workload"], row["engine"]) for row in rows] == timed
    for row in rows:
        kinds = {name: type(value) for name, value in row.items()}
        assert kinds == {
            "workload": str,
            "engine": str,
            "ms_median": float,
            "ms_best": float,
            "ratio_to_torch": type(None),
            "load": float,
        }
        assert 0 < row["ms_best"] <= row["ms_median"]


def test_json_prints_the_same_list_and_nothing_else(results):
    folder, printed = results
    assert json.loads(printed) == json.loads((folder / "latest.json").read_text())


def test_what_comes_before_the_first_step_is_written_beside_it(results):
    figures = json.loads((results[0] / "building.json").read_text())
    assert {row["program"] for row in figures} == {"mlp", "digits"}
    sizes = json.loads((results[0] / "sizes.json").read_text())
    assert [size["program"] for size in sizes] == ["mlp", "digits"]
    for size in sizes:
        assert 0 < size["gzip_bytes"] < size["module_bytes"] < size["memory_bytes"]


def test_matrix_products_are_parts_of_the_peak(results):
    peaks = json.loads((results[0] / "peak.json").read_text())
    assert [row["engine"] for row in peaks] == [name for name in PRODUCTS for _ in range(2)]
    for row in peaks:
        assert row["gflops"] > 0
        assert row["of_peak"] == pytest.approx(row["gflops"] / row["peak_gflops"], abs=0.01)


def test_the_readme_names_the_fields_of_every_result():
    kinds = {
        "latest.json": "steps.Row",
        "peak.json": "multiplying.Peak",
        "building.json": "building.Figure",
        "sizes.json": "building.Size",
        "suites.json": "suites.Suite",
    }
    text = (BENCH / "README.md").read_text(encoding="utf-8")
    told = {
        file: re.findall(r"`([a-z_]+)`", fields)
        for file, fields in re.findall(r"^\| `(\w+\.json)` \|[^|]*\| (.*) \|$", text, re.MULTILINE)
    }
    code = "\n".join(
        [
            "import json, building, multiplying, steps, suites",
            "from dataclasses import fields",
            *(f"print(json.dumps([f.name for f in fields({kind})]))" for kind in kinds.values()),
        ]
    )
    known = [json.loads(line) for line in _python("-c", code).stdout.splitlines()]
    assert told == dict(zip(kinds, known, strict=True))


def test_no_round_is_a_usage_error():
    answer = _bench("run.py", "--rounds", "0")
    assert answer.returncode == 2
    assert "at least one round expected, got 0" in answer.stderr


def test_engines_whose_losses_differ_are_refused_in_one_line():
    code = (
        "import steps\n"
        "steps.check_losses('mlp', {'delea-wasmtime': [0.5, 0.25], 'delea-node': [0.5, 0.26]})"
    )
    answer = _python("-c", code)
    assert answer.returncode == 1
    assert answer.stderr == (
        "bench: mlp: the loss of step 2 is 0.25 in delea-wasmtime and 0.26 in delea-node,"
        " the same bits expected\n"
    )


def test_pytorch_may_differ_by_rounding_only():
    code = (
        "import steps\n"
        "steps.check_losses('mlp', {'delea-wasmtime': [0.5], 'torch-1t': [0.50001]})\n"
        "steps.check_losses('mlp', {'delea-wasmtime': [0.5], 'torch-1t': [0.501]})"
    )
    answer = _python("-c", code)
    assert answer.returncode == 1
    assert answer.stderr == (
        "bench: mlp: the loss of step 1 is 0.5 in delea-wasmtime and 0.501 in torch-1t,"
        " at most 0.0001 apart expected\n"
    )


def test_the_profiler_times_every_kernel_in_every_engine():
    costs = []
    for engine in ("both", "chromium"):
        answer = _bench("kernels.py", "mlp", "--rounds", "1", "--engine", engine, "--json")
        assert answer.returncode == 0, answer.stderr
        profile = json.loads(answer.stdout)
        assert profile["program"] == "mlp"
        for name in ("wasmtime", "node") if engine == "both" else (engine,):
            found = profile[name]
            assert 0 < found["ms_best"] < 1000
            assert sum(row["share"] for row in found["kernels"]) == pytest.approx(1)
            costs.append(sorted((row["name"], row["flops"]) for row in found["kernels"]))
    assert len(costs) == 3
    assert costs[0] == costs[1] == costs[2]


def test_the_profiler_refuses_what_is_no_program_in_one_line(tmp_path):
    (tmp_path / "broken.py").write_text("1 / 0\n")
    for name, line in (
        ("mpl", "bench: a workload (mlp, cnn, gpt, resnet8, lstm) or a file, got mpl\n"),
        (
            tmp_path / "broken.py",
            f"bench: {tmp_path}/broken.py:1: ZeroDivisionError: division by zero\n",
        ),
    ):
        answer = _bench("kernels.py", name)
        assert (answer.returncode, answer.stderr) == (1, line)


def _bench(script, *arguments):
    return _python(BENCH / script, *map(str, arguments))


def _python(*arguments):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=BENCH
    )
