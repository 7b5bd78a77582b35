"""Training, claiming, settling beside rivals, and taking what one is owed."""

import pytest

from delea.chain.rpc import Rpc
from delea.errors import RefusedError, ReorgError, RevertError
from delea.protocol.version import Status
from delea.roles import steward, trainer, verifier
from delea.roles.session import Desk

BOND = 10**16 + 10**14


def _refute(session, version, key):
    """Decide the first game of a version, as a steward."""
    arbiter = session.chain.arbiter(session.model.terms.arbiter)
    arbiter.vote(session.model, version, 1, refuted=True, key=key)
    arbiter.decide(session.model, version, 1, key=key)


def _claim(session, key, updates=1):
    update = trainer.train(session, sender=key.address, updates=updates)
    return trainer.claim(session, update, key=key).version


def _genesis(session):
    return session.model.version(0)


def _statuses(session):
    return [version.status.name for version in session.model.versions()]


def _challenge(session, version, key):
    session.model.challenge(version, b"\x55" * 32, key=key)


@pytest.fixture
def desk(session):
    """A place without a sandbox: settling and withdrawing need none."""
    return Desk(session.chain, session.model)


def test_claims_settle_oldest_first_when_their_window_is_over(session, desk, keys, anvil):
    versions = [_claim(session, keys[1]), _claim(session, keys[2])]
    assert trainer.settle_due(desk, key=keys[3]) == []
    anvil.increase_time(10_000)
    payments = trainer.settle_due(desk, key=keys[3])
    assert [payment.version for payment in payments] == versions
    assert [payment.beneficiary for payment in payments] == [keys[1].address, keys[2].address]
    assert payments[0].reward == session.model.balance_of(keys[1].address)
    assert trainer.settle_due(desk, key=keys[3]) == []


def test_a_claim_is_paid_to_its_beneficiary(session, desk, keys, anvil):
    update = trainer.train(session, sender=keys[1].address, updates=2, beneficiary=keys[4].address)
    claimed = trainer.claim(session, update, key=keys[1])
    assert verifier.verify(session, session.model.version(claimed.version)).verdict is not None
    anvil.increase_time(10_000)
    (payment,) = trainer.settle_due(desk, key=keys[1])
    assert (payment.beneficiary, payment.reward) == (keys[4].address, claimed.expected_reward)


def test_the_state_is_published_only_once_the_claim_is_mined(session, keys):
    update = trainer.train(session, sender=keys[1].address, updates=1)
    assert session.store.find_state(update.root) is None
    _claim(session, keys[2])
    with pytest.raises(RevertError, match="stale parent"):
        trainer.claim(session, update, key=keys[1])
    assert session.store.find_state(update.root) is None


def test_work_on_a_version_that_a_reorg_replaced_is_not_claimed(session, keys, anvil):
    snapshot = anvil.snapshot()
    parent = _claim(session, keys[1])
    update = trainer.train(session, sender=keys[2].address, updates=1)
    anvil.revert(snapshot)
    with pytest.raises(RevertError, match="unknown version"):
        trainer.claim(session, update, key=keys[2])
    assert _claim(session, keys[1], updates=2) == parent
    with pytest.raises(ReorgError, match=r"version 1 with root .* the chain took blocks back"):
        trainer.claim(session, update, key=keys[2])
    assert _statuses(session) == ["SETTLED", "PENDING"]


def test_what_a_reorg_put_under_a_number_that_was_run_is_not_challenged(
    session, keys, anvil, cheat
):
    snapshot = anvil.snapshot()
    wrong = cheat(session, b"\x66" * 32)
    check = verifier.verify(session, session.model.version(wrong))
    anvil.revert(snapshot)
    assert _claim(session, keys[1]) == wrong
    with pytest.raises(ReorgError, match="version 1 as it was re-run expected, got another claim"):
        verifier.challenge(session, check, key=keys[3])
    assert _statuses(session) == ["SETTLED", "PENDING"]


