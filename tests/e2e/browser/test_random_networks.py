"""Random whole networks give the reference's bits in wasmtime, in node and in a Chromium page."""

import os

import pytest

from delea import nn
from delea.compiler import build

SAMPLE, PARTS = 80, 4
COUNT = 1600 if os.environ.get("DELEA_FUZZ") else SAMPLE
KINDS = (nn.Module, nn.Loss, nn.Optimizer, nn.Schedule)


@pytest.fixture(scope="session")
def networks(bench):
    return bench("networks")


def test_the_sample_has_every_layer_loss_optimizer_and_schedule(networks):
    classes = [item for item in map(vars(nn).get, nn.__all__) if isinstance(item, type)]
    public = {kind.__name__ for kind in classes if issubclass(kind, KINDS) and kind not in KINDS}
    drawn = [networks.draw(number) for number in range(SAMPLE)]
    assert public
    assert public - {part for network in drawn for part in network.parts} == set()


def test_the_sample_has_inputs_of_every_type(networks):
    drawn = [networks.draw(number).program.data for number in range(SAMPLE)]
    assert {data.field("inputs")[0] for data in drawn} == {"f32", "i32", "u8"}


def test_a_network_follows_from_its_number(networks):
    first, second = (build(networks.draw(5).program) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("part", range(PARTS))
def test_random_networks_are_bit_exact_in_four_engines(
    engines, case_of, differences, networks, part
):
    drawn = {number: networks.draw(number) for number in range(part, COUNT, PARTS)}
    cases = [case_of(build(each.program), each.steps, each.inputs) for each in drawn.values()]
    found = {name: engine(cases) for name, engine in engines.items()}
    wrong = {}
    for at, (number, network) in enumerate(drawn.items()):
        lines = differences({name: outcomes[at] for name, outcomes in found.items()})
        if lines:
            wrong[f"{number}: {network.parts}"] = lines
    assert wrong == {}
