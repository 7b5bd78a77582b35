"""Tensors cut, put together and turned: compiled, their elements and their gradients."""

import numpy as np
import pytest

from delea import nn
from delea.errors import ShapeError
from delea.graph import F32, Builder

KEYS = {
    "a row": np.s_[1],
    "the last row": np.s_[-1],
    "a column": np.s_[:, 2],
    "some rows": np.s_[1:3],
    "every other column": np.s_[:, ::2],
    "from the end": np.s_[-2:, :-1],
    "the last axis": np.s_[..., 0],
    "a new axis": np.s_[:, None],
    "all kinds": np.s_[None, 1:, ..., 1::2],
    "one element": np.s_[0, 1, 2],
    "everything": np.s_[:],
    "the rest": np.s_[...],
}


@pytest.mark.parametrize("name", KEYS)
def test_an_index(check, name):
    check(lambda x: x[KEYS[name]], (3, 5, 7), expected=lambda x: x[KEYS[name]])


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_a_concatenation(check, dim):
    shapes = [[2, 3, 5] for _ in range(3)]
    for number, shape in enumerate(shapes):
        shape[dim] = number + 1
    check(
        lambda *x: nn.cat([x[0], x[1] * 2.0, x[2]], dim),
        *map(tuple, shapes),
        expected=lambda a, b, c: np.concatenate([a, 2 * b, c], dim),
    )


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_a_stack(check, dim):
    check(
        lambda x, y: nn.stack([x, y, x], dim),
        (3, 5),
        (3, 5),
        expected=lambda x, y: np.stack([x, y, x], dim),
    )


@pytest.mark.parametrize("chunks", [1, 2, 3, 7, 9])
def test_chunks(check, chunks):
    def halves(x):
        first, *rest = x.chunk(chunks, 1)
        return nn.cat([part * 2.0 for part in rest] + [first], 1)

    check(halves, (3, 7))


def test_a_split(check):
    check(
        lambda x: nn.cat(x.split(3, -1)[::-1], -1),
        (2, 7),
        expected=lambda x: np.concatenate([x[:, 6:], x[:, 3:6], x[:, :3]], 1),
    )


def test_a_padding(check):
    check(
        lambda x: nn.pad(x, (1, 0), (0, 3), 1.5),
        (3, 5),
        expected=lambda x: np.pad(x, ((1, 0), (0, 3)), constant_values=1.5),
    )


def test_an_expansion(check):
    check(
        lambda x: x.expand(4, -1, 3, 5) * 2.0,
        (2, 1, 5),
        expected=lambda x: 2 * np.broadcast_to(x, (4, 2, 3, 5)),
    )


def test_axes_that_come_and_go(check):
    check(
        lambda x: (x.unsqueeze(1).unsqueeze(-1).squeeze(1) * x.squeeze()[:, None, :, None])[..., 0],
        (3, 1, 5),
        expected=lambda x: x * x,
    )
    check(lambda x: x.squeeze(1).squeeze(0), (3, 1, 5), expected=lambda x: x[:, 0])


def test_axes_that_change_places(check):
    check(
        lambda x: x.transpose(0, -1).permute(-2, 0, 2) * 1.0,
        (3, 4, 5),
        expected=lambda x: x.transpose(1, 2, 0),
    )


def test_a_view(check):
    check(lambda x: x.view(-1, 6) + 1.0, (3, 4), expected=lambda x: x.reshape(2, 6) + 1)


REFUSED = {
    "an index out of range": (lambda x: x[3], "an index within 3 expected, got 3"),
    "too many axes": (lambda x: x[0, 0, 0], "at most 2 axes expected"),
    "a backward slice": (lambda x: x[::-1], "a slice of some of 3 elements"),
    "an empty slice": (lambda x: x[2:2], "a slice of some of 3 elements"),
    "a fraction": (lambda x: x[0.5], "an index of integers and slices expected, got float"),
    "two ellipses": (lambda x: x[..., ...], "at most 2 axes expected"),
    "other sizes": (lambda x: nn.cat([x, x[:, 1:]]), "cat needs equal sizes but along axis 0"),
    "other ranks": (lambda x: nn.stack([x, x[0]]), "cat needs equal sizes"),
    "nothing": (lambda _: nn.cat([]), "at least one tensor"),
    "an axis that is not there": (lambda x: nn.cat([x, x], 2), r"cat needs axes of \(3, 4\)"),
    "a split of nothing": (lambda x: x.split(0), "pieces of at least 1"),
    "pieces too small": (lambda x: x.split([1, 2], 1), "pieces that add up to 4, got"),
    "pieces too large": (lambda x: x.split([1, 4], 1), "pieces that add up to 4, got"),
    "no pieces": (lambda x: x.split([]), "pieces of at least 1"),
    "flat from behind": (lambda x: x.flatten(1, 0), "axes in order, got 1 to 0"),
    "no chunk": (lambda x: x.chunk(0), "at least 1 piece"),
    "an expansion of 3": (lambda x: x.expand(6, 4), "broadcast|repeats axes"),
    "a shrinking expansion": (lambda x: x.expand(1, 4), "repeats axes of size 1 alone"),
    "an expansion to fewer axes": (lambda x: x.expand(4), "expand needs sizes for"),
    "a narrow pad": (lambda x: nn.pad(x, (-1, 0), (0, 0)), "a width of at least 0"),
    "a pad of one axis": (lambda x: nn.pad(x, (1,), (1,)), "a width of at least 0 per axis"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused(name):
    function, message = REFUSED[name]
    b = Builder()
    with nn.recording(b), pytest.raises(ShapeError, match=message):
        function(nn.Tensor(b.leaf("input", "x", (3, 4), F32)))
