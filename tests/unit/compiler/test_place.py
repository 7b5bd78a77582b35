"""Addresses: a constant, or a parameter and what is added to it."""

from delea.compiler.kernel import Buffer
from delea.compiler.place import NOTHING, Place, parameters


def test_a_place_without_a_parameter_is_a_constant():
    assert Place(64).expression() == "(i32.const 64)"
    assert Place(64).expression(8) == "(i32.const 72)"
    assert Place(64).plus("(local.get $x)") == "(local.get $x)"


def test_a_place_with_a_parameter_is_a_sum():
    assert Place(0, "$p0").expression() == "(local.get $p0)"
    assert Place(0, "$p0").expression(8) == "(i32.add (local.get $p0) (i32.const 8))"
    assert Place(8, "$p0").plus("(local.get $x)") == "(i32.add (local.get $p0) (local.get $x))"
    assert Place(8, "$p0").plus(NOTHING) == "(local.get $p0)"


def test_parameters_are_declared_once_and_constants_are_not():
    a, b, c, d = (Buffer(name, 1) for name in "abcd")
    places = {a: Place(0, "$p0"), b: Place(64), c: Place(0, "$p2"), d: Place(4, "$p0")}
    assert parameters(places) == "(param $p0 i32) (param $p2 i32)"
