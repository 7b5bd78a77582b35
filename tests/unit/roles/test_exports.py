"""What goes out: stable bytes, and a card that tells where they are from."""

from dataclasses import replace

import numpy as np
import pytest

from delea import compiler, nn, runtime
from delea.artifact import digest, state_root
from delea.errors import MalformedError, SandboxError
from delea.importers.safetensors import read_safetensors
from delea.roles import exports
from delea.roles.apart import ChildLimits
from delea.roles.exports import Export, Origin, model_card, tensors_of, to_onnx, to_safetensors


@pytest.fixture(scope="module")
def normed():
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    network.load_state_dict({
        "0.weight": np.arange(6).reshape(3, 2) / 8, "0.bias": np.zeros(3), "1.weight": np.ones(3),
        "1.bias": np.zeros(3), "1.running_mean": np.zeros(3), "1.running_var": np.ones(3),
    })  # fmt: skip
    x = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
    program = nn.Program(network, nn.MSELoss(), nn.Adam(0.1), nn.Dataset(x, np.ones((4, 3))))
    return compiler.build(program)


@pytest.fixture(scope="module")
def exported(normed):
    work = (normed.module, normed.dataset, normed.genesis, bytes(32), 5)
    state = runtime.train(*work).state
    return Export(normed.module, digest(normed.dataset), state)


def test_parameters_and_buffers_go_out_and_the_optimizer_does_not(exported):
    found = read_safetensors(to_safetensors(exported))
    assert list(found) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
    ]  # fmt: skip
    assert found["0.weight"].shape == (3, 2)
    assert found["0.weight"].tobytes() == exported.state[40:64]


def test_the_same_state_gives_the_same_bytes(exported):
    again = replace(exported, state=bytes(bytearray(exported.state)))
    assert to_safetensors(again) == to_safetensors(exported)


def test_weights_that_went_out_come_in_again(normed, exported):
    first = replace(exported, state=normed.genesis)
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    network.load_state_dict(read_safetensors(to_safetensors(first)))
    x = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
    program = nn.Program(network, nn.MSELoss(), nn.Adam(0.1), nn.Dataset(x, np.ones((4, 3))))
    assert compiler.build(program) == normed


def test_a_state_of_another_module_is_refused(exported):
    with pytest.raises(MalformedError, match="a state of"):
        tensors_of(replace(exported, state=exported.state[:-4]))


def test_the_card_says_contract_version_and_root(exported):
    address = "0x" + "ab" * 20
    origin = Origin(31337, address, 4, "settled", "Sine", "SINE")
    data = to_safetensors(exported)
    card = model_card(replace(exported, origin=origin), "sine.safetensors", data)
    assert card.startswith("# Sine (SINE)\n")
    for fact in (
        f"| contract | `{address}` on chain 31337 |",
        "| version | 4 (settled) |",
        f"| state root | `{state_root(exported.state).hex()}` |",
        f"| this file (SHA-256) | `{digest(data).hex()}` |",
        "| gradient steps | 5 |",
        "| parameters | 21 |",
        "| optimizer | adam (beta1 0.9, beta2 0.999, eps 1e-08, lr 0.1) |",
        f"delea replay {address} 4",
        "| `0.weight` | 3 x 2 |",
    ):
        assert fact in card


def test_a_name_on_a_chain_is_no_markdown(exported):
    evil = Origin(1, "0x" + "ab" * 20, 1, "settled", "[x](http://evil)|<script>", "`\n# BIG")
    card = model_card(replace(exported, origin=evil), "f", b"")
    assert card.startswith("# ?x?(http://evil)??script? (??# BIG)\n")


def test_a_card_without_a_chain_tells_the_root_alone(exported):
    card = model_card(exported, "f", b"")
    assert card.startswith("# A model\n")
    assert "contract" not in card
    assert f"whose root is `{state_root(exported.state).hex()}`" in card


def test_a_graph_is_read_and_written_within_limits(artifact, bomb, monkeypatch):
    monkeypatch.setattr(exports, "WRITING", ChildLimits(cpu_seconds=1))
    room = 805_306_368 + 6 * len(artifact.genesis)
    with pytest.raises(SandboxError) as told:
        to_onnx(Export(bomb, digest(artifact.dataset), artifact.genesis))
    assert str(told.value) == (
        f"writing a graph as ONNX within 1 s of CPU and {room} bytes of memory expected,"
        " it was stopped with code -24"
    )


def test_to_write_a_graph_may_take_what_an_audit_may():
    assert ChildLimits() == exports.WRITING


def test_a_state_of_another_module_is_not_written(exported):
    with pytest.raises(MalformedError, match="a state of"):
        to_onnx(replace(exported, state=exported.state[:-4]))


def test_an_onnx_file_says_where_it_is_from(exported):
    origin = Origin(31337, "0x" + "ab" * 20, 4, "settled", "Sine", "SINE")
    data = to_onnx(replace(exported, origin=origin))
    assert state_root(exported.state).hex().encode() in data
    assert b"31337:0x" + b"ab" * 20 in data
    assert data == to_onnx(replace(exported, origin=origin))
