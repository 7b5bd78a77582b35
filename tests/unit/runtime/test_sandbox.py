"""The sandbox trains, evaluates and infers; a call's result depends on its arguments alone."""

import struct
from dataclasses import replace

import pytest

from delea.artifact import state_root
from delea.errors import (
    DatasetError,
    DivergedError,
    MalformedError,
    PolicyError,
    SandboxError,
    TrapError,
    UsageError,
)
from delea.runtime import Limits, Sandbox, evaluate, infer, replay, train

STEP = '(func (export "train_step") (result f32) {})'
COUNT = "(i64.store (i32.const 1056) (i64.add (i64.load (i32.const 1056)) (i64.const 1)))"


@pytest.fixture
def sandbox(toy):
    with Sandbox(toy.module) as door:
        door.load_dataset(toy.dataset)
        yield door


def f32(*values):
    return struct.pack(f"<{len(values)}f", *values)


def test_training_gives_the_state_and_each_loss_exactly(sandbox, toy):
    trained = sandbox.train(toy.state, toy.seed, 3)
    assert trained.losses == (30.0, 24.299999237060547, 19.683000564575195)
    assert trained.state.hex() == (
        toy.seed.hex() + "0300000000000000" + "be9f3a3fbe9fba3fcff70b40be9f3a40"
    )


def test_ten_steps_are_the_same_as_four_and_six(sandbox, toy):
    whole = sandbox.train(toy.state, toy.seed, 10)
    half = sandbox.train(toy.state, toy.seed, 4)
    rest = sandbox.train(half.state, toy.seed, 6)
    assert (rest.state, half.losses + rest.losses) == (whole.state, whole.losses)


def test_progress_names_every_step_once_with_its_loss(sandbox, toy):
    heard = []
    trained = sandbox.train(toy.state, toy.seed, 40_000, on_step=lambda *told: heard.append(told))
    assert heard == list(enumerate(trained.losses, 1))


def test_losses_that_are_not_kept_are_still_told_and_judged(sandbox, build, toy):
    heard = []
    trained = sandbox.train(
        toy.state, toy.seed, 3, on_step=lambda *told: heard.append(told), keep_losses=False
    )
    assert trained.losses == ()
    assert heard == [(1, 30.0), (2, 24.299999237060547), (3, 19.683000564575195)]
    module = build(train_step=STEP.format(f"{COUNT} (f32.const inf)"))
    with Sandbox(module) as other:
        other.load_dataset(toy.dataset)
        with pytest.raises(DivergedError, match="loss of step 1"):
            other.train(toy.state, toy.seed, 3, keep_losses=False)


def test_answers_of_too_many_bytes_are_refused_before_they_are_computed(sandbox, toy, monkeypatch):
    monkeypatch.setattr("delea.runtime.sandbox.MAX_ANSWER_BYTES", 4 * 100)
    assert len(sandbox.infer(toy.state, bytes(4 * 100))) == 4 * 100
    monkeypatch.setattr(sandbox, "_asking", None)
    with pytest.raises(MalformedError, match="400 bytes in all expected, 101 rows make 404"):
        sandbox.infer(toy.state, bytes(4 * 101))


def test_evaluation_reads_the_state_and_the_dataset(sandbox, toy):
    assert sandbox.evaluate(toy.state) == 3.0
    assert sandbox.evaluate(toy.state[:40] + f32(-0.5, 0, 0, 0)) == -1.5


def test_inference_takes_any_number_of_rows(sandbox, toy):
    state = toy.state[:40] + f32(2, 0, 0, 0)
    for rows in (0, 1, 7, 8, 9, 100):
        assert sandbox.infer(state, f32(*range(rows))) == f32(*range(0, 2 * rows, 2))


def test_inference_of_many_rows_does_not_fill_the_pipes(sandbox, toy):
    rows = f32(*range(300_000))
    assert sandbox.infer(toy.state, rows) == rows


def test_a_nan_in_the_output_has_one_kind_of_bits(sandbox, toy):
    odd = bytes.fromhex("010080ff0000c0ffefbeedff0000803f")
    assert sandbox.infer(toy.state, odd) == bytes.fromhex("0000c07f0000c07f0000c07f0000803f")


def test_one_shot_calls_give_what_a_kept_sandbox_gives(sandbox, toy):
    trained = sandbox.train(toy.state, toy.seed, 5)
    inputs = (toy.module, toy.dataset, toy.state)
    assert train(*inputs, toy.seed, 5) == trained
    assert replay(*inputs, toy.seed, 5) == state_root(trained.state)
    assert evaluate(*inputs) == sandbox.evaluate(toy.state)
    assert infer(toy.module, toy.state, f32(1, 2)) == f32(1, 2)


