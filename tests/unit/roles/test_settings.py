"""Losses and optimizers by name."""

import pytest

from delea.errors import GraphError, UsageError
from delea.roles.settings import parse_loss, parse_optimizer


@pytest.mark.parametrize(
    "name", ["cross_entropy", "mse", "l1", "huber", "smooth_l1", "bce_with_logits"]
)
def test_a_loss_is_found_by_its_name(name):
    assert parse_loss(name).name == name


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "rmsprop", "lion"])
def test_an_optimizer_is_found_by_its_name(name):
    assert parse_optimizer(name).name == name


def test_numbers_are_set():
    sgd = parse_optimizer("sgd:lr=0.1,momentum=9e-1,nesterov=true")
    assert dict(sgd.numbers) == {"lr": 0.1, "momentum": 0.9, "nesterov": 1.0}
    assert parse_loss("huber:delta=0.5").delta == 0.5


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "optimizer: one of sgd, adam, adamw, rmsprop, lion expected, got ''"),
        ("SGD", "optimizer: one of sgd, "),
        ("sgd:rate=1", "sgd takes lr, momentum, weight_decay, nesterov, clip_norm as name=number"),
        ("sgd:lr", "name=number expected, got 'lr'"),
        ("sgd:lr=fast", "name=number expected, got 'lr=fast'"),
        ("sgd:lr=1,lr=2", "as name=number, got 'lr=2'"),
        ("adam:betas=1", "adam takes lr, eps, weight_decay, clip_norm as name=number"),
        ("sgd:__class__=1", "as name=number, got '__class__=1'"),
    ],
)
def test_what_is_no_optimizer_is_refused(text, why):
    with pytest.raises(UsageError) as refused:
        parse_optimizer(text)
    assert why in str(refused.value)


def test_a_number_that_is_refused_is_told():
    with pytest.raises(GraphError, match="lr of at least 0 expected"):
        parse_optimizer("sgd:lr=-1")
    with pytest.raises(GraphError, match="lr of at least 0 expected, got nan"):
        parse_optimizer("sgd:lr=nan")
