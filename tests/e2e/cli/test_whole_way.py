"""The main job through the command line alone, with `--json` throughout."""

from fractions import Fraction

from delea.chain import dev_key

GRANT = 50_000 * 10**18
BOND = 10**16 + 2 * 10**14


def test_the_whole_way(delea, model, cheat, address):  # noqa: PLR0915  # one long way
    first = delea("train", model, "--updates", 2, "--rounds", 2, "--key", "dev:1", "--json").fields
    second = delea("train", model, "--key", "dev:2", "--beneficiary", address(4), "--json").fields
    assert [claim["parent"] for claim in first["claims"] + second["claims"]] == [0, 1, 2]
    assert first["claims"][0]["loss_before"] > first["claims"][1]["loss_after"]
    assert first["claims"][0]["bond_wei"] == BOND
    assert first["payments"] == second["payments"] == []

    checks = delea("verify", model, "--json")
    assert checks.code == 0
    assert [check["verdict"] for check in checks.fields["checks"]] == ["upheld"] * 3

    assert delea("settle", model, "--key", "dev:5", "--json").fields["payments"] == []
    delea("chain", "warp", 600)
    payments = delea("settle", model, "--key", "dev:5", "--json").fields["payments"]
    assert [payment["version"] for payment in payments] == [1, 2, 3]
    assert payments[0]["reward_wei"] == first["claims"][0]["expected_reward_wei"]
    assert payments[2]["beneficiary"] == address(4)

    said = delea("infer", model, "--inputs", "[[0.5],[-1]]", "--key", "dev:1", "--json")
    asked = said.fields
    assert " for 2 rows; the answer is checked\n" in said.err
    assert (asked["version"], asked["units"], asked["checked"]) == (3, 2, True)
    assert len(asked["outputs"]) == 2

    wrong = cheat(model)
    refused = delea("verify", model, "--challenge", "--key", "dev:6", "--json")
    assert refused.code == 1
    assert refused.err.splitlines()[-1] == "delea: 1 of 1 claims not upheld: version 4"
    check = refused.fields["checks"][0]
    assert (check["version"], check["verdict"], check["game"]) == (wrong, "refuted", 1)
    beside = delea("train", model, "--key", "dev:1", "--json").fields["claims"][0]
    assert (beside["version"], beside["parent"]) == (5, 3)
    assert delea("rule", model, "--key", "dev:0", "--json").fields["rulings"] == [
        {"version": wrong, "game": 1, "refuted": True, "decided": True}
    ]
    won = delea("withdraw", model, "--key", "dev:6", "--json").fields["amount_wei"]
    assert won == BOND  # the creator judged alone: the lost bond is burned
    assert delea("withdraw", model, "--key", "dev:3", "--json").fields["amount_wei"] == 0

    proposed = delea("propose-rollback", model, 1, "--key", "dev:0", "--json").fields
    assert (proposed["proposal"], proposed["target"]) == (1, 1)
    delea("chain", "warp", 600)
    done = delea("execute-rollback", model, 1, "--key", "dev:8", "--json").fields
    assert (done["target"], done["version"], done["score"]) == (1, 6, 1)
    trained = delea("train", model, "--key", "dev:2", "--json").fields
    assert [payment["version"] for payment in trained["payments"]] == [5]  # of the old line
    again = trained["claims"][0]
    assert (again["version"], again["parent"]) == (7, 6)
    assert again["loss_before"] == first["claims"][0]["loss_after"]

    delea("chain", "warp", 600)
    later = delea("train", model, "--key", "dev:2", "--json").fields
    assert [payment["version"] for payment in later["payments"]] == [7]
    replayed = delea("replay", model, 8, "--json").fields
    assert replayed["replayed"] == [0, 1, 6, 7, 8]
    assert replayed["root"] == later["claims"][0]["root"]

    status = delea("status", model, "--json").fields
    assert [version["status"] for version in status["versions"]] == [
        *("settled", "settled", "settled", "settled", "refuted"),
        *("settled", "settled", "settled", "pending"),
    ]
    assert (status["head"], status["tip"]) == (7, 8)
    rewards = sum(version["reward_wei"] or 0 for version in status["versions"])
    supply = status["terms"]["supply_wei"]
    assert status["reserve_wei"] == supply - GRANT + asked["price_wei"] - rewards
    held = sum(account["tokens_wei"] for account in status["accounts"])
    assert held + status["reserve_wei"] == supply
    assert status["burned_wei"] == BOND
    shown = delea("status", model)
    assert shown.code == 0
    assert shown.err == ""
    assert f"reserve                {_shown(status['reserve_wei'])} TNY" in shown.out
    assert "refuted" in shown.out


