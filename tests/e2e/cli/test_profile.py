"""`delea profile` lists the kernels of a file of one's own or of a built one, and draws them."""

import pytest

from delea.cli import figures
from delea.store import read_bundle

NUMBERS = {"ms_best", "ms_median", "flops", "gflops", "bytes_read", "bytes_written", "gb_per_s"}
PNG = b"\x89PNG\r\n"
BROKEN = "from delea import nn\nprogram = nn.Linear(1 / 0, 1)\n"


@pytest.fixture(scope="module")
def source(bundle):
    return bundle.with_suffix(".py")


def test_a_table_of_kernels_and_the_whole_beside_them(delea, source):
    said = delea("profile", source, "--steps", 2)
    assert said.code == 0, said.err
    lines = [line.split() for line in said.out.splitlines() if line.strip()]
    assert " ".join(lines[0]) == "kernel calls ms share MFLOP GFLOP/s MB GB/s"
    assert any(line[:4] == ["update", "of", "0.weight:", "sgd"] for line in lines)
    assert any(line[:2] == ["all", "kernels"] and "100.0%" in line for line in lines)
    assert "the whole as it ships" in said.out
    assert " ms for 32 rows (median " in said.out
    assert said.err == "a program may print\n"


def test_json_has_every_kernel(delea, source, bundle):
    for file, what, rows in ((source, "train", 32), (bundle, "infer-one", 1)):
        found = delea("profile", file, "--what", what, "--steps", 2, "--json").fields
        kernels = found.pop("kernels")
        assert (found["file"], found["what"], found["rows"]) == (str(file), what, rows)
        assert found["steps"] == 2
        assert found["rebuilt"] is True
        assert {"kernels_ms", "peak_gflops", *NUMBERS} <= set(found)
        assert all(set(kernel) == {"name", "calls", "share", *NUMBERS} for kernel in kernels)
        assert sum(kernel["share"] for kernel in kernels) == pytest.approx(1)
        for name in ("flops", "bytes_read", "bytes_written"):
            assert sum(kernel[name] for kernel in kernels) == found[name]


def test_a_file_and_what_it_builds_have_the_same_costs(delea, source, bundle):
    counted = []
    for file in (source, bundle):
        kernels = delea("profile", file, "--steps", 1, "--json").fields["kernels"]
        counted.append(sorted((k["name"], k["calls"], k["flops"]) for k in kernels))
    assert counted[0] == counted[1]


def test_top_keeps_the_table_short(delea, bundle):
    said = delea("profile", bundle, "--steps", 1, "--top", 1)
    lines = [line for line in said.out.splitlines() if line.strip()]
    assert lines[0].startswith(" kernel ")
    assert " more (--top) " in lines[3]
    assert lines[4].startswith(" all kernels ")


def test_a_plot_is_a_picture(delea, bundle, tmp_path):
    said = delea("profile", bundle, "--steps", 1, "--plot", tmp_path / "bars.png")
    assert said.out.splitlines()[-1] == f"drawn: {tmp_path / 'bars.png'}"
    assert (tmp_path / "bars.png").read_bytes().startswith(PNG)
    delea("profile", bundle, "--steps", 1, "--plot", tmp_path / "bars.svg", "--json")
    assert "update of 0.weight: sgd 4" in (tmp_path / "bars.svg").read_text()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--what", "predict"), "Invalid value for '--what'"),
        (("--steps", "0"), "Invalid value for '--steps'"),
        (("--steps", "many"), "Invalid value for '--steps'"),
        (("--top", "0"), "Invalid value for '--top'"),
        (("--plot", "bars.txt"), "a plot that ends in .png, .svg, .pdf expected, got bars.txt"),
        (("--plot", "/no/such/bars.png"), "a plot in a folder that is there expected"),
    ],
)
def test_a_call_that_cannot_be_understood_is_refused_at_once(delea, bundle, words, line):
    said = delea("profile", bundle, *words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"delea: {line}"), said.err
    assert said.err.count("\n") == 1


def test_a_plot_that_cannot_be_written_is_refused(delea, bundle):
    said = delea("profile", bundle, "--steps", 1, "--plot", "/proc/bars.png")
    assert said.code == 1
    assert said.err == "delea: cannot write /proc/bars.png: No such file or directory\n"


def test_a_plot_needs_what_draws(refuses, bundle, monkeypatch, tmp_path):
    monkeypatch.setattr(figures, "find_spec", lambda _: None)
    line = refuses("profile", bundle, "--plot", tmp_path / "x.png", kind="MissingError")
    assert line == "a plot needs matplotlib: pip install 'delea[demo]'"


def test_files_that_cannot_be_profiled_are_refused(refuses, toy, tmp_path, bundle):
    line = refuses("profile", toy(), kind="MalformedError")
    assert line.startswith("a module that carries its graph expected")
    (tmp_path / "broken.py").write_text(BROKEN)
    assert "broken.py:2: " in refuses("profile", tmp_path / "broken.py", kind="UsageError", code=2)
    refuses("profile", tmp_path / "none.py", kind="UsageError", code=2)
    refuses("profile", tmp_path / "none.delea", kind="MissingError")
    (tmp_path / "cut.delea").write_bytes(bundle.read_bytes()[:-9])
    refuses("profile", tmp_path / "cut.delea", kind="MalformedError")
    assert read_bundle(bundle)  # it is there and whole