@pytest.mark.parametrize("updates", [0, -1, 101])
def test_a_count_that_no_claim_holds_is_refused_before_training(session, keys, updates):
    with pytest.raises(RefusedError, match=f"1 to 100 updates a claim expected, got {updates}"):
        trainer.train(session, sender=keys[1].address, updates=updates)


def test_a_challenged_claim_is_built_on_if_it_is_right_and_passed_over_if_it_is_wrong(
    session, keys, cheat
):
    wrong = cheat(session, b"\x66" * 32)
    assert trainer.find_parent(session).id == wrong  # nobody objects so far
    _challenge(session, wrong, keys[3])
    assert trainer.find_parent(session).id == 0
    right = _claim(session, keys[1])
    _challenge(session, right, keys[3])
    assert session.model.tip() == 0
    assert trainer.find_parent(session).id == right
    after = _claim(session, keys[2])
    versions = session.model.versions()
    assert [version.parent for version in versions] == [0, 0, 0, right]
    assert after == 3


def test_of_two_right_claims_side_by_side_the_older_one_is_built_on(session, keys, monkeypatch):
    older = _claim(session, keys[1])
    _challenge(session, older, keys[3])
    with monkeypatch.context() as patch:
        patch.setattr(trainer, "find_parent", _genesis)  # a trainer who was fooled
        younger = _claim(session, keys[2])
    assert session.model.tip() == younger
    assert trainer.find_parent(session).id == older
    _refute(session, older, keys[0])  # wrongly
    assert trainer.find_parent(session).id == younger


def test_with_an_upheld_rival_the_rival_settles_and_the_later_ones_are_void(
    session, desk, keys, anvil, monkeypatch
):
    monkeypatch.setattr(trainer, "find_parent", _genesis)
    first = _claim(session, keys[1])
    _challenge(session, first, keys[3])
    second = _claim(session, keys[2])
    _challenge(session, second, keys[3])
    third = _claim(session, keys[4])
    steward.rule_games(session, key=keys[0])
    anvil.increase_time(10_000)
    payments = trainer.settle_due(desk, key=keys[3])
    assert [payment.version for payment in payments] == [first]
    assert (second, third) == (2, 3)
    assert _statuses(session) == ["SETTLED", "SETTLED", "VOID", "VOID"]


def test_a_claim_waits_for_a_live_rival_behind_a_dead_one(session, desk, keys, anvil, cheat):
    first = _claim(session, keys[1])
    _challenge(session, first, keys[3])
    anvil.increase_time(5_000)
    wrong = cheat(session, b"\x66" * 32, parent=0)
    _challenge(session, wrong, keys[3])
    third = cheat(session, b"\x77" * 32, parent=0)
    _refute(session, wrong, keys[0])
    anvil.increase_time(10_000)  # the windows of all three are over, the first game is open
    assert trainer.settle_due(desk, key=keys[3]) == []
    assert _statuses(session) == ["SETTLED", "CHALLENGED", "REFUTED", "PENDING"]
    _refute(session, first, keys[0])
    payments = trainer.settle_due(desk, key=keys[3])
    assert [payment.version for payment in payments] == [third]


def test_a_claim_settles_past_more_dead_rivals_than_one_call_skips(
    session, desk, keys, anvil, cheat
):
    rivals = []
    for number in range(9):
        rivals.append(cheat(session, bytes([number + 1]) * 32, parent=0))
        _challenge(session, rivals[-1], keys[3])
    good = _claim(session, keys[1])
    for version in rivals:
        _refute(session, version, keys[0])
    anvil.increase_time(10_000)
    assert [payment.version for payment in trainer.settle_due(desk, key=keys[3])] == [good]


def test_what_stands_on_a_refuted_claim_is_void(session, desk, keys, cheat):
    wrong = cheat(session, b"\x66" * 32)
    cheat(session, b"\x67" * 32)
    cheat(session, b"\x68" * 32)
    check = verifier.verify(session, session.model.version(wrong))
    assert verifier.challenge(session, check, key=keys[3]).game == 1
    assert [r.version for r in steward.rule_games(session, key=keys[0])] == [wrong]
    assert trainer.settle_due(desk, key=keys[3]) == []
    assert _statuses(session) == ["SETTLED", "REFUTED", "VOID", "VOID"]