def test_people_read_amounts_and_losses(delea, model):
    said = delea("train", model, "--updates", 2, "--key", "dev:1")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0].startswith("version 1 on 0: 2 updates, loss ")
    assert lines[1] == "expected reward 296.8286 TNY, bond 0.0102 coin"


def test_what_is_due_is_settled_before_training(delea, model, anvil):
    delea("train", model, "--key", "dev:1")
    anvil.increase_time(600)
    lines = delea("train", model, "--key", "dev:2").out.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["version 1 settled", "version 2 on 1"]


def test_what_a_program_prints_is_no_result(delea, bundle, tmp_path):
    said = delea("build", bundle.with_suffix(".py"), "-o", tmp_path / "again.delea", "--json")
    assert said.fields["parameters"] == 13
    assert said.err.splitlines()[0] == "a program may print"
    assert (tmp_path / "again.delea").read_bytes() == bundle.read_bytes()


def test_with_json_the_lines_for_people_go_to_standard_error(delea, model):
    said = delea("train", model, "--updates", 2, "--key", "dev:1", "--json")
    assert said.err.splitlines()[1] == "expected reward 296.8286 TNY, bond 0.0102 coin"
    assert said.fields["claims"][0]["version"] == 1


def test_a_holder_beats_the_creator(delea, model, address):
    said = delea("opt-in", model, "--key", "dev:1", "--json").fields
    assert (said["account"], said["opted_in"]) == (address(1), True)
    assert "no holder may sit" in delea("holders", model).out
    delea("train", model, "--updates", 100, "--key", "dev:1")
    delea("chain", "warp", 600)
    delea("settle", model, "--key", "dev:1")
    delea("chain", "warp", 1_200)
    (holder,) = delea("holders", model, "--json").fields["holders"]
    assert (holder["account"], holder["seat"]) == (address(1), 1)
    assert holder["weight_wei"] == holder["earned_wei"] == holder["tokens_wei"]
    assert address(1) in delea("holders", model).out

    waiting = delea("propose-rollback", model, 0, "--key", "dev:0")
    assert f"in 600 s (at {_due(waiting)}): delea execute-rollback {model} 1" in waiting.out
    voted = delea("vote", model, 1, "against", "--key", "dev:1")
    assert voted.out == "voted against on proposal 1; its score is -1 now\n"
    stranger = delea("vote", model, 1, "for", "--key", "dev:8", "--json")
    assert (stranger.code, stranger.fields["score"]) == (0, -1)
    assert f"{address(8)} has no seat" in stranger.err
    assert delea("propose-rollback", model, 0, "--key", "dev:1").code == 0
    assert delea("vote", model, 2, "against", "--key", "dev:0", "--json").fields["score"] == 1
    delea("chain", "warp", 600)
    outvoted = delea("execute-rollback", model, 1, "--key", "dev:0")
    assert outvoted.err == "delea: the contract refused: execute_rollback: outvoted\n"
    done = delea("execute-rollback", model, 2, "--key", "dev:8")
    assert done.out == "rolled back to version 0 by a score of 1: version 2 is the new head\n"
    assert delea("opt-in", model, "--off", "--key", "dev:1").code == 0
    assert delea("holders", model, "--json").fields["holders"] == []


def _due(said):
    return said.out.partition("(at ")[2].partition(")")[0]


def test_one_claim_is_challenged_once_and_only_if_it_is_wrong(delea, model, cheat, address):
    delea("train", model, "--key", "dev:1")
    wrong = cheat(model)
    right = delea("challenge", model, 1, "--key", "dev:6")
    assert (right.code, right.out) == (1, "")
    assert right.err == "delea: version 1 is right: a re-run gave the same root\n"
    fields = delea("challenge", model, wrong, "--key", "dev:6", "--json").fields
    assert (fields["version"], fields["game"]) == (wrong, 1)
    again = delea("challenge", model, wrong, "--key", "dev:6")
    assert again.err == f"delea: game 1 of {address(6)} on version {wrong} is open\n"
    unknown = delea("challenge", model, 9, "--key", "dev:6")
    assert unknown.err == "delea: a claimed version of 1 to 2 expected, got 9\n"


def test_a_model_comes_from_the_factory_that_is_named(delea, bundle, chain, anvil):
    snapshot = anvil.snapshot()
    key = dev_key(0, chain_id=31_337)
    words = ("--name", "Tiny", "--symbol", "TNY", "--key", "dev:0")
    try:
        factory = chain.deploy_factory(key=key)
        fields = delea("create", bundle, *words, "--factory", factory, "--json").fields
        assert chain.factory(factory).is_model(fields["address"])
        assert chain.factory(factory).models()[-1] == fields["address"]
        assert fields["terms"]["arbiter"] == chain.deploy_arbiter(key=key)
        refused = delea("create", bundle, *words, "--factory", fields["address"])
        assert refused.code == 1
        assert "a model factory expected" in refused.err
    finally:
        anvil.revert(snapshot)


