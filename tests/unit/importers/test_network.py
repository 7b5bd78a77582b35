"""A network that was read trains and answers as one that was written."""

import numpy as np
import pytest

from delea import compiler, nn
from delea.errors import GraphError
from delea.importers.network import ImportedNetwork


def _program(network: nn.Module) -> nn.Program:
    x = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
    data = nn.Dataset(x, x.sum(1, keepdims=True))
    return nn.Program(network=network, loss=nn.MSELoss(), optimizer=nn.SGD(0.1), data=data)


def test_an_imported_network_builds_the_artifact_of_a_written_one():
    written = nn.Sequential(nn.Linear(2, 1))
    program = _program(written)
    parts = {name: nn.Parameter(part.shape) for name, part in written.named_parameters()}
    for name, values in written.state_dict().items():
        parts[name].set(values)
    read = ImportedNetwork(parts, lambda x: nn.linear(x, parts["0.weight"], parts["0.bias"]))
    assert [name for name, _ in read.named_tensors()] == ["0.weight", "0.bias"]
    assert compiler.build(_program(read)) == compiler.build(program)


def test_an_imported_network_without_a_tensor_is_refused():
    with pytest.raises(GraphError, match="a network with parameters expected, got none"):
        ImportedNetwork({}, lambda x: x)
