"""Files that the real libraries wrote are read, and theirs read what Delea wrote."""
# ruff: noqa: E501 - a table of types

import numpy as np
import pytest
from safetensors import numpy as library
from safetensors.torch import save as save_torch

import torch
from delea.errors import MalformedError
from delea.importers.checkpoint import read_checkpoint
from delea.importers.safetensors import read_safetensors, write_safetensors
from delea.importers.torch import from_module
from delea.importers.weights import set_weights
from torch import nn


@pytest.fixture
def module():
    torch.manual_seed(3)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))


def same(found, state):
    assert list(found) == list(state)
    for name, values in found.items():
        np.testing.assert_array_equal(values, state[name].detach().float().numpy())


def test_a_state_dict_is_read(module, tmp_path):
    torch.save(module.state_dict(), tmp_path / "m.pt")
    same(read_checkpoint((tmp_path / "m.pt").read_bytes()), module.state_dict())


def test_a_training_checkpoint_is_read(module, tmp_path):
    optimizer = torch.optim.Adam(module.parameters())
    module(torch.zeros(2, 1, 4, 4)).sum().backward()
    optimizer.step()
    whole = {
        "epoch": 3,
        "model": module.state_dict(),
        "optimizer": optimizer.state_dict(),
        "lr": 0.1,
    }
    torch.save(whole, tmp_path / "m.pth")
    same(read_checkpoint((tmp_path / "m.pth").read_bytes()), module.state_dict())


def test_views_and_other_types_are_read(tmp_path):
    base = torch.arange(24.0).reshape(4, 6)
    state = {
        "transposed": base.t(), "part": base[1:3, ::2], "parameter": nn.Parameter(base), "scalar": torch.tensor(2.5),
        "half": base.half(), "brain": base.bfloat16(), "double": base.double(), "long": base.long(), "mask": base > 3,
        "byte": base.byte(), "int": base.int(), "short": base.short(), "char": base.char(),
    }  # fmt: skip
    torch.save(state, tmp_path / "m.pt")
    same(read_checkpoint((tmp_path / "m.pt").read_bytes()), state)


def test_a_whole_module_is_refused(module, tmp_path):
    torch.save(module, tmp_path / "m.pt")
    with pytest.raises(MalformedError, match=r"the file names torch\.nn\.modules\.container"):
        read_checkpoint((tmp_path / "m.pt").read_bytes())


def test_the_format_before_1_6_is_refused(module, tmp_path):
    torch.save(module.state_dict(), tmp_path / "m.pt", _use_new_zipfile_serialization=False)
    with pytest.raises(MalformedError, match=r"PyTorch 1\.6 or newer"):
        read_checkpoint((tmp_path / "m.pt").read_bytes())


def test_safetensors_are_read(module):
    state = dict(module.state_dict())
    found = read_safetensors(save_torch(state, metadata={"format": "pt"}))
    for name, values in found.items():
        np.testing.assert_array_equal(values, state[name].numpy())
    assert set(found) == set(state)


def test_the_library_reads_what_delea_wrote(module):
    tensors = [(name, value.numpy()) for name, value in module.state_dict().items() if value.ndim]
    found = library.load(write_safetensors(tensors))
    for name, values in tensors:
        np.testing.assert_array_equal(found[name], values)


def test_weights_go_into_an_imported_network_and_a_written_one(module):
    network = from_module(module, torch.zeros(2, 1, 4, 4))
    other = {name: value + 1 for name, value in module.state_dict().items()}
    set_weights(network, read_safetensors(save_torch(other)))
    for name, values in network.state_dict().items():
        np.testing.assert_array_equal(values, other[name].numpy())
