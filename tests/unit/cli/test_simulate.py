"""`delea simulate`: the terms of `delea create`, a plan in a file, and a life in words and JSON."""

import json
import subprocess
import sys
from fractions import Fraction
from math import ceil

import pytest
from typer.main import get_command

from delea.cli.app import make_app
from delea.cli.entry import run

QUICK = ("--horizon", "640", "--horizons", "1", "--days", "40")
PNG = b"\x89PNG\r\n"
TERMS = (
    "supply", "horizon", "alpha", "u", "inferences_per_update", "max_updates", "challenge_window",
    "verdict_window", "rollback_window", "bond_base", "bond_per_update",
)  # fmt: skip
PLAN = """
[terms]
horizon = 640
bond_base = 0.001
[assumptions]
horizons = 1
audit_rate = "1/4"
seed = 7
[population]
honest = 4
lazy = 1
"""


def simulate(capsys, *words):
    """Return the JSON of one command."""
    assert run(["simulate", *QUICK, *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_terms_are_given_as_to_create():
    commands = get_command(make_app()).commands
    options = [
        {option.name: (option.opts, option.default, option.help) for option in command.params}
        for command in (commands["simulate"], commands["create"])
    ]
    assert [options[0][name] for name in TERMS] == [options[1][name] for name in TERMS]


def test_a_life_is_told_in_words(capsys):
    assert run(["simulate", *QUICK]) == 0
    said = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in said.splitlines() if line.strip()]
    assert lines[0].startswith("first update earns 1,483.2159 TOKEN")
    assert "day updates reserve reward price tokens can buy seats" in lines
    assert any(line.startswith("20 honest ") for line in lines)
    assert any(line.startswith("cheating paid -") for line in lines)
    assert lines[-1].startswith("warning: horizon_too_short: 640 updates take 38400 s: 63 % of")


def test_json_has_amounts_in_wei_and_the_books_balance(capsys):
    found = simulate(capsys, "--seed", 3)
    assert found["terms"]["horizon"] == 640
    assert found["terms"]["max_updates"] == 10
    assert found["assumptions"]["audit_rate"] == "1"
    assert found["assumptions"]["seed"] == 3
    assert found["population"]["honest"] == 20
    assert found["launch"]["reward_wei"] == 1_483_215_935_789_122_382_230
    assert found["cheating_paid_wei"] < 0
    accounts = found["accounts"]
    assert len(accounts) == 1 + sum(found["population"].values())
    tokens = sum(account["tokens_wei"] for account in accounts)
    assert tokens + found["moments"][-1]["reserve_wei"] == 10**24
    spent = found["fees_wei"] + found["compute_wei"] + found["burned_wei"]
    assert sum(account["coin_wei"] for account in accounts) == -spent
    assert [kind["kind"] for kind in found["kinds"]] == ["creator", *found["population"]][:2] + [
        kind for kind in found["population"] if kind not in {"honest", "follower"}
    ]
    assert {warning["code"] for warning in found["warnings"]} == {"horizon_too_short"}


def test_no_number_in_json_is_a_float(capsys):
    def refuse(text):
        raise AssertionError(text)

    assert run(["simulate", *QUICK, "--json"]) == 0
    json.loads(capsys.readouterr().out, parse_float=refuse)


def test_the_same_seed_gives_the_same_bytes_in_another_process(capsys):
    words = ["simulate", *QUICK, "--seed", "5", "--json"]
    assert run(words) == 0
    here = capsys.readouterr().out
    command = [sys.executable, "-m", "delea.cli", *words]
    there = subprocess.run(command, capture_output=True, text=True, check=True)
    assert there.stdout == here
    assert there.stderr.startswith("first update earns ")  # people are told elsewhere
    assert run([*words[:-2], "6", "--json"]) == 0
    assert capsys.readouterr().out != here


def test_one_update_is_said_as_one(capsys):
    assert run(["simulate", *QUICK, "--max-updates", "1"]) == 0
    assert "\na full claim           1 update, 60 s, earns " in capsys.readouterr().out


def test_alpha_and_u_are_a_horizon(capsys):
    given = ("--alpha", "0.1", "--u", "64", "--horizons", "1", "--json")
    assert run(["simulate", *given]) == 0
    assert json.loads(capsys.readouterr().out)["terms"]["horizon"] == 640


def test_kinds_that_are_not_named_stay(capsys):
    found = simulate(capsys, "--population", "honest=3,lazy=0")
    assert found["population"] == {
        "honest": 3, "follower": 0, "verifier": 3, "consumer": 20, "hoarder": 1, "lazy": 0,
        "copier": 2, "liar": 2, "sybil": 5,
    }  # fmt: skip


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN)
    return path


