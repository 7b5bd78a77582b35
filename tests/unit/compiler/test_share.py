"""Kernels that differ in addresses only share a function; those that differ otherwise do not."""

import re
from dataclasses import replace

import pytest

from delea.compiler.kernel import Access, Buffer, Loop, Matmul, Operand, Random
from delea.compiler.share import share

X, Y, Z = (Buffer(name, 4) for name in "xyz")


def doubling(source, target, *, offset=0, size=4):
    """Return the kernel target = source + source."""
    loop = Loop((size,))
    value = loop.body.load(Access(source, (1,), offset), "f32")
    loop.stores.append((loop.body.add(value, value), Access(target, (1,))))
    return loop


def product(a, b, c, bias=None, k=4):
    sides = (Operand(buffer, 0, (), ((4, 4),), ((4, 1),)) for buffer in (a, b))
    return Matmul(*sides, c, bias, (), 4, 4, k)


def at(*addresses):
    return dict(zip((X, Y, Z), addresses, strict=False))


def test_a_kernel_alone_has_no_parameters():
    functions, calls = share([(doubling(X, Y), at(64, 128))], 0)
    assert calls == ["(call $kernel_0)"]
    assert "param" not in functions[0]


def test_equal_kernels_share_one_function_and_are_given_their_addresses():
    pairs = [(doubling(X, Y), at(64, 256)), (doubling(Y, Z), at(0, 128, 512))]
    functions, calls = share(pairs, 0)
    assert len(functions) == 1
    assert calls == [
        "(call $kernel_0 (i32.const 64) (i32.const 256))",
        "(call $kernel_0 (i32.const 128) (i32.const 512))",
    ]


def test_an_address_that_all_calls_have_in_common_stays_a_constant():
    pairs = [(doubling(X, Y), at(64, 256)), (doubling(X, Z), at(64, 0, 512))]
    functions, calls = share(pairs, 0)
    assert re.findall(r"\(param \$\w+ i32\)", functions[0]) == ["(param $p1 i32)"]
    assert calls == ["(call $kernel_0 (i32.const 256))", "(call $kernel_0 (i32.const 512))"]


def test_buffers_that_are_always_as_far_apart_are_one_parameter():
    pairs = [(doubling(X, Y), at(64, 256)), (doubling(X, Y), at(128, 320))]
    functions, calls = share(pairs, 0)
    assert functions[0].count("(param") == 1
    assert calls == ["(call $kernel_0 (i32.const 64))", "(call $kernel_0 (i32.const 128))"]


def test_buffers_that_always_lie_at_one_place_have_a_parameter_each():
    pairs = [(product(X, X, Y), at(64, 256)), (product(X, X, Y), at(128, 512))]
    functions, calls = share(pairs, 0)
    assert re.findall(r"\(param (\$\w+) i32\)", functions[0]) == ["$p0", "$p1", "$p2"]
    assert calls[0] == "(call $kernel_0 (i32.const 64) (i32.const 64) (i32.const 256))"


def test_a_kernel_of_another_part_of_a_buffer_is_an_equal_one():
    pairs = [(doubling(X, Y, offset=1), at(64, 256)), (doubling(X, Y, offset=3), at(64, 256))]
    functions, calls = share(pairs, 0)
    assert len(functions) == 1
    assert calls == ["(call $kernel_0 (i32.const 68))", "(call $kernel_0 (i32.const 76))"]


def test_a_matmul_of_another_part_of_a_buffer_is_an_equal_one():
    left, right = (product(X, Y, Z), product(X, Y, Z))
    moved = replace(right, a=replace(right.a, offset=2), b=replace(right.b, offset=3))
    functions, calls = share([(kernel, at(64, 128, 512)) for kernel in (left, moved)], 0)
    assert len(functions) == 1
    assert calls == [
        "(call $kernel_0 (i32.const 64) (i32.const 128))",
        "(call $kernel_0 (i32.const 72) (i32.const 140))",
    ]


DIFFERENT = {
    "a longer loop": (doubling(X, Y), doubling(X, Y, size=8)),
    "in place": (doubling(X, Y), doubling(X, X)),
    "another size": (product(X, Y, Z), product(X, Y, Z, k=2)),
    "a bias": (product(X, Y, Z), product(X, Y, Z, bias=X)),
    "another draw": (Random(X, Y, 0), Random(X, Y, 1)),
    "a longer draw": (Random(X, Y, 0), Random(X, Buffer("x", 8), 0)),
}


@pytest.mark.parametrize("kind", DIFFERENT)
def test_kernels_that_differ_otherwise_share_nothing(kind):
    addresses = at(64, 128, 192) | {Buffer("x", 8): 256}
    functions, calls = share([(kernel, addresses) for kernel in DIFFERENT[kind]], 0)
    assert len(functions) == 2
    assert calls == ["(call $kernel_0)", "(call $kernel_1)"]
