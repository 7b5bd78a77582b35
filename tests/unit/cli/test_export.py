"""`delea export` writes weights and a card, and says what it wrote."""

import json

import numpy as np
import pytest

from delea import compiler, nn
from delea.artifact import digest
from delea.cli.entry import run
from delea.importers.safetensors import read_safetensors
from delea.store import read_bundle, write_bundle


@pytest.fixture
def bundle(tmp_path):
    x = np.ones((4, 2), np.float32)
    data = nn.Dataset(x, np.ones((4, 3)))
    network = nn.Sequential(nn.Linear(2, 3))
    artifact = compiler.build(nn.Program(network, nn.MSELoss(), nn.SGD(0.1), data))
    write_bundle(tmp_path / "m.delea", artifact)
    return tmp_path / "m.delea"


def test_the_first_state_of_a_file_goes_out(bundle, capsys):
    out, card = bundle.with_suffix(".safetensors"), bundle.with_suffix(".md")
    arguments = ["export", str(bundle), "-o", str(out), "--card", str(card), "--json"]
    assert run(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tensors"] == ["0.weight", "0.bias"]
    assert told["digest"] == digest(out.read_bytes()).hex()
    assert told["version"] is None
    assert list(read_safetensors(out.read_bytes())) == told["tensors"]
    assert told["digest"] in card.read_text()


def test_it_is_told_in_words(bundle, capsys):
    assert run(["export", str(bundle), "-o", str(bundle.with_suffix(".safetensors"))]) == 0
    told = capsys.readouterr().out
    assert "version  of a file\n" in told
    assert "tensors  2\n" in told


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["{}", "3"], 2, "a version of a model on a chain expected"),
        (["no.delea"], 1, "no file at no.delea"),
        (["m.txt"], 2, "a .delea file expected"),
        (["{}", "--format", "gguf"], 2, "Invalid value for '--format'"),
        (["0x" + "ab" * 20, "--rpc", "http://127.0.0.1:9"], 3, "no chain answers"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(bundle, capsys, arguments, code, why):
    given = [each.format(bundle) for each in arguments]
    assert run(["export", *given, "-o", str(bundle.with_suffix(".x"))]) == code
    told = capsys.readouterr().err
    assert why in told
    assert told.count("\n") == 1
    assert not bundle.with_suffix(".x").exists()


def test_a_network_goes_out_as_onnx_and_comes_in_again(bundle, capsys):
    out, data = bundle.with_suffix(".onnx"), bundle.with_suffix(".csv")
    assert run(["export", str(bundle), "-o", str(out), "--format", "onnx"]) == 0
    data.write_text("a,b,kind\n1,2,0\n3,4,2\n5,6,1\n")
    assert run(["data", str(data), "--targets", "kind"]) == 0
    parts = ["--loss", "cross_entropy", "--optimizer", "sgd:lr=0.1"]
    again = bundle.with_name("again.delea")
    given = ["build", str(out), "--data", str(data.with_suffix(".data")), *parts]
    assert run([*given, "-o", str(again)]) == 0
    capsys.readouterr()
    assert run(["export", str(again), "-o", str(bundle.with_name("x")), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tensors"] == ["0.weight", "0.bias"]
    first, second = read_bundle(bundle), read_bundle(again)
    assert first.genesis == second.genesis


def test_an_onnx_file_alone_is_no_program(bundle, capsys):
    assert run(["build", str(bundle.with_suffix(".onnx"))]) == 2
    assert "--loss, --optimizer and --data expected" in capsys.readouterr().err
