"""Every structural rule refuses its own kind of hostile module, in one line."""

import re
from dataclasses import replace

import pytest

from delea.artifact import Region, encode_manifest
from delea.artifact.wasm import read_sections
from delea.errors import ArtifactError, MalformedError, PolicyError
from delea.runtime import caps, check_module

REFUSED = (PolicyError, ArtifactError)
STEP = '(func (export "train_step") (result f32) {} (f32.const 0))'

# What the text does, the pieces that do it, and words of the refusal.
LONG = "x" * 40
HOSTILE = {
    "imports a function": ({"memory": '(import "e" "f" (func)) (memory (export "memory") 1 1)'},
                           "section 'import'"),
    "starts by itself": ({"more": "(func) (start 5)"}, "section 'start'"),
    "has a table": ({"more": "(table 1 1 funcref)"}, "section 'table'"),
    "has elements": ({"more": "(elem func 0)"}, "section 'element'"),
    "has a tag": ({"more": "(tag)"}, "section 'tag'"),
    "has a passive segment": ({"more": '(data "x")'}, "data written once"),
    "counts its data": ({"train_step": STEP.format("(data.drop 0)"), "more": '(data "x")'},
                        "section 'data count'"),
    "calls itself": ({"more": "(func call 5)"}, "no recursion"),
    "calls itself through another": ({"more": "(func call 6) (func call 5)"}, "no recursion"),
    "calls what calls itself": ({"more": "(func call 6) (func call 7) (func call 6)"},
                                "no recursion"),
    "calls itself through two": ({"more": "(func call 6) (func call 7) (func call 5)"},
                                 "no recursion"),
    "calls 33 deep": ({"more": "(func)" + "".join(f"(func call {5 + i})" for i in range(32))},
                      "calls at most 32"),
    "grows its memory": ({"train_step": STEP.format("(drop (memory.grow (i32.const 1)))")},
                         "memory.grow"),
    "has a growable memory": ({"memory": '(memory (export "memory") 1 2)'}, "cannot grow"),
    "has an unbounded memory": ({"memory": '(memory (export "memory") 1)'}, "with a maximum"),
    "has a shared memory": ({"memory": '(memory (export "memory") 1 1 shared)'}, "unshared"),
    "has a 64-bit memory": ({"memory": '(memory (export "memory") i64 1 1)'}, "32-bit"),
    "has two memories": ({"more": "(memory 1 1)"}, "at most 1 memory"),
    "has an empty memory": ({"memory": '(memory (export "memory") 0 0)'}, "pages of memory"),
    "asks for too much memory": ({"memory": '(memory (export "memory") 8193 8193)'},
                                 "pages of memory"),
    "uses relaxed SIMD": ({"more": "(func (param v128) (drop (f32x4.relaxed_madd (local.get 0) "
                                   "(local.get 0) (local.get 0))))"}, "relaxed"),
    "uses atomics": ({"more": "(func (drop (i32.atomic.load (i32.const 0))))"}, "threads"),
    "fences": ({"more": "(func atomic.fence)"}, "threads"),
    "catches": ({"more": "(func (try_table))"}, "exceptions"),
    "throws a reference": ({"more": "(func (unreachable) (throw_ref))"}, "exceptions"),
    "calls its tail": ({"more": "(func) (func return_call 5)"}, "tail calls"),
    "calls a reference": ({"more": "(type $t (func)) (func (param (ref null $t))"
                                   " (call_ref $t (local.get 0)))"}, "number or vector"),
    "makes a null": ({"more": "(func (drop (ref.null func)))"}, "references"),
    "tests for null": ({"more": "(func unreachable ref.is_null drop)"}, "references"),
    "selects with a type": ({"more": "(func (drop (select (result i32) (i32.const 1) (i32.const 1)"
                                     " (i32.const 1))))"}, "select with types"),
    "has a struct type": ({"more": "(type (struct))"}, "function type"),
    "has a recursive type group": ({"more": "(rec (type (func)) (type (func)))"}, "function type"),
    "makes an i31": ({"more": "(func (drop (ref.i31 (i32.const 1))))"}, "garbage collection"),
    "has a reference global": ({"more": "(global funcref (ref.null func))"}, "number or vector"),
    "has a reference local": ({"more": "(func (local externref))"}, "number or vector"),
    "returns two values": ({"more": "(func (result i32 i32) (i32.const 1) (i32.const 1))"},
                           "at most 1 results"),
    "has a block with parameters": ({"more": "(func (i32.const 1) (block (param i32) drop))"},
                                    "allowed instruction"),
    "has 65 parameters": ({"more": f"(func (param {'i32 ' * 65}))"}, "at most 64 parameters"),
    "has 513 locals": ({"more": f"(func (local {'i32 ' * 513}))"}, "at most 512 locals"),
    "has 512 locals and a parameter": ({"more": f"(func (param i32) (local {'i32 ' * 512}))"},
                                       "at most 512 locals"),
    "nests 64 blocks": ({"more": f"(func {'block ' * 64} {'end ' * 64})"}, "at most 64 nested"),
    "has a br_table of 257 labels": ({"more": f"(func (i32.const 0) (br_table {'0 ' * 258}))"},
                                     "at most 256 labels"),
    "branches too often": ({"more": f"(func (local {'i32 ' * 32}) {'block end ' * 512})"},
                           "16384 locals times branches"),
    "branches too often without blocks": ({"more": f"(func (local {'i32 ' * 32}) "
                                                   f"{'(br_if 0 (i32.const 0))' * 512})"},
                                          "16384 locals times branches"),
    "branches too often by tables": ({"more": f"(func (local {'i32 ' * 32}) "
                                      + f"(br_table {'0 ' * 256} (i32.const 0))" * 2 + ")"},
                                     "16384 locals times branches"),
    "branches too often in many functions": (
        {"more": f"(func (local {'i32 ' * 32}) {'block end ' * 500})" * 5},
        "65536 locals times branches in all"),
    "shapes its flow too often": ({"more": f"(func {'call 6 ' * 9000})" * 2 + "(func)"},
                                  "16384 blocks, branches and calls"),
    "calls too much code": ({"more": f"(func call 6 {'nop ' * 30_000})(func {'nop ' * 30_000})"},
                            "a stack of at most 393216 bytes"),
    "calls too many locals": ({"more": f"(func (local {'v128 ' * 500}) (loop) (loop) call 6)"
                                       + "".join(f"(func (local {'v128 ' * 500}) (loop) call {i})"
                                                 for i in range(7, 22)) + "(func)"},
                              "a stack of at most 393216 bytes"),
    "has 1025 functions": ({"more": "(func)" * 1020}, "at most 1024 functions"),
    "has 257 types": ({"more": "".join(
        f"(type (func (param {'i32 ' * (i % 17)} {'f32 ' * (i // 17)})))" for i in range(257))},
                      "at most 256 types"),
    "has 257 globals": ({"more": "(global i32 (i32.const 0))" * 256}, "at most 256 globals"),
    "has 1025 data segments": ({"more": '(data (i32.const 8192) "x")' * 1025},
                               "at most 1024 data segments"),
    "has a body of 40 KiB": ({"more": f"(func {'nop ' * (40 << 10)})"}, "at most 40960 bytes"),
    "has 256 KiB of code": ({"more": f"(func {'nop ' * 40_000})" * 7}, "at most 262144 bytes"),
    "starts a global from another": ({"more": "(global i32 (global.get 0))"}, "one constant"),
    "computes an initial value": ({"more": "(global i32 (i32.add (i32.const 0) (i32.const 1)))"},
                                  "one constant"),
    "exports one more": ({"more": '(func (export "more"))'}, "exports"),
    "exports two long names": ({"more": f'(func (export "{LONG}a")) (func (export "{LONG}b"))'},
                               f"one export '{LONG}' expected, got two"),
    "exports one less": ({"evaluate": "(func (result f32) (f32.const 0))"}, "exports"),
    "exports a function as its memory": ({"memory": "(memory 1 1)",
                                          "more": '(export "memory" (func 0))'}, "kind 2"),
    "exports a function of another type": ({"evaluate": '(func (export "evaluate") (result f64)'
                                                        " (f64.const 0))"}, "another type"),
    "swaps two exports": ({"evaluate": '(func (export "evaluate") (result i32) (i32.const 0))'},
                          "another type"),
    "is of another abi": ({"abi": '(global (export "delea_abi") i32 (i32.const 2))'}, "delea_abi"),
    "has an abi that changes": ({"abi": '(global (export "delea_abi") (mut i32) (i32.const 1))'},
                                "delea_abi"),
    "has an abi of 64 bits": ({"abi": '(global (export "delea_abi") i64 (i64.const 1))'},
                              "delea_abi"),
    "puts data over the state": ({"more": '(data (i32.const 1079) "x")'}, "region state"),
    "puts data over the dataset": ({"more": '(data (i32.const 2000) "%s")' % ("x" * 49)},
                                   "region dataset"),
    "puts data over the input": ({"more": '(data (i32.const 4096) "x")'}, "region input"),
    "puts data over the output": ({"more": '(data (i32.const 5151) "x")'}, "region output"),
    "puts data behind its memory": ({"more": '(data (i32.const 65535) "xy")'}, "data inside"),
    "puts data at a negative offset": ({"more": '(data (i32.const -1) "x")'}, "data inside"),
}  # fmt: skip


