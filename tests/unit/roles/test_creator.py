"""Programs are loaded, terms derived, claims checked."""

import pytest

from delea.errors import RefusedError
from delea.roles import creator, trainer, verifier
from delea.roles.auditing import trust
from delea.store import Store

ARBITER = "0x" + "11" * 20


def test_max_updates_is_what_can_be_checked_sixteen_times_in_the_window(artifact):
    offer = creator.Offer("a", "A", horizon=10**6, challenge_window=1600, verdict_window=1600)
    assert creator.terms_of(artifact, offer, ARBITER, 0.5).max_updates == 200
    assert creator.terms_of(artifact, offer, ARBITER, 100.0).max_updates == 1


def test_max_updates_is_at_most_a_64th_of_the_horizon(artifact):
    offer = creator.Offer("a", "A", horizon=6_400)
    assert creator.terms_of(artifact, offer, ARBITER, 0.001).max_updates == 100


@pytest.mark.parametrize(("max_updates", "seconds"), [(201, 0.5), (None, 100.5), (2, 100.0)])
def test_a_claim_that_cannot_be_checked_in_time_is_refused(artifact, max_updates, seconds):
    offer = creator.Offer(
        "a", "A", horizon=10**6, challenge_window=1600, verdict_window=1600, max_updates=max_updates
    )
    with pytest.raises(RefusedError, match="can be checked 16 times within 1600 s"):
        creator.terms_of(artifact, offer, ARBITER, seconds)


def test_refused_terms_cost_nothing_and_store_nothing(chain, artifact, keys, tmp_path):
    before = chain.balance_of(keys[0].address)
    offer = creator.Offer("a", "A", horizon=63)
    with pytest.raises(RefusedError, match="terms: horizon"):
        creator.create(chain, Store(tmp_path / "store"), artifact, offer, key=keys[0], audit=trust)
    assert chain.balance_of(keys[0].address) == before
    assert not (tmp_path / "store").exists()


def test_open_claims_are_those_that_can_be_challenged(session, keys, anvil, cheat):
    update = trainer.train(session, sender=keys[1].address, updates=1)
    first = trainer.claim(session, update, key=keys[1]).version
    session.model.challenge(first, b"\x55" * 32, key=keys[3])
    anvil.increase_time(6_000)
    second = cheat(session, b"\x66" * 32)
    assert [version.id for version in verifier.open_claims(session)] == [first, second]
    anvil.increase_time(5_000)
    assert [version.id for version in verifier.open_claims(session)] == [second]
    anvil.increase_time(4_900)
    assert [version.id for version in verifier.open_claims(session)] == [second]
    anvil.increase_time(100)
    assert verifier.open_claims(session) == []


def test_an_upheld_claim_is_not_challenged(session, keys):
    update = trainer.train(session, sender=keys[1].address, updates=1)
    version = trainer.claim(session, update, key=keys[1]).version
    check = verifier.verify(session, session.model.version(version))
    assert verifier.challenge(session, check, key=keys[3]) == check
    assert session.model.version(version).games == 0
