"""The twin: the contract's rules in Python, without a chain (beside one: tests/contracts)."""

from copy import deepcopy

import pytest

from delea.errors import RevertError
from delea.protocol.twin import Twin
from delea.protocol.version import Status

CREATOR, TRAINER, OTHER, CHALLENGER = "creator", "trainer", "other", "challenger"


@pytest.fixture
def twin(terms):
    return Twin(terms, CREATOR, "model")


def train(twin, parent, *, sender=TRAINER, now=0):
    return twin.train(sender, parent, b"\x02" * 32, 100, sender, 0, paid=1_700, now=now)


def challenge(twin, version, *, now=0):
    return twin.challenge(CHALLENGER, version, b"\x03" * 32, paid=1_700, now=now)


def test_a_model_starts_with_a_twentieth_at_its_creator(twin):
    assert twin.balances[CREATOR] == 5 * 10**22
    assert twin.reserve == 95 * 10**22
    assert (twin.head, twin.tip, twin.line) == (0, 0, 0)


def test_a_claim_that_stood_is_paid_what_the_contract_pays(twin):
    version = train(twin, 0)
    assert twin.settle(version, now=100)
    assert twin.balances[TRAINER] == 94_995_250_158_329_375_079
    assert twin.withdraw(TRAINER) == 1_700
    assert (twin.head, twin.coin) == (version, 0)


def test_a_refuted_claim_pays_its_challenger_and_burns_the_rest(twin):
    version = train(twin, 0)
    twin.rule(version, challenge(twin, version), refuted=True, now=1)
    assert twin.versions[version].status is Status.REFUTED
    assert twin.credits == {CHALLENGER: 1_700 + 850}
    assert twin.burned == 850


def test_honest_work_goes_on_beside_a_challenged_claim(twin):
    bogus = train(twin, 0)
    game = challenge(twin, bogus)
    honest = train(twin, twin.tip, sender=OTHER)
    twin.rule(bogus, game, refuted=True, now=1)
    assert twin.settle(honest, now=100)
    assert twin.head == honest
    assert twin.balances[OTHER] > twin.balances[TRAINER] == 0


def test_a_case_nobody_decides_times_out(twin):
    version = train(twin, 0)
    game = challenge(twin, version)
    twin.void(version, now=300)
    assert twin.reclaim(version, game) == 1_275
    assert twin.credits == {TRAINER: 1_275, CHALLENGER: 1_275}
    assert twin.burned == 850


def test_a_rollback_appends_a_copy_on_a_new_line(twin):
    version = train(twin, 0)
    twin.settle(version, now=100)
    copy = twin.execute_rollback(twin.propose_rollback(CREATOR, 0, now=100), now=150)
    assert (twin.head, twin.line) == (copy, 1)
    assert twin.versions[copy].root == twin.terms.genesis_root


def test_a_refused_call_raises_the_contracts_reason_and_changes_nothing(twin):
    version = train(twin, 0)
    before = deepcopy(twin)
    with pytest.raises(RevertError, match="the contract refused: settle: window"):
        twin.settle(version, now=99)
    with pytest.raises(RevertError, match="the contract refused: train: stale parent"):
        train(twin, 0)
    assert (twin.versions, twin.balances, twin.credits, twin.coin) == (
        before.versions,
        before.balances,
        before.credits,
        before.coin,
    )


def test_inferring_pays_the_reserve(twin):
    assert twin.infer(CREATOR, 50, 10**18, now=0) == 475_000_118_750_019_792
    assert twin.reserve == 95 * 10**22 + 475_000_118_750_019_792


def test_the_updates_of_a_version_are_those_since_the_start_of_its_line(twin):
    first = train(twin, 0)
    second = train(twin, first)
    third = train(twin, second)
    counted = [twin.versions[version].total_updates for version in (third, first, second, 0)]
    assert counted == [300, 100, 200, 0]
    twin.settle(first, now=100)
    back = twin.execute_rollback(twin.propose_rollback(CREATOR, first, now=100), now=150)
    assert twin.versions[back].total_updates == 0
    assert twin.versions[train(twin, back, now=150)].total_updates == 100