@pytest.mark.parametrize("hiding", ["scratch", "global", "input", "seed"])
def test_what_a_module_hides_between_calls_changes_nothing(build, toy, hiding):
    hidden = {
        "scratch": "(i32.load (i32.const 6144)) (i32.store (i32.const 6144) (i32.const 7))",
        "global": "(global.get 1) (global.set 1 (i32.const 7))",
        "input": "(i32.load (i32.const 4096)) (i32.store (i32.const 4096) (i32.const 7))",
        "seed": "(i32.load (i32.const 1024)) (i32.store (i32.const 1024) (i32.const 7))",
    }[hiding]
    peek = f"(local i32) {hidden} (local.set {{}})"
    infer_text = (
        '(func (export "infer") (param i32)'
        + peek.format(1)
        + "(f32.store (i32.const 5120) (f32.convert_i32_s (local.get 1))))"
    )
    module = build(
        more="(global (mut i32) (i32.const 0))",
        train_step=STEP.format(peek.format(0) + COUNT + "(f32.convert_i32_s (local.get 0))"),
        evaluate='(func (export "evaluate") (result f32)'
        + peek.format(0)
        + "(f32.convert_i32_s (local.get 0)))",
        infer=infer_text,
    )
    state = bytes(toy.state)
    row = bytes(4)
    with Sandbox(module) as sandbox:
        sandbox.load_dataset(toy.dataset)
        calls = [
            lambda: sandbox.evaluate(state),
            lambda: sandbox.infer(state, row),
            lambda: sandbox.train(state, bytes(32), 1).losses if hiding != "seed" else None,
        ]
        first = [call() for call in calls]
        assert first[0] == 0.0
        for _ in range(2):
            assert [call() for call in calls] == first


def test_inference_does_not_see_the_dataset(build, toy):
    module = build(
        infer='(func (export "infer") (param i32)'
        "(f32.store (i32.const 5120) (f32.load (i32.const 2056))))"
    )
    with Sandbox(module) as sandbox:
        alone = sandbox.infer(toy.state, f32(1))
        sandbox.load_dataset(toy.dataset)
        sandbox.evaluate(toy.state)
        assert sandbox.infer(toy.state, f32(1)) == alone == f32(0)


def test_a_second_dataset_replaces_the_first_whole(build, toy):
    module = build(evaluate='(func (export "evaluate") (result f32) (f32.load (i32.const 2072)))')
    short = b"\1\0\0\0\0\0\0\0" + f32(9, 9)
    with Sandbox(module) as sandbox:
        for dataset, seen in ((toy.dataset, 2.0), (short, 0.0), (toy.dataset, 2.0)):
            sandbox.load_dataset(dataset)
            assert sandbox.evaluate(toy.state) == seen


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (f"{COUNT} (f32.const nan)", "loss of step 1"),
        (f"{COUNT} (f32.const -inf)", "loss of step 1"),
        (f"{COUNT} (f32.store (i32.const 1064) (f32.const nan)) (f32.const 0)", "holds a NaN"),
        (f"{COUNT} (f32.store (i32.const 1076) (f32.const inf)) (f32.const 0)", "w holds a NaN"),
    ],
)
def test_a_nan_or_an_infinity_is_a_divergence(build, toy, step, told):
    with Sandbox(build(train_step=STEP.format(step))) as sandbox:
        sandbox.load_dataset(toy.dataset)
        for _ in range(2):
            with pytest.raises(DivergedError, match=told):
                sandbox.train(toy.state, toy.seed, 2)
        assert sandbox.evaluate(toy.state) == 3.0


def test_training_stops_at_the_first_loss_that_is_not_finite(build, toy):
    late = (
        f"{COUNT} (f32.div (f32.const 1) (f32.convert_i64_u (i64.sub (i64.const 700)"
        " (i64.load (i32.const 1056)))))"
    )
    heard = []
    with Sandbox(build(train_step=STEP.format(late))) as sandbox:
        sandbox.load_dataset(toy.dataset)
        with pytest.raises(DivergedError, match="step 700"):
            sandbox.train(toy.state, toy.seed, 900, on_step=lambda *told: heard.append(told))
    assert len(heard) == 700


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_state_that_is_not_finite_is_refused_before_it_is_used(sandbox, toy, value):
    state = toy.state[:52] + f32(float(value))
    for use in (
        lambda: sandbox.train(state, toy.seed, 1),
        lambda: sandbox.evaluate(state),
        lambda: sandbox.infer(state, f32(1)),
    ):
        with pytest.raises(DivergedError, match="w holds"):
            use()


