"""Bad input to claims, payments and rulings: one line, an exit code, nothing paid, nothing left."""

import re
import shutil
import time
from pathlib import Path

import pytest

from delea.artifact import GRAPH_SECTION, Artifact
from delea.artifact.wasm import Section, custom_section, read_sections, write_sections
from delea.chain import create_keystore, dev_key
from delea.cli.verbs import train
from delea.roles import trainer
from delea.runtime import Limits, Sandbox
from delea.store import Store, read_bundle, write_bundle

NOBODY = "0x" + "0" * 39 + "1"


def test_a_wrong_root_is_refuted_in_one_line(delea, model, cheat):
    version = cheat(model)
    said = delea("verify", model)
    assert (said.code, said.err) == (1, f"delea: 1 of 1 claims not upheld: version {version}\n")
    assert said.out.startswith(f"version {version}: refuted, {'66' * 32} claimed, ")


def test_training_on_a_wrong_claim_names_the_remedy(delea, model, cheat):
    version = cheat(model)
    said = delea("train", model, "--key", "dev:1")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"delea: version {version} is a wrong claim: ")
    assert said.err.endswith(f" (delea verify {model} --challenge disputes it)\n")


def test_a_stale_parent_is_refused(model, delea, address, monkeypatch):
    claim = trainer.claim

    def claim_late(*arguments, **names):
        monkeypatch.setattr(trainer, "claim", claim)
        assert delea("train", model, "--key", "dev:2").code == 0
        return claim(*arguments, **names)

    monkeypatch.setattr(trainer, "claim", claim_late)
    said = delea("train", model, "--key", "dev:1")
    assert (said.code, said.err) == (1, "delea: the contract refused: train: stale parent\n")
    versions = delea("status", model, "--json").fields["versions"]
    assert [version["sender"] for version in versions[1:]] == [address(2)]


def test_too_small_a_reward_is_refused_before_training(refuses, model, monkeypatch):
    monkeypatch.setattr(trainer, "train", None)
    refuses("train", model, "--min-reward", 1000, "--key", "dev:1", kind="RefusedError")


def test_a_reward_is_refused_by_the_quote_behind_what_is_built_on(
    delea, refuses, model, chain, monkeypatch
):
    delea("train", model, "--updates", 2, "--key", "dev:1")
    chain.model(model).challenge(1, b"\x01" * 32, key=dev_key(7, chain_id=31_337))  # falsely
    monkeypatch.setattr(trainer, "train", None)
    words = ("train", model, "--updates", 2, "--min-reward", "296.8", "--key", "dev:2")
    assert refuses(*words, kind="RefusedError") == (
        "a reward of at least 296.8000 TNY expected, got a quote of 296.7359 TNY"
    )


def test_a_reward_that_shrinks_during_training_is_refused_by_the_contract(
    refuses, model, monkeypatch
):
    monkeypatch.setattr(train, "_check_reward", lambda *_: None)
    said = refuses("train", model, "--min-reward", 1000, "--key", "dev:1", kind="RevertError")
    assert said == "the contract refused: train: min_reward"


def test_a_bond_that_one_cannot_pay_is_refused(refuses, model, home, monkeypatch):
    keystore = home / "poor.json"
    if not keystore.exists():
        create_keystore(keystore, "secret", rounds=2)
    monkeypatch.setenv("DELEA_PASSWORD", "secret")
    said = refuses("train", model, "--key", keystore, kind="ChainError")
    assert "nsufficient funds" in said


