"""What cannot be imported is told at once, with where it stands and what to use instead."""

import re

import pytest

import torch
from delea.errors import DtypeError, GraphError, ShapeError
from delea.importers.torch import from_module
from torch import nn


class Function(nn.Module):
    """A linear layer, then anything."""

    def __init__(self, function):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.function = function

    def forward(self, x):
        return self.function(self.fc(x))


def refusal(module, example=None, kind=GraphError):
    with pytest.raises(kind) as refused:
        from_module(module, torch.zeros(2, 4) if example is None else example)
    assert "\n" not in str(refused.value)
    return str(refused.value)


class Three(nn.Module):
    def __init__(self):
        super().__init__()
        self.rank = Function(lambda x: x.sort(1).values)
        self.pick = Function(lambda x: x.topk(4).values)
        self.round = Function(torch.round)

    def forward(self, x):
        return self.round(self.pick(self.rank(x)))


def test_all_that_is_missing_is_told_with_its_place():
    assert refusal(Three()) == (
        "3 operations that Delea lacks: aten.sort at rank (Function): rank outside the network; "
        "aten.topk at pick (Function): use max, or rank outside the network; "
        "aten.round at round (Function): round outside the network"
    )


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList([nn.Identity(), nn.Sequential(Function(torch.floor))])

    def forward(self, x):
        return self.stages[1](x)


def test_a_place_is_the_innermost_module():
    assert "aten.floor at stages.1.0 (Function): round outside" in refusal(Deep())


OPTIONS = {
    "ceil_mode": (nn.MaxPool2d(2, ceil_mode=True), (1, 3, 3), "without ceil_mode expected"),
    "padding not counted": (
        nn.AvgPool2d(2, padding=1, count_include_pad=False),
        (1, 4, 4),
        "padding counted, expected",
    ),
    "three axes": (nn.Conv3d(1, 1, 1), (1, 2, 2, 2), "over one or two axes expected, got 3"),
    "unequal parts": (nn.AdaptiveAvgPool2d(2), (1, 3, 3), "output size that divides (3, 3)"),
    "a projection": (
        nn.LSTM(4, 3, proj_size=2, batch_first=True),
        (2, 4),
        "without a projection expected",
    ),
}


class Through(nn.Module):
    """A parameter, and then a layer's first output."""

    def __init__(self, layer):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.layer = layer

    def forward(self, x):
        y = self.layer(x * self.scale)
        return y[0] if isinstance(y, tuple) else y


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_that_is_missing_is_told(name):
    layer, row, why = OPTIONS[name]
    told = refusal(Through(layer), torch.zeros(2, *row))
    assert why in told
    assert "at layer (" in told


def test_a_padding_row_that_is_not_zero_is_refused():
    table = nn.Sequential(nn.Embedding(4, 2, padding_idx=1), nn.Flatten(), nn.Linear(6, 2))
    with torch.no_grad():
        table[0].weight.fill_(1.0)
    told = refusal(table, torch.zeros(2, 3, dtype=torch.int64))
    assert "at 0 (Embedding): a row 1 of zeros expected, as padding_idx makes it" in told


def test_a_stopped_gradient_is_told():
    assert refusal(Function(lambda x: x + x.detach())) == (
        "1 operation that Delea lacks: detach at the module (Function): "
        "no gradient can be stopped: leave it out"
    )


def test_a_part_without_gradient_is_told():
    def function(x):
        with torch.no_grad():
            y = x * 2
        return x + y

    assert "torch.no_grad at the module (Function)" in refusal(Function(function))


def test_dropout_that_is_always_on_is_refused():
    told = refusal(Function(lambda x: nn.functional.dropout(x, 0.5, training=True)))
    assert "dropout in training alone expected" in told


def test_numbers_drawn_inside_are_refused():
    assert "use nn.Dropout" in refusal(Function(lambda x: x + torch.randn_like(x)))


def test_a_module_of_one_number_of_rows_is_refused():
    told = refusal(Function(lambda x: x.reshape(2, 4) + torch.ones(2, 1)))
    assert told.startswith("a module that torch.export takes with any number of rows expected: ")
    assert "rows as dynamic but your code specialized it" in told


def test_python_that_depends_on_the_data_is_refused():
    told = refusal(Function(lambda x: x if x.sum() > 0 else -x))
    assert told.startswith("a module that torch.export takes with any number of rows expected: ")


def test_what_pytorch_prints_when_it_gives_up_is_not_shown(capfd):
    def function(x):
        mask = torch.full((2, 2), float("-inf")).triu(1)
        return x if (mask == torch.zeros(2, 2)).all() else -x

    refusal(Function(function))
    assert capfd.readouterr() == ("", "")


def test_a_module_that_fails_is_told_in_one_line():
    def fail(_):
        raise RuntimeError("first line\nsecond line")

    assert re.search(r"expected: .*first line", refusal(Function(fail)))


def test_two_outputs_are_refused():
    told = refusal(Function(lambda x: (x, x + 1)))
    assert (
        told
        == "a module of one input and one output expected, got 1 and 2: wrap it in one that has"
    )


def test_an_output_that_is_no_tensor_is_refused():
    assert (
        refusal(Function(lambda _: 3)) == "a module whose output is a tensor expected, got another"
    )


def test_other_precisions_are_refused():
    told = refusal(nn.Linear(4, 4).half(), torch.zeros(2, 4).half(), DtypeError)
    assert told == "an example of float32, uint8 or integers expected, got torch.float16"
    told = refusal(Function(lambda x: x.double().float()))
    assert "float32, integers or bool expected, got float64" in told


EXAMPLES = {
    "an array": ([1.0], DtypeError, "an example as one torch.Tensor expected, got list"),
    "a number": (torch.tensor(1.0), ShapeError, "an example of at least one row expected"),
    "no rows": (torch.zeros(0, 4), ShapeError, r"at least one row expected, got \(0, 4\)"),
    "a mask": (torch.ones(2, 4).bool(), DtypeError, "float32, uint8 or integers expected"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_that_is_no_rows_is_refused(name):
    example, kind, why = EXAMPLES[name]
    with pytest.raises(kind, match=why):
        from_module(nn.Linear(4, 4), example)


def test_what_is_no_module_is_refused():
    with pytest.raises(DtypeError, match=r"^a torch\.nn\.Module expected, got function$"):
        from_module(lambda x: x, torch.zeros(2, 4))


def test_a_module_without_parameters_is_refused():
    assert refusal(nn.ReLU()) == "a network with parameters expected, got none"
