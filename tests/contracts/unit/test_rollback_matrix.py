"""Who may do what with a rollback in which state: a table written from the rules alone.

A row is a state, a column who acts; a cell is what happens: `ok`, or the reason of the refusal. In
every state the trainer and the other trainer hold the two seats, `opted` has the right but too
little weight, and `former` sold his seat after he voted for the proposal.
"""

import pytest

from delea.errors import RevertError

WINDOW = 150
ACTORS = ("creator", "first", "second", "opted", "former", "stranger", "wallet")
OK = "ok"
SEAT, ONE, CLOSED, UNKNOWN = "no seat", "one is open", "closed", "unknown"
WINDOW_, OUTVOTED, OVERRULED, EXPIRED, EXECUTED = (
    "window",
    "outvoted",
    "overruled",
    "expired",
    "executed",
)

# The proposal is the first holder's; the creator and the second holder have none of their own.
PROPOSE = {
    #              creator first    second opted former stranger wallet
    "none": (OK, OK, OK, SEAT, SEAT, SEAT, SEAT),
    "open": (OK, ONE, OK, SEAT, SEAT, SEAT, SEAT),
    "due": (OK, ONE, OK, SEAT, SEAT, SEAT, SEAT),
    "vetoed": (OK, ONE, OK, SEAT, SEAT, SEAT, SEAT),
    "overruled": (OK, ONE, OK, SEAT, SEAT, SEAT, SEAT),
    "expired": (OK, OK, OK, SEAT, SEAT, SEAT, SEAT),
    "executed": (OK, OK, OK, SEAT, SEAT, SEAT, SEAT),
}
VOTE = {
    "none": (UNKNOWN,) * 7,
    "open": (OK,) * 7,
    "due": (OK,) * 7,
    "vetoed": (OK,) * 7,
    "overruled": (OK,) * 7,
    "expired": (CLOSED,) * 7,
    "executed": (CLOSED,) * 7,
}
EXECUTE = {
    "none": (UNKNOWN,) * 7,
    "open": (WINDOW_,) * 7,
    "due": (OK,) * 7,
    "vetoed": (OUTVOTED,) * 7,
    "overruled": (OVERRULED,) * 7,
    "expired": (EXPIRED,) * 7,
    "executed": (EXECUTED,) * 7,
}
# What a vote against does to the first holder's lone proposal, then due: it is carried out or not.
AGAINST = (OK, OUTVOTED, OUTVOTED, OK, OK, OK, OK)


@pytest.fixture
def cast(world, model):
    """The addresses of the actors, seats taken."""
    wallet = world.harness("Hostile")
    actors = {
        "creator": world.creator,
        "first": world.trainer,
        "second": world.other_trainer,
        "opted": world.consumer,
        "former": world.challenger,
        "stranger": world.attacker,
        "wallet": wallet.address,
    }
    world.earn(actors["first"], 10**22)
    world.earn(actors["second"])
    world.earn(actors["former"], 2 * 10**22)
    for who in ("first", "second", "opted", "former"):
        model.opt_in(sender=actors[who])
    world.chain.wait(2 * WINDOW)
    assert model.top_holders() == (actors["former"], actors["first"])

    def act(who, name, *arguments):
        try:
            if who == "wallet":
                wallet.forward(model.address, model.data(name, *arguments))
            else:
                getattr(model, name)(*arguments, sender=actors[who])
        except RevertError as fault:
            return fault.reason.partition(": ")[2]
        return OK

    act.sell = lambda: model.transfer(
        actors["stranger"], model.balanceOf(actors["former"]), sender=actors["former"]
    )
    act.actors = actors
    return act


def bring(world, model, act, state):
    """Bring the model into a state; proposal 1 is the first holder's."""
    if state == "none":
        act.sell()
        return
    assert act("first", "propose_rollback", 0) == OK
    assert act("former", "vote_rollback", 1, 1) == OK
    act.sell()
    assert model.top_holders() == (act.actors["first"], act.actors["second"])
    if state == "vetoed":
        assert act("second", "vote_rollback", 1, -1) == OK
        assert act("creator", "vote_rollback", 1, -1) == OK
    if state == "overruled":
        assert act("second", "propose_rollback", 0) == OK
    if state == "expired":
        world.chain.wait(2 * WINDOW)
    elif state != "open":
        world.chain.wait(WINDOW)
    if state == "overruled":
        assert act("stranger", "execute_rollback", 2) == OK
    if state == "executed":
        assert act("stranger", "execute_rollback", 1) == OK


CALLS = (
    ("propose_rollback", PROPOSE, (0,)),
    ("vote_rollback", VOTE, (1, 1)),
    ("execute_rollback", EXECUTE, (1,)),
)
CELLS = [
    (state, who, name, arguments, row[column])
    for name, table, arguments in CALLS
    for state, row in table.items()
    for column, who in enumerate(ACTORS)
]


def test_the_matrix_has_at_least_sixty_cells():
    assert len(CELLS) >= 60


@pytest.mark.parametrize(("state", "who", "name", "arguments", "expected"), CELLS)
def test_who_may_do_what_in_which_state(world, model, cast, state, who, name, arguments, expected):
    bring(world, model, cast, state)
    assert cast(who, name, *arguments) == expected


@pytest.mark.parametrize(("who", "expected"), list(zip(ACTORS, AGAINST, strict=True)))
def test_whose_vote_against_stops_a_holders_proposal(world, model, cast, who, expected):
    bring(world, model, cast, "due")
    assert cast(who, "vote_rollback", 1, -1) == OK
    assert cast("stranger", "execute_rollback", 1) == expected