@pytest.mark.parametrize("does", HOSTILE)
def test_a_module_is_refused_that(build, does):
    pieces, words = HOSTILE[does]
    with pytest.raises(REFUSED, match=re.escape(words)) as refused:
        check_module(build(**pieces))
    assert "\n" not in str(refused.value)


def test_the_plain_module_passes_and_names_its_manifest(toy, manifest):
    assert check_module(toy.module) == manifest


@pytest.mark.parametrize(
    "more",
    [
        '(data (i32.const 8192) "x") (global (mut v128) (v128.const i32x4 1 2 3 4))',
        '(data (i32.const 1000) "%s")' % ("x" * 24),
        '(data (i32.const 1080) "x") (data (i32.const 5152) "x") (data (i32.const 65535) "x")',
        "(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 1)))",
        "(func (memory.copy (i32.const 0) (i32.const 8) (i32.const 8)))",
        f"(func {'block ' * 63} {'end ' * 63})",
        f"(func (br_table {'0 ' * 257} (i32.const 0)))",
        f"(func (local {'i32 ' * 512}) (br_table {'0 ' * 31} (i32.const 0)))",
        "(func)" + "".join(f"(func call {5 + i})" for i in range(31)),
        "(func call 7) (func call 7) (func)",
        "(func call 6 call 7) (func call 8) (func call 8) (func)",
        "(func (local i64) (local.set 0 (i64.const -9223372036854775808)))",
        "(func (local i32 i32 i64 f32 f64 v128 i32))",
        "(func (drop (i32.const -1)) (drop (f64.const 1e300)) (drop (memory.size)))",
    ],
)
def test_a_module_at_the_edge_of_the_rules_passes(build, manifest, more):
    assert check_module(build(more=more)) == manifest