def test_an_evaluation_that_is_not_finite_is_a_divergence(build, toy):
    module = build(evaluate='(func (export "evaluate") (result f32) (f32.const inf))')
    with pytest.raises(DivergedError, match="got inf"):
        evaluate(module, toy.dataset, toy.state)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("unreachable", "unreachable"),
        ("(f32.convert_i32_s (i32.div_s (i32.const 1) (i32.load (i32.const 6144))))",
         "integer division by zero"),
        ("(f32.load (i32.const 65533))", "out of bounds"),
        ("(f32.convert_i32_s (i32.trunc_f32_s (f32.const nan)))", "bad conversion"),
    ],
)  # fmt: skip
def test_a_trap_is_told_and_the_sandbox_goes_on(build, toy, step, told):
    with Sandbox(build(train_step=STEP.format(step))) as sandbox:
        sandbox.load_dataset(toy.dataset)
        for _ in range(2):
            with pytest.raises(TrapError, match=told):
                sandbox.train(toy.state, toy.seed, 2)
        assert sandbox.evaluate(toy.state) == 3.0


def test_a_trap_amid_many_rows_is_told_and_the_sandbox_goes_on(build, toy):
    module = build(
        infer='(func (export "infer") (param i32)'
        "(if (f32.gt (f32.load (i32.const 4096)) (f32.const 80)) (then unreachable)))"
    )
    with Sandbox(module) as sandbox:
        for _ in range(2):
            with pytest.raises(TrapError, match="unreachable"):
                sandbox.infer(toy.state, f32(*range(100_000)))
            assert len(sandbox.infer(toy.state, f32(*range(16)))) == 64


def test_a_module_that_keeps_no_seed_or_counter_is_refused(build, toy):
    plain = '(func (export "seed") (param i64 i64 i64 i64))'
    for pieces, told in (
        ({"seed": plain}, "seed into the state"),
        ({"train_step": STEP.format("(f32.const 0)")}, "step counter of 2 expected, got 0"),
    ):
        with pytest.raises(PolicyError, match=told):
            train(build(**pieces), toy.dataset, toy.state, toy.seed, 2)


def test_a_module_of_wrong_types_is_refused_by_the_engine(toy, add_body):
    with pytest.raises(PolicyError, match="a valid module expected"):
        Sandbox(add_body(toy.module, b"\0\x6a\x0b"))


def test_inputs_of_another_length_are_refused_here(sandbox, toy):
    for state in (b"", toy.state[:-1], toy.state + b"\0"):
        with pytest.raises(MalformedError, match="a state of 56 bytes"):
            sandbox.evaluate(state)
    with pytest.raises(MalformedError, match="a seed of 32 bytes"):
        sandbox.train(toy.state, toy.seed[:-1], 1)
    with pytest.raises(MalformedError, match="rows of 4 bytes"):
        sandbox.infer(toy.state, bytes(7))
    for steps in (0, -1, 1 << 33):
        with pytest.raises(MalformedError, match="steps expected"):
            sandbox.train(toy.state, toy.seed, steps)
    with pytest.raises(DatasetError, match="at most 16 rows"):
        sandbox.load_dataset(b"\x11\0\0\0\0\0\0\0" + bytes(17 * 8))
    assert sandbox.evaluate(toy.state) == 3.0


def test_training_without_a_dataset_is_refused(toy):
    with Sandbox(toy.module) as sandbox:
        with pytest.raises(DatasetError, match="got none"):
            sandbox.train(toy.state, toy.seed, 1)
        with pytest.raises(DatasetError, match="got none"):
            sandbox.evaluate(toy.state)


def test_a_closed_sandbox_says_so(toy):
    sandbox = Sandbox(toy.module)
    sandbox.close()
    sandbox.close()
    with pytest.raises(SandboxError, match="closed"):
        sandbox.infer(toy.state, f32(1))
    with pytest.raises(SandboxError, match="closed"):
        sandbox.load_dataset(toy.dataset)


def test_limits_that_mean_nothing_are_refused():
    for wrong in ({"seconds": 0}, {"step_seconds": float("inf")}, {"memory_bytes": 1}):
        with pytest.raises(UsageError, match="expected"):
            Limits(**wrong)


def test_a_large_state_comes_back_whole(build, toy, manifest):
    count = 4 << 20
    large = replace(
        manifest,
        tensors=(replace(manifest.tensors[0], shape=(count,)),),
        regions=replace(
            manifest.regions,
            state=replace(manifest.regions.state, offset=65536, length=40 + 4 * count),
        ),
    )
    seed = """(func (export "seed") (param i64 i64 i64 i64)
      (i64.store (i32.const 65536) (local.get 0)) (i64.store (i32.const 65544) (local.get 1))
      (i64.store (i32.const 65552) (local.get 2)) (i64.store (i32.const 65560) (local.get 3)))"""
    step = COUNT.replace("1056", "65568") + "(f32.const 1)"
    memory = '(memory (export "memory") 300 300)'
    module = build(large, memory=memory, seed=seed, train_step=STEP.format(step))
    state = bytes(40) + bytes(range(64)) * (count // 16)
    trained = train(module, toy.dataset, state, toy.seed, 2)
    assert trained.state == toy.seed + b"\2" + bytes(7) + state[40:]