def test_a_claim_on_top_of_a_wrong_one_is_not_judged_but_void(delea, model, cheat, address):
    wrong = cheat(model)
    on_top = cheat(model, root=b"\x67" * 32)
    said = delea("verify", model, on_top, wrong, "--challenge", "--key", "dev:6", "--json")
    assert said.code == 1
    verdicts = {check["version"]: check["verdict"] for check in said.fields["checks"]}
    assert verdicts == {wrong: "refuted", on_top: None}
    alone = delea("verify", model, on_top)
    assert (alone.code, alone.err) == (1, f"delea: 1 of 1 claims not upheld: version {on_top}\n")
    reasons = {check["version"]: check["reason"] for check in said.fields["checks"]}
    assert reasons[on_top].startswith(f"version {wrong} is a wrong claim")
    delea("rule", model, "--key", "dev:0")
    delea("settle", model, "--key", "dev:5")
    statuses = delea("status", model, "--json").fields["versions"]
    assert [version["status"] for version in statuses] == ["settled", "refuted", "void"]
    assert delea("withdraw", model, "--key", "dev:3", "--json").fields == {
        "model": model,
        "account": address(3),
        "amount_wei": BOND,
    }


def test_with_nothing_owed_a_withdrawal_says_so(delea, model, address):
    said = delea("withdraw", model, "--key", "dev:3")
    assert (said.code, said.out) == (0, f"nothing is owed to {address(3)}\n")


def test_a_false_challenge_is_ruled_down(delea, model, chain, anvil):
    delea("train", model, "--updates", 2, "--key", "dev:1")
    chain.model(model).challenge(1, b"\x01" * 32, key=dev_key(7, chain_id=31_337))
    said = delea("rule", model, "--key", "dev:0")
    assert said.out == "version 1, game 1: upheld\n"
    assert delea("rule", model, "--key", "dev:0").out == "no open games\n"
    anvil.increase_time(600)
    assert (
        "version 1 settled: 296.8286 TNY to 0x7099" in delea("settle", model, "--key", "dev:1").out
    )


def test_a_key_challenges_a_claim_once(delea, model, cheat, chain, address):
    wrong = cheat(model)
    words = ("verify", model, "--challenge", "--key")
    first = delea(*words, "dev:6", "--json").fields["checks"]
    paid = chain.balance_of(address(6))
    again = delea(*words, "dev:6")
    said = f"version {wrong}: not challenged again, game 1 of {address(6)} is open"
    assert (again.code, again.out.splitlines()[-1]) == (1, said)
    assert delea(*words, "dev:6", "--json").fields["checks"] == first
    assert chain.balance_of(address(6)) == paid
    assert delea(*words, "dev:7", "--json").fields["checks"][0]["game"] == 2


def test_another_store_is_filled_from_the_file_and_by_replaying(delea, model, bundle, tmp_path):
    trained = delea("train", model, "--rounds", 2, "--key", "dev:1", "--json").fields["claims"]
    store = ("--store", tmp_path / "other")
    empty = delea("verify", model, *store)
    assert (empty.code, empty.err.startswith("delea: no file with SHA-256")) == (1, True)
    assert delea("put", bundle, *store).code == 0
    assert delea("verify", model, 2, *store).code == 0
    last = delea("replay", model, 2, *store, "--json").fields
    assert last["root"] == trained[1]["root"]


def test_an_audit_of_the_file_and_of_the_model_agree(delea, model, bundle):
    of_file = delea("audit", bundle, "--json").fields
    assert delea("audit", model, "--json").fields == of_file
    assert (of_file["policy"], of_file["rebuilt"]) == (True, True)


def test_a_horizon_may_be_given_as_u_and_alpha(delea, bundle, anvil):
    snapshot = anvil.snapshot()
    words = ("--name", "Tiny", "--symbol", "TNY", "--key", "dev:0", "--alpha", "0.3", "--u", "3000")
    try:
        said = delea("create", bundle, *words)
        assert said.code == 0
        assert "horizon                10000 updates (u = 3000, alpha = 0.3)" in said.out
        fields = delea("create", bundle, *words, "--json").fields
        assert (fields["alpha"], fields["u"], fields["terms"]["horizon"]) == ("0.3", "3000", 10_000)
    finally:
        anvil.revert(snapshot)


def _shown(wei: int) -> str:
    scaled = Fraction(wei, 10**14)
    rounded = int(scaled + Fraction(1, 2))
    return f"{rounded // 10**4:,}.{rounded % 10**4:04d}"