@pytest.mark.parametrize(
    ("words", "kind", "says"),
    [
        (("train", "--updates", 101), "RefusedError", "1 to 100 updates a claim expected, got 101"),
        (
            ("train", "--min-reward", 1000, "--updates", 2),
            "RefusedError",
            "a reward of at least 1,000.0000 TNY expected, got a quote of 296.8286 TNY",
        ),
        (("infer", "--inputs", "[[1]]", "--max-price", "1wei"), "RevertError", "infer: max_price"),
        (("infer", "--inputs", "[[1,2]]"), "ShapeError", "inputs (rows, 1) expected, got (1, 2)"),
        (("infer", "--inputs", "[]"), "ShapeError", "inputs (rows, 1) expected, got (0,)"),
        (("infer", "--inputs", "[[1e39]]"), "DtypeError", "finite numbers that fit f32 expected"),
        (("verify", 0), "RefusedError", "a claimed version of 1 to 0 expected, got 0"),
        (("verify", 7), "RefusedError", "a claimed version of 1 to 0 expected, got 7"),
        (("replay", 7), "RevertError", "unknown version"),
        (("propose-rollback", 7), "RefusedError", "a version of 0 to 0 expected, got 7"),
        (("propose-rollback", 0), "RevertError", "propose_rollback: no seat"),
        (("vote", 9, "for"), "RevertError", "vote_rollback: unknown"),
        (("execute-rollback", 9), "RevertError", "execute_rollback: unknown"),
    ],
)
def test_what_the_model_does_not_take_is_refused(refuses, model, words, kind, says):
    if words[0] not in {"verify", "replay"}:
        words = (*words, "--key", "dev:1" if words[0] != "infer" else "dev:0")
    assert says in refuses(words[0], model, *words[1:], kind=kind)


def test_an_inference_without_tokens_is_refused(refuses, model, address):
    said = refuses("infer", model, "--inputs", "[[1]]", "--key", "dev:1", kind="RefusedError")
    assert re.fullmatch(rf"0\.[0-9]+ \w+ expected, {address(1)} has 0 \w+", said)


def test_a_challenge_too_late_is_refused(model, cheat, anvil, delea):
    version = cheat(model)
    anvil.increase_time(600)
    said = delea("verify", model, version, "--challenge", "--key", "dev:6", "--json")
    (check,) = said.fields["checks"]
    assert (said.code, check["verdict"], check["game"]) == (1, "refuted", None)
    line = f"version {version}: not challenged, the contract refused: challenge: too late"
    assert said.err.splitlines()[-2] == line
    assert delea("verify", model).out == "no open claims\n"


def test_a_vote_without_a_seat_decides_no_game(delea, model, cheat):
    cheat(model)
    delea("verify", model, "--challenge", "--key", "dev:6")
    said = delea("rule", model, "--key", "dev:1")
    assert said.code == 0
    assert said.out == ("version 1, game 1: refuted, not decided yet: other stewards may turn it\n")


@pytest.mark.parametrize("verb", ["train", "settle", "withdraw", "rule", "status", "verify"])
def test_an_unknown_model_is_refused(refuses, verb):
    key = () if verb in {"status", "verify"} else ("--key", "dev:1")
    said = refuses(verb, NOBODY, *key, kind="UnknownModelError")
    assert said == f"no contract lives at {NOBODY}"


def test_another_contract_is_no_model(refuses, delea, model):
    arbiter = delea("status", model, "--json").fields["terms"]["arbiter"]
    assert "is not a model" in refuses("status", arbiter, kind="UnknownModelError")


def test_a_python_file_is_no_delea_file_nor_the_other_way_round(refuses, bundle):
    source = bundle.with_suffix(".py")
    for words in (("audit", source), ("put", source), _create(source)):
        said = refuses(*words, code=2, kind="UsageError")
        assert said == f"a .delea file expected (delea build makes one), got {source}"
    said = refuses("build", bundle, code=2, kind="UsageError")
    assert said == f"a Python file expected (create takes a .delea file), got {bundle}"


@pytest.mark.parametrize("keep", [0, 1000, -1])
def test_a_truncated_file_is_refused(refuses, bundle, tmp_path, keep):
    short = tmp_path / "short.delea"
    short.write_bytes(bundle.read_bytes()[:keep])
    for words in (("audit", short), ("put", short), _create(short)):
        refuses(*words, kind="MalformedError")


