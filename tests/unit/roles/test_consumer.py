"""Rows are encoded exactly or refused; an answer needs its payment and is checked."""

from dataclasses import replace

import numpy as np
import pytest

from delea.artifact import Field
from delea.chain.events import Inferred
from delea.errors import (
    DigestError,
    DtypeError,
    MissingError,
    RefusedError,
    RevertError,
    ShapeError,
)
from delea.roles import consumer

PAIR, ONE, WHOLE = Field("f32", (2,)), Field("f32", (1,)), Field("i32", (2,))


@pytest.mark.parametrize(
    ("values", "field", "encoded"),
    [
        ([[1, 2]], PAIR, np.asarray([1, 2], "<f4").tobytes()),
        ([1.0, 2.0], PAIR, np.asarray([1, 2], "<f4").tobytes()),
        (np.asarray([[1], [2]], ">f8"), ONE, np.asarray([1, 2], "<f4").tobytes()),
        (np.asarray([[1, 3], [2, 4]], order="F"), PAIR, np.asarray([1, 3, 2, 4], "<f4").tobytes()),
        ([[1, -2]], WHOLE, np.asarray([1, -2], "<i4").tobytes()),
        ([[1.0, 2.0]], WHOLE, np.asarray([1, 2], "<i4").tobytes()),
        ([[2**31 - 1, -(2**31)]], WHOLE, np.asarray([2**31 - 1, -(2**31)], "<i4").tobytes()),
    ],
)
def test_rows_are_encoded_little_endian_row_by_row(values, field, encoded):
    assert consumer.encode_rows(np.asarray(values), field) == encoded


@pytest.mark.parametrize(
    "values", [[], [[]], [[1, 2, 3]], [1], 1, [[[1, 2]]], np.zeros((0, 2)), np.zeros((2, 2, 1))]
)
def test_rows_of_another_shape_are_refused(values):
    with pytest.raises(ShapeError, match=r"inputs \(rows, 2\) expected, got"):
        consumer.encode_rows(np.asarray(values), PAIR)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ([["a", "b"]], PAIR),
        ([[True, False]], PAIR),
        ([[None, 1]], PAIR),
        ([[1j, 1]], PAIR),
        ([[float("nan"), 1]], PAIR),
        ([[float("inf"), 1]], PAIR),
        ([[1e39, 1]], PAIR),
        ([[1.5, 1]], WHOLE),
        ([[2**31, 1]], WHOLE),
        ([[2**63, 1]], WHOLE),
        ([[float("nan"), 1]], WHOLE),
        ([[10**400, 1]], PAIR),
    ],
)
def test_values_that_the_module_cannot_hold_are_refused(values, field):
    with pytest.raises(DtypeError, match="as inputs, got"):
        consumer.encode_rows(np.asarray(values), field)


def test_outputs_are_decoded_in_their_shape():
    rows = consumer.decode_rows(np.arange(6, dtype="<f4").tobytes(), Field("f32", (3,)))
    assert rows.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.fixture
def inputs(session):
    return consumer.encode_rows(np.asarray([[0.5], [1.0]]), session.manifest.input)


def test_a_paid_request_is_answered_the_same_by_anyone(session, open_session, inputs, keys):
    paid = consumer.pay(session, inputs, key=keys[0])
    assert (paid.units, paid.request.version) == (2, 0)
    answers = [consumer.answer(each, paid.request) for each in (session, open_session())]
    assert answers[0] == answers[1]
    consumer.check(session, paid.request, answers[0])


def test_a_wrong_answer_is_refused(session, inputs, keys):
    paid = consumer.pay(session, inputs, key=keys[0])
    right = consumer.answer(session, paid.request)
    with pytest.raises(DigestError, match="the answer is wrong"):
        consumer.check(session, paid.request, replace(right, outputs=right.outputs[::-1]))


def test_an_unpaid_request_is_not_answered(session, inputs, keys):
    paid = consumer.pay(session, inputs, key=keys[0])
    for other in (replace(paid.request, version=1), replace(paid.request, payer=keys[1].address)):
        with pytest.raises(
            RefusedError, match="a payment of 2 units for this request expected, got 0"
        ):
            consumer.answer(session, other)


def test_a_price_above_the_limit_is_refused_and_nothing_is_paid(session, inputs, keys):
    before = session.model.balance_of(keys[0].address)
    with pytest.raises(RevertError, match="infer: max_price"):
        consumer.pay(session, inputs, key=keys[0], max_price=1)
    assert session.model.balance_of(keys[0].address) == before


@pytest.mark.parametrize(("rise", "is_paid"), [(0, True), (99, True), (102, False)])
def test_a_price_may_rise_by_a_hundredth_until_it_is_paid(
    session, inputs, keys, monkeypatch, rise, is_paid
):
    price = session.model.price_for(2)
    quoted = price * 10_000 // (10_000 + rise)  # down
    monkeypatch.setattr(type(session.model), "price_for", lambda *_: quoted)
    if is_paid:
        assert consumer.pay(session, inputs, key=keys[0]).price == price
    else:
        with pytest.raises(RevertError, match="infer: max_price"):
            consumer.pay(session, inputs, key=keys[0])


def test_a_payment_counts_once_it_has_its_confirmations(session, inputs, keys, monkeypatch):
    paid = consumer.pay(session, inputs, key=keys[0])
    mined = session.model.events(Inferred)[-1].block
    monkeypatch.setattr(type(session.model), "block_number", lambda _: mined + 2)
    for missing in (4, 2**40):
        with pytest.raises(RefusedError, match="expected, got 0"):
            consumer.answer(session, paid.request, confirmations=missing)
    right = consumer.answer(session, paid.request)
    assert consumer.answer(session, paid.request, confirmations=3) == right


def test_nothing_is_paid_where_the_head_has_no_state(session):
    consumer.check_ready(session)
    for path in (session.store.path / "states").iterdir():
        path.unlink()
    with pytest.raises(MissingError):
        consumer.check_ready(session)
