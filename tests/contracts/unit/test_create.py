"""The constructor: terms within their bounds become a model, others are refused by name."""

import pytest

WINDOW = 30 * 86_400
NOBODY = "0x" + "00" * 20


def test_a_model_starts_with_genesis_settled(world, model):
    assert model.version_count() == 1
    assert (model.head(), model.tip(), model.line()) == (0, 0, 0)
    assert model.version(0) == {
        "parent": 0,
        "root": world.root(1),
        "line": 0,
        "sender": NOBODY,
        "beneficiary": NOBODY,
        "updates": 0,
        "total_updates": 0,
        "bond": 0,
        "submitted_at": 0,
        "games": 0,
        "games_opened": 0,
        "child": 0,
        "next": 0,
        "rival": 0,
        "status": 3,
        "timed_out": False,
    }


def test_the_creator_holds_a_twentieth_and_the_model_the_rest(world, model):
    assert model.totalSupply() == 10**24
    assert model.balanceOf(world.creator) == 5 * 10**22
    assert model.reserve() == model.balanceOf(model.address) == 95 * 10**22


def test_the_creators_grant_is_rounded_down(world):
    model = world.deploy(supply=10**24 + 39)
    assert model.balanceOf(world.creator) == 5 * 10**22 + 1
    assert model.reserve() == 95 * 10**22 + 38


def test_a_creation_logs_two_transfers(world):
    model = world.deploy()
    grant, rest = model.events()
    assert grant.fields == {"sender": NOBODY, "receiver": world.creator, "value": 5 * 10**22}
    assert rest.fields == {"sender": NOBODY, "receiver": model.address, "value": 95 * 10**22}


def test_every_term_can_be_read(world, model):
    terms = world.terms
    assert model.name() == "Sine"
    assert model.symbol() == "SIN"
    assert model.decimals() == 18
    assert model.creator() == world.creator
    assert model.arbiter() == world.arbiter.address
    for term in (
        "horizon",
        "inferences_per_update",
        "max_updates",
        "artifact",
        "dataset",
        "genesis_root",
        "challenge_window",
        "verdict_window",
        "rollback_window",
    ):
        assert getattr(model, term)() == getattr(terms, term)


ACCEPTED = [
    {"supply": 10**24},
    {"supply": 2**112 - 1},
    {"horizon": 64, "max_updates": 1},
    {"horizon": 2**48, "supply": 10**12 * 2**48},
    {"horizon": 10**12},
    {"inferences_per_update": 1},
    {"inferences_per_update": 2**40},
    {"max_updates": 1},
    {"max_updates": 15_625},
    {"horizon": 2**22, "max_updates": 2**16},
    {"horizon": 2**23, "max_updates": 2**16},
    {"challenge_window": 1, "verdict_window": 1},
    {"challenge_window": WINDOW, "verdict_window": WINDOW, "rollback_window": WINDOW},
    {"verdict_window": 100},
    {"rollback_window": 100},
    {"rollback_window": WINDOW},
    {"bond_base": 0, "bond_per_update": 0},
    {"bond_base": 2**96, "bond_per_update": 2**96},
    {"name": "", "symbol": ""},
    {"name": "n" * 64, "symbol": "s" * 16},
]


@pytest.mark.parametrize("changes", ACCEPTED, ids=str)
def test_terms_at_their_bounds_are_accepted(world, changes):
    assert world.deploy(**changes).version_count() == 1


MOST = 2**256 - 1
REFUSED = [
    ("supply", {"supply": 10**24 - 1}),
    ("supply", {"supply": 2**112}),
    ("supply", {"supply": 0}),
    ("supply", {"supply": MOST}),
    ("supply for the horizon", {"horizon": 10**12 + 1}),
    ("supply for the horizon", {"horizon": 2**48, "supply": 10**12 * 2**48 - 1}),
    ("horizon", {"horizon": 0}),
    ("horizon", {"horizon": 1}),
    ("horizon", {"horizon": 63, "max_updates": 1}),
    ("horizon", {"horizon": 2**48 + 1, "supply": 2**112 - 1}),
    ("horizon", {"horizon": MOST}),
    ("inferences_per_update", {"inferences_per_update": 0}),
    ("inferences_per_update", {"inferences_per_update": 2**40 + 1}),
    ("inferences_per_update", {"inferences_per_update": MOST}),
    ("max_updates", {"max_updates": 0}),
    ("max_updates", {"max_updates": 15_626}),
    ("max_updates", {"horizon": 127, "max_updates": 2}),
    ("max_updates", {"horizon": 2**23, "max_updates": 2**16 + 1}),
    ("max_updates", {"max_updates": MOST}),
    ("challenge_window", {"challenge_window": 0}),
    ("challenge_window", {"challenge_window": WINDOW + 1, "verdict_window": WINDOW + 1}),
    ("challenge_window", {"challenge_window": MOST}),
    ("verdict_window", {"verdict_window": 0}),
    ("verdict_window", {"verdict_window": 99}),
    ("verdict_window", {"verdict_window": WINDOW + 1}),
    ("verdict_window", {"verdict_window": MOST}),
    ("rollback_window", {"rollback_window": 0}),
    ("rollback_window", {"rollback_window": 99}),
    ("rollback_window", {"rollback_window": WINDOW + 1}),
    ("rollback_window", {"rollback_window": MOST}),
    ("bond_base", {"bond_base": 2**96 + 1}),
    ("bond_base", {"bond_base": MOST}),
    ("bond_per_update", {"bond_per_update": 2**96 + 1}),
    ("bond_per_update", {"bond_per_update": MOST}),
    ("arbiter", {"arbiter": NOBODY}),
    ("arbiter", {"arbiter": "0x" + "a5" * 20}),
]


@pytest.mark.parametrize(("what", "changes"), REFUSED, ids=str)
def test_terms_beyond_their_bounds_are_refused_by_name(world, refuses, what, changes):
    with refuses(f"terms: {what}"):
        world.deploy(**changes)


def test_a_model_needs_a_creator(world, refuses):
    world.people = {**world.people, "creator": NOBODY}
    with refuses("terms: creator"):
        world.deploy()