def test_a_plan_stands_for_options_and_options_win(plan, capsys):
    assert run(["simulate", "--plan", str(plan), "--seed", "8", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["terms"]["horizon"] == 640
    assert found["terms"]["bond_base_wei"] == 10**15
    assert (found["assumptions"]["audit_rate"], found["assumptions"]["seed"]) == ("1/4", 8)
    assert (found["population"]["honest"], found["population"]["lazy"]) == (4, 1)


def test_strict_exits_with_1_if_anything_is_warned_of(plan, capsys):
    assert run(["simulate", "--plan", str(plan)]) == 0
    assert "warning: bond_too_small: " in capsys.readouterr().out
    assert run(["simulate", "--plan", str(plan), "--strict"]) == 1
    calm = ("--audit-rate", "1", "--challenge-window", "38400", "--population", "consumer=0")
    assert run(["simulate", "--plan", str(plan), *calm, "--strict"]) == 0


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("terms", "a plan in TOML expected, "),
        ("\0", "a plan in TOML expected, "),
        ("[term]\nhorizon = 1", "[terms], [assumptions], [population] expected, got 'term'"),
        ("terms = 3", "[terms], [assumptions], [population] expected, got 'terms'"),
        ("[terms]\nseed = 1", "[terms] takes alpha, bond_base, "),
        ("[assumptions]\nhorizon = 1", "[assumptions] takes audit_rate, days, demand, gas, "),
        ("[assumptions]\nplot = 'x.png'", "[assumptions] takes audit_rate, "),
        ("[terms]\nhorizon = [1]", "a number or a text expected for horizon, got [1]"),
        ("[terms]\nhorizon = true", "a number or a text expected for horizon, got True"),
        (f"[terms]\nhorizon = {'9' * 5000}", "a plan in TOML expected, Exceeds the limit"),
        (f"[terms]\nhorizon = 0x{'f' * 5000}", "a number below 2^256 expected for horizon"),
    ],
)
def test_a_plan_that_cannot_be_read_is_one_line(plan, capsys, text, line):
    plan.write_text(text)
    assert run(["simulate", "--plan", str(plan)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(f"delea: {plan}: {line}")


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("--plan", "none.toml"), 1, "no file at none.toml"),
        (("--population", "honest"), 2, "a population such as honest=20,lazy=2 expected"),
        (("--population", "honest=-1"), 2, "a population such as honest=20,lazy=2 expected"),
        (("--population", "miner=1"), 1, "population: one of honest, follower, "),
        (("--audit-rate", "1.5"), 2, "a rate of 0 to 1 such as 0.5 or 1/2 expected, got '1.5'"),
        (("--audit-rate", "1/0"), 2, "a rate of 0 to 1 such as 0.5 or 1/2 expected, got '1/0'"),
        (("--gas", "much"), 2, "an amount such as 12.5 or 1000wei expected, got 'much'"),
        (("--seconds-per-update", "0"), 2, "a positive number such as 0.1 or 1/10 expected"),
        (("--horizon", "63"), 1, "terms: horizon of 64 to "),
        (("--alpha", "1"), 2, "either --horizon, or --alpha and --u expected, got others"),
        (("--max-updates", "11"), 1, "terms: max_updates of 1 to 10 expected, got 11"),
        (("--days", "0"), 1, "days of 1 to 36500 expected, got 0"),
        (("none.py",), 2, "a Python file expected, got none.py"),
        (("none.delea",), 1, "no file at none.delea"),
        (("--plot", "life.txt"), 2, "a plot that ends in .png, .svg, .pdf expected"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(capsys, words, code, line):
    assert run(["simulate", *QUICK, *words]) == code
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(f"delea: {line}")


def test_a_life_is_drawn(tmp_path, capsys):
    plot = tmp_path / "life.png"
    assert run(["simulate", *QUICK, "--plot", str(plot)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"drawn: {plot}"
    assert plot.read_bytes().startswith(PNG)
    assert [path.name for path in tmp_path.iterdir()] == ["life.png"]


def test_a_life_without_anybody_is_drawn_too(tmp_path, capsys):
    nobody = ",".join(f"{kind}=0" for kind in simulate(capsys, "--days", 1)["population"])
    plot = tmp_path / "life.svg"
    assert run(["simulate", *QUICK, "--population", nobody, "--plot", str(plot)]) == 0
    assert "nobody reached a holder" in capsys.readouterr().out
    assert "who sits beside the creator" in plot.read_text()


def test_a_name_between_dollars_is_drawn_as_it_is(tmp_path):
    plot = tmp_path / "life.svg"
    names = ("--name", "$\\frac$", "--symbol", "$^$")
    assert run(["simulate", *QUICK, *names, "--plot", str(plot)]) == 0
    assert "<!-- $\\frac$: horizon" in plot.read_text()
    assert "<!-- $^$ -->" in plot.read_text()


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.py"
    path.write_text(
        "import numpy as np\nfrom delea import nn\n"
        "x = np.zeros((4, 1), np.float32)\nprint('a program may print')\n"
        "program = nn.Program(network=nn.Linear(1, 1), loss=nn.MSELoss(),"
        " optimizer=nn.SGD(0.1), data=nn.Dataset(x, x), steps_per_update=1)\n"
    )
    return path


def test_the_seconds_of_an_update_are_measured_on_a_model(tiny, capsys):
    found = simulate(capsys, tiny)
    measured = Fraction(found["assumptions"]["seconds_per_update"])
    assert measured > 0
    assert (measured * 1_000).denominator == 1  # to the millisecond
    assert found["launch"]["full_seconds"] == ceil(measured * 10)
    assert run(["build", str(tiny)]) == 0
    capsys.readouterr()
    built = simulate(capsys, tiny.with_suffix(".delea"), "--seconds-per-update", "0.5")
    assert built["assumptions"]["seconds_per_update"] == "1/2"