@pytest.mark.parametrize("place", [0, 100, 5000, -1])
def test_an_altered_file_is_refused(refuses, bundle, tmp_path, place):
    altered, data = tmp_path / "altered.delea", bytearray(bundle.read_bytes())
    data[place] ^= 1
    altered.write_bytes(data)
    for words in (("audit", altered), _create(altered)):
        refuses(*words, kind="DigestError" if place else "MalformedError")


@pytest.mark.parametrize(
    ("pieces", "says"),
    [
        ({"first": '(import "e" "f" (func))'}, "section 'import'"),
        ({"last": "(func) (start 5)"}, "section 'start'"),
        ({"last": "(func call 5)"}, "no recursion"),
    ],
)
def test_a_module_against_the_rules_is_refused(refuses, toy, pieces, says):
    file = toy(**pieces)
    for words in (("audit", file), _create(file)):
        assert says in refuses(*words, kind="PolicyError")


def test_an_endless_loop_is_stopped(refuses, toy, monkeypatch):
    monkeypatch.setitem(Sandbox.__init__.__kwdefaults__, "limits", Limits(step_seconds=0.3))
    file = toy(step="(loop br 0)")
    said = refuses(*_create(file), kind="TimeLimitError")
    assert "0.3 s" in said


def test_text_in_place_of_a_module_is_refused(refuses, pack_toy):
    file = pack_toy(b'(module (memory (export "memory") 1))')
    for words in (("audit", file), _create(file)):
        assert "a Wasm binary" in refuses(*words, kind="MalformedError")


def test_a_module_that_is_not_its_graph_fails_the_audit(refuses, delea, bundle, tmp_path):
    source = bundle.with_suffix(".py").read_text()
    (tmp_path / "other.py").write_text(source.replace("SGD(0.05)", "SGD(0.06)"))
    assert delea("build", tmp_path / "other.py").code == 0
    said, shown = read_bundle(bundle), read_bundle(tmp_path / "other.delea")
    graph = Section(0, GRAPH_SECTION, custom_section(said.module, GRAPH_SECTION))
    kept = [part for part in read_sections(shown.module) if part.name != GRAPH_SECTION]
    module = write_sections([*kept, graph])
    write_bundle(tmp_path / "false.delea", Artifact(module, said.genesis, said.dataset))
    message = refuses("audit", tmp_path / "false.delea", kind="UnauditedError")
    assert message.startswith("the module is not what the graph inside it compiles to: sections")


@pytest.mark.parametrize("what", ["dataset", "artifact"])
def test_files_that_do_not_match_their_digests_are_refused(
    refuses, delea, model, home, tmp_path, what
):
    store = tmp_path / "damaged"
    shutil.copytree(home / "store", store)
    name = bytes.fromhex(delea("status", model, "--json").fields["terms"][what])
    block = store / "blocks" / Store(store).find_file(name)
    block.write_bytes(block.read_bytes()[:-1] + b"\xff")
    said = refuses("train", model, "--key", "dev:1", "--store", store, kind="DigestError")
    assert block.name in said


def test_nothing_is_paid_for_an_answer_that_cannot_be_given(refuses, delea, model, home, tmp_path):
    store = tmp_path / "stateless"
    shutil.copytree(home / "store", store)
    shutil.rmtree(store / "states")
    words = ("--inputs", "[[1]]", "--key", "dev:0", "--store", store)
    said = refuses("infer", model, *words, kind="MissingError")
    root = delea("status", model, "--json").fields["versions"][0]["root"]
    assert root in said


def test_a_chain_that_is_not_there_is_told_within_seconds(refuses, model):
    start = time.monotonic()
    refuses("status", model, "--rpc", "http://127.0.0.1:1", code=3, kind="UnreachableError")
    refuses("train", model, "--key", "dev:1", "--rpc", "http://127.0.0.1:1", code=3,
            kind="UnreachableError")  # fmt: skip
    assert time.monotonic() - start < 10