def test_a_memory_may_have_the_most_pages(build, manifest):
    assert check_module(build(memory='(memory (export "memory") 8192 8192)')) == manifest


def test_a_region_may_end_where_the_memory_does(build, manifest):
    last = replace(manifest, regions=replace(manifest.regions, scratch=Region(65535, 1)))
    assert check_module(build(last)) == last


def test_a_region_outside_the_memory_is_refused(build, manifest):
    for name in ("state", "dataset", "input", "output", "scratch"):
        region = getattr(manifest.regions, name)
        far = replace(
            manifest,
            regions=replace(
                manifest.regions, **{name: Region(65537 - region.length, region.length)}
            ),
        )
        with pytest.raises(PolicyError, match=f"region {name} inside"):
            check_module(build(far))


def test_a_manifest_that_contradicts_itself_is_refused(build, manifest):
    with pytest.raises(MalformedError, match="region input"):
        check_module(build(replace(manifest, infer_batch=9)))


USED = {
    "MAX_MODULE_BYTES": lambda module, _: len(module),
    "MAX_CODE_BYTES": lambda _, parts: len(parts[10]),
    "MAX_DATA_BYTES": lambda *_: 8,
    "MAX_BODY_BYTES": lambda _, parts: parts[10][1 + 1 + parts[10][1]],  # the second function's
    "MAX_LOCALS": lambda *_: 4,  # the parameters of seed
    "MAX_FLOW": lambda *_: 6,  # two locals, a loop and a br_if in infer
    "MAX_MODULE_FLOW": lambda *_: 14,  # seed 4, train_step 2, infer 6, and 1 for each of two
    "MAX_CONTROLS": lambda *_: 8,  # the last end of each function; a loop, its br_if and its end
    "MAX_CALL_DEPTH": lambda *_: 1,
    "MAX_STACK_BYTES": lambda _, parts: 256 + 16 * 2 * 2 + 8 * parts[10][2 + parts[10][1]],
}


@pytest.mark.parametrize("cap", USED)
def test_a_module_may_use_a_cap_to_the_last_and_no_more(build, manifest, monkeypatch, cap):
    module = build(more='(data (i32.const 8192) "abcdefgh")')
    used = USED[cap](module, {s.id: s.body for s in read_sections(module)})
    monkeypatch.setattr(f"delea.runtime.caps.{cap}", used)
    assert check_module(module) == manifest
    monkeypatch.setattr(f"delea.runtime.caps.{cap}", used - 1)
    with pytest.raises(PolicyError, match=f"at most {used - 1}"):
        check_module(module)


def test_a_custom_section_may_use_its_cap_to_the_last_and_no_more(build, manifest, monkeypatch):
    used = len(encode_manifest(manifest))
    monkeypatch.setitem(caps.MAX_CUSTOM_BYTES, "delea", used)
    assert check_module(build()) == manifest
    monkeypatch.setitem(caps.MAX_CUSTOM_BYTES, "delea", used - 1)
    with pytest.raises(PolicyError, match=f"at most {used - 1} bytes"):
        check_module(build())