def test_a_case_without_a_ruling_is_timed_out_and_both_sides_take_three_quarters(
    session, desk, keys, anvil
):
    version = _claim(session, keys[1])
    _challenge(session, version, keys[3])
    anvil.increase_time(15_000)
    assert trainer.settle_due(desk, key=keys[4]) == []
    assert _statuses(session)[1] == "CHALLENGED"
    anvil.increase_time(5_000)
    assert steward.rule_games(session, key=keys[0]) == []  # too late
    trainer.settle_due(desk, key=keys[4])
    assert session.model.version(version).timed_out
    assert trainer.withdraw(desk, key=keys[1]) == BOND - BOND // 4
    assert trainer.withdraw(desk, key=keys[3]) == BOND - BOND // 4
    assert trainer.withdraw(desk, key=keys[3]) == 0


def test_withdrawing_reclaims_ones_own_games_only(session, desk, keys, cheat):
    wrong = cheat(session, b"\x66" * 32)
    _challenge(session, wrong, keys[3])
    _challenge(session, wrong, keys[4])
    steward.rule_games(session, key=keys[0])
    assert session.model.version(wrong).status is Status.REFUTED
    assert trainer.withdraw(desk, key=keys[1]) == 0
    assert session.model.game(wrong, 2).is_open
    assert trainer.withdraw(desk, key=keys[4]) == BOND
    assert trainer.withdraw(desk, key=keys[3]) == BOND  # the creator judged alone


def test_settling_what_another_settles_first_is_no_fault(session, desk, keys, anvil, monkeypatch):
    versions = [_claim(session, keys[1]), _claim(session, keys[2])]
    anvil.increase_time(10_000)
    settle = session.model.settle

    def settle_late(version, *, key):
        monkeypatch.setattr(session.model, "settle", settle)
        settle(version, key=keys[4])  # another was faster
        return settle(version, key=key)

    monkeypatch.setattr(session.model, "settle", settle_late)
    payments = trainer.settle_due(desk, key=keys[3])
    assert [payment.version for payment in payments] == versions[1:]
    assert _statuses(session) == ["SETTLED"] * 3


def test_a_refusal_that_nobody_explains_is_raised(session, desk, keys, anvil, monkeypatch):
    _claim(session, keys[1])
    anvil.increase_time(10_000)

    def refuse(*_, **__):
        raise RevertError("settle: something else")

    monkeypatch.setattr(session.model, "settle", refuse)
    with pytest.raises(RevertError, match="settle: something else"):
        trainer.settle_due(desk, key=keys[3])


@pytest.fixture
def count_calls(monkeypatch):
    """Return how often an action asks the node."""

    def counted(action):
        asked, call = [], Rpc.call

        def call_and_count(rpc, method, *params):
            asked.append(method)
            return call(rpc, method, *params)

        with monkeypatch.context() as patch:
            patch.setattr(Rpc, "call", call_and_count)
            action()
        return len(asked)

    return counted


def test_versions_that_were_decided_long_ago_cost_no_calls(
    session, desk, keys, anvil, cheat, count_calls
):
    def age(versions):
        for number in range(versions):
            cheat(session, bytes([number + 1]) * 32)
        anvil.increase_time(10_000)
        assert len(trainer.settle_due(desk, key=keys[4])) == versions
        anvil.increase_time(40_000)  # twice as long as a case can take

    def calls():
        return [
            count_calls(lambda: trainer.settle_due(desk, key=keys[1])),
            count_calls(lambda: trainer.withdraw(desk, key=keys[1])),
            count_calls(lambda: trainer.find_parent(session)),
        ]

    age(1)
    few = calls()
    assert few == [5, 3, 2]
    age(12)
    assert calls() == few