def test_a_chain_of_another_id_than_the_one_that_is_named_is_refused(
    refuses, delea, model, monkeypatch
):
    monkeypatch.setenv("DELEA_CHAIN_ID", "31337")
    assert delea("status", model).code == 0
    monkeypatch.setenv("DELEA_CHAIN_ID", "1")
    for words in (("status", model), ("train", model, "--key", "dev:1")):
        said = refuses(*words, kind="RefusedError")
        assert "chain 1 expected by DELEA_CHAIN_ID, got 31337" in said
    for text in ("mainnet", "-1", "0", "1.0", "\N{FULLWIDTH DIGIT ONE}", "9" * 79):
        monkeypatch.setenv("DELEA_CHAIN_ID", text)
        refuses("status", model, code=2, kind="UsageError")
    monkeypatch.setenv("DELEA_CHAIN_ID", "")
    assert delea("status", model).code == 0


def test_a_file_that_cannot_be_written_leaves_nothing(refuses, home):
    (home / "folder.delea").mkdir(exist_ok=True)
    source = home / "quiet.py"
    source.write_text((home / "tiny.py").read_text().replace("print(", "str("))
    refuses("build", source, "-o", home / "folder.delea", kind="StoreError")


@pytest.mark.parametrize(
    ("text", "code", "kind", "says"),
    [
        ("x = 1", 2, "UsageError", "expected, got none"),
        ("x = (", 2, "UsageError", "SyntaxError: '(' was never closed"),
        ("import nothing_of_that_name", 2, "UsageError", "ModuleNotFoundError: No module named"),
        ("raise SystemExit(0)", 2, "UsageError", "SystemExit: 0"),
        ("program = 3", 2, "UsageError", "bad.py: a Program expected, got int"),
        ("from delea import nn\nnn.Linear(0, 1)", 1, "ShapeError", "at least 1, got 0"),
    ],
)
def test_a_file_without_a_program_is_refused(refuses, tmp_path, text, code, kind, says):
    source = tmp_path / "bad.py"
    source.write_text(text)
    assert says in refuses("build", source, code=code, kind=kind)
    assert list(tmp_path.glob("*.delea")) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--horizon", 63), "terms: horizon of 64 to"),
        (("--supply", 1), "terms: supply of"),
        (("--name", ""), "terms: name of 1 to 64 printable bytes expected"),
        (("--symbol", "A" * 17), "terms: symbol of"),
        (("--max-updates", 200), "terms: max_updates of 1 to 156 expected"),
        (("--verdict-window", 10), "terms: verdict_window of 86400 to"),
        (("--challenge-window", 0), "at most 0 updates a claim can be checked"),
    ],
)
def test_terms_out_of_bounds_are_refused(refuses, bundle, words, says):
    assert says in refuses(*_create(bundle), *words, kind="RefusedError")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--alpha", "0.1"), "either --horizon, or --alpha and --u expected"),
        (("--alpha", "0.1", "--u", "10", "--horizon", 100), "either --horizon, or"),
        (("--alpha", "0.3", "--u", "10000"), "a whole horizon u / alpha expected"),
        (("--alpha", "0", "--u", "10000"), "a positive number such as 0.1 or 1/10 expected"),
        (("--alpha", "1e-9", "--u", "10000"), "a positive number such as 0.1 or 1/10 expected"),
        (("--supply", "-1"), "an amount such as 12.5 or 1000wei expected"),
        (("--bond-base", "1e18"), "an amount such as 12.5 or 1000wei expected"),
        (("--horizon", "many"), "Invalid value for '--horizon'"),
    ],
)
def test_options_that_cannot_be_read_are_refused(refuses, bundle, words, says):
    assert says in refuses(*_create(bundle), *words, code=2, kind="UsageError")


def _create(file: Path) -> tuple[object, ...]:
    return ("create", file, "--name", "Bad", "--symbol", "BAD", "--key", "dev:0")