def test_a_claim_on_the_current_line_is_paid_however_long_it_waited(session, desk, keys, anvil):
    versions = [_claim(session, keys[1]), _claim(session, keys[2])]
    anvil.increase_time(10_000_000)
    payments = trainer.settle_due(desk, key=keys[3])
    assert [payment.version for payment in payments] == versions


def test_a_claim_is_paid_though_the_rival_before_it_was_forgotten(session, desk, keys, anvil):
    forgotten = _claim(session, keys[1])
    _challenge(session, forgotten, keys[3])
    genesis = _genesis(session)
    update = trainer.train(session, sender=keys[2].address, updates=1, parent=genesis)
    beside = trainer.claim(session, update, key=keys[2]).version
    anvil.increase_time(10_000_000)
    payments = trainer.settle_due(desk, key=keys[4])
    assert [payment.version for payment in payments] == [beside]
    assert _statuses(session) == ["SETTLED", "VOID", "SETTLED"]


def _beside(session, version, challenger, cheat):
    """Challenge a version, claim a wrong root beside it and challenge that; return it."""
    _challenge(session, version, challenger)
    wrong = cheat(session, b"\x66" * 32, parent=session.model.version(version).parent)
    _challenge(session, wrong, challenger)
    return wrong


@pytest.fixture
def rolled_back(session, desk, keys, anvil, cheat):
    """Roll back below a challenged claim, a refuted and a right one beside it, one on that."""
    settled = _claim(session, keys[1])
    anvil.increase_time(10_000)
    trainer.settle_due(desk, key=keys[3])
    challenged = _claim(session, keys[2])
    wrong_too = _beside(session, challenged, keys[3], cheat)
    for key, parent in ((keys[4], settled), (keys[1], 4)):
        version = session.model.version(parent)
        update = trainer.train(session, sender=key.address, updates=1, parent=version)
        trainer.claim(session, update, key=key)
    _refute(session, wrong_too, keys[0])
    proposal = steward.propose(session.chain, session.model, 0, key=keys[0]).proposal
    anvil.increase_time(10_000)
    steward.execute(session.model, proposal, key=keys[0])
    anvil.increase_time(10_000)
    left = ["CHALLENGED", "REFUTED", "PENDING", "PENDING"]
    assert _statuses(session) == ["SETTLED", "SETTLED", *left, "SETTLED"]


@pytest.mark.usefixtures("rolled_back")
def test_what_waits_on_a_line_that_was_rolled_back_is_closed_by_anyone_in_time(
    session, desk, keys, anvil
):
    anvil.increase_time(19_000)
    payments = trainer.settle_due(desk, key=keys[5])
    assert [payment.version for payment in payments] == [4, 5]
    assert _statuses(session)[2] == "VOID"


@pytest.mark.usefixtures("rolled_back")
def test_what_was_left_on_a_line_that_was_rolled_back_is_closed_with_what_it_waits_for(
    session, desk, keys, anvil
):
    anvil.increase_time(21_000)
    assert trainer.settle_due(desk, key=keys[1]) == []
    own = session.model.claims_of(keys[1].address)
    assert own == (1, 5)
    payments = trainer.settle_due(desk, key=keys[1], also=own)
    assert [payment.version for payment in payments] == [4, 5]
    assert _statuses(session)[2] == "VOID"


def test_a_bond_is_reclaimed_however_long_ago_its_version_died(session, desk, keys, cheat, anvil):
    wrong = cheat(session, b"\x66" * 32)
    for key in (keys[3], keys[4]):
        _challenge(session, wrong, key)
    _refute(session, wrong, keys[0])
    anvil.increase_time(10_000_000)
    assert trainer.withdraw(desk, key=keys[4]) == BOND
    assert trainer.withdraw(desk, key=keys[4]) == 0


def test_withdrawing_leaves_a_game_that_is_still_to_be_ruled_on(session, desk, keys, cheat):
    wrong = cheat(session, b"\x66" * 32)
    _challenge(session, wrong, keys[3])
    assert trainer.withdraw(desk, key=keys[3]) == 0
    assert session.model.game(wrong, 1).is_open
