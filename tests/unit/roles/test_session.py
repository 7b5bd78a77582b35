"""States are had from the store, or by replaying; a lost or damaged one is made again."""

from dataclasses import replace

import pytest

from delea.artifact import state_root
from delea.errors import ChainError, DigestError, MissingError, RefusedError
from delea.protocol.claim import Refuted, Upheld
from delea.roles import trainer, verifier
from delea.roles.auditing import trust
from delea.roles.session import Session
from delea.store import Store


@pytest.fixture
def trained(session, keys):
    """Three claims, two by one trainer and one by another."""
    for key, updates in ((keys[1], 2), (keys[2], 1), (keys[1], 3)):
        update = trainer.train(session, sender=key.address, updates=updates)
        trainer.claim(session, update, key=key)
    return session


def _lose_states(session, *, but=()):
    for path in (session.store.path / "states").iterdir():
        if path.name not in {root.hex() for root in but}:
            path.unlink()


def test_lost_states_are_replayed_from_genesis_and_kept(trained):
    model = trained.model
    genesis, *claims = model.versions()
    _lose_states(trained, but=[genesis.root])
    assert state_root(trained.state(claims[-1])) == claims[-1].root
    assert [trained.store.find_state(claim.root) is not None for claim in claims] == [True] * 3


def test_a_replay_starts_at_the_nearest_state_that_is_there(trained, monkeypatch):
    _, first, second, third = trained.model.versions()
    _lose_states(trained, but=[second.root])
    replayed = []
    replay = trained.replay
    monkeypatch.setattr(
        trained, "replay", lambda before, version, **more: (
            replayed.append(version.id), replay(before, version, **more))[1]
    )  # fmt: skip
    trained.state(third)
    assert replayed == [3]
    assert first.id == 1


def test_a_damaged_state_is_replayed_and_mended(trained):
    last = trained.model.version(3)
    block = trained.store.path / "blocks" / trained.store.find_state(last.root)
    block.write_bytes(b"damaged")
    assert state_root(trained.state(last)) == last.root
    assert state_root(trained.store.get_state(last.root)) == last.root


def test_without_a_genesis_state_there_is_no_replay(trained):
    _lose_states(trained)
    with pytest.raises(MissingError, match="no state with root"):
        trained.state(trained.model.version(3))


def test_another_store_replays_to_the_same_state(trained, open_session):
    other = open_session()
    last = trained.model.version(3)
    assert other.state(last) == trained.state(last)


def test_a_wrong_claim_on_the_way_has_no_state(session, keys, cheat):
    wrong = cheat(session, b"\x66" * 32)
    on_top = cheat(session, b"\x67" * 32)
    with pytest.raises(DigestError, match=f"version {wrong} is a wrong claim: root 6666"):
        session.state(session.model.version(on_top))
    with pytest.raises(DigestError, match=f"version {wrong} is a wrong claim"):
        session.judge(session.model.version(on_top))
    with pytest.raises(DigestError, match=f"version {on_top - 1} is a wrong claim"):
        trainer.train(session, sender=keys[1].address, updates=1)


def test_a_wrong_claim_is_run_once_however_many_stand_on_it(session, cheat, monkeypatch):
    steps = []
    train = session.train
    monkeypatch.setattr(
        session, "train", lambda state, seed, count, **more: (
            steps.append(count), train(state, seed, count, **more))[1]
    )  # fmt: skip
    wrong = session.model.version(cheat(session, b"\x66" * 32, updates=3))
    on_top = [session.model.version(cheat(session, bytes([root]) * 32)) for root in range(3)]
    for version in (*on_top, *on_top):
        with pytest.raises(DigestError, match="version 1 is a wrong claim: root 6666"):
            session.judge(version)
    assert steps == [15]
    verdicts = [session.judge(wrong) for _ in range(2)]
    assert verdicts[0] == verdicts[1]
    assert isinstance(verdicts[0], Refuted)
    assert steps == [15]


def test_a_pile_on_a_wrong_claim_is_not_walked_down_for_each_of_it(session, cheat, monkeypatch):
    cheat(session, b"\x66" * 32)
    pile = [session.model.version(cheat(session, bytes([root]) * 32)) for root in range(8)]
    asked, version = [], session.model.version
    monkeypatch.setattr(session.model, "version", lambda at: (asked.append(at), version(at))[1])
    counts = []
    for each in pile:
        asked.clear()
        with pytest.raises(DigestError, match="version 1 is a wrong claim"):
            session.judge(each)
        counts.append(len(asked))
    assert counts[2:] == [4] * 6


def test_a_claim_under_a_number_that_was_judged_is_judged_anew(session, keys, cheat, anvil):
    snapshot = anvil.snapshot()
    wrong = session.model.version(cheat(session, b"\x66" * 32))
    assert isinstance(session.judge(wrong), Refuted)
    anvil.revert(snapshot)
    update = trainer.train(session, sender=keys[1].address, updates=1)
    right = trainer.claim(session, update, key=keys[1]).version
    assert (right, session.judge(session.model.version(right))) == (wrong.id, Upheld())


def test_a_right_claim_is_upheld_and_a_wrong_one_refuted_by_the_right_root(trained, cheat):
    last = trained.model.version(3)
    assert trained.judge(last) == Upheld()
    wrong = cheat(trained, last.root)
    verdict = trained.judge(trained.model.version(wrong))
    assert isinstance(verdict, Refuted)
    assert verdict.right_root not in {last.root, bytes(32)}
    assert trained.store.find_state(verdict.right_root) is not None


def test_a_copied_root_is_wrong_for_the_copier(session, keys, cheat):
    update = trainer.train(session, sender=keys[1].address, updates=1)
    copied = cheat(session, update.root)
    assert isinstance(session.judge(session.model.version(copied)), Refuted)


def test_genesis_is_no_claim(session):
    with pytest.raises(RefusedError, match="version 0 is no claim: nobody trained it"):
        session.judge(session.model.version(0))


def test_a_rollback_has_the_state_of_its_target(trained, anvil, keys):
    anvil.increase_time(10_000)
    trainer.settle_due(trained, key=keys[1])
    proposal = trained.model.propose_rollback(1, key=keys[0]).events[0].proposal
    anvil.increase_time(10_000)
    trained.model.execute_rollback(proposal, key=keys[0])
    model = trained.model
    assert trained.state(model.version(4)) == trained.state(model.version(1))
    _lose_states(trained, but=[model.version(0).root])
    assert state_root(trained.state(model.version(4))) == model.version(1).root


def test_training_in_pieces_is_training_in_one(session, keys):
    update = trainer.train(session, sender=keys[1].address, updates=4)
    seed = bytes(range(32))
    state = session.state(session.model.version(0))
    whole = session.sandbox.train(state, seed, 20)
    heard = []

    def hear(*step):
        heard.append(step)

    pieces = session.train(state, seed, 20, on_step=hear, keep_losses=True)
    assert (pieces.state, pieces.losses) == (whole.state, whole.losses)
    assert heard == list(enumerate(whole.losses, 1))
    assert update.losses == ()
    kept = trainer.train(session, sender=keys[1].address, updates=4, keep_losses=True)
    assert (len(kept.losses), kept.root) == (20, update.root)


def test_no_piece_is_longer_than_an_update(session, monkeypatch):
    asked = []
    train = session.sandbox.train
    monkeypatch.setattr(
        session.sandbox, "train", lambda state, seed, steps, **more: (
            asked.append(steps), train(state, seed, steps, **more))[1]
    )  # fmt: skip
    session.train(session.state(session.model.version(0)), bytes(32), 12)
    assert asked == [5, 5, 2]


def test_a_replay_reads_no_state_but_genesis(trained):
    genesis, *claims = trained.model.versions()
    (trained.store.path / "states" / claims[0].root.hex()).unlink()
    heard = []
    path = verifier.lineage(trained, claims[-1])
    state = verifier.replay(trained, path, on_step=lambda step, _: heard.append(step))
    assert [version.id for version in path] == [0, 1, 2, 3]
    assert state_root(state) == claims[-1].root
    assert heard == list(range(1, 31))
    assert trained.store.find_state(claims[0].root) is not None
    assert genesis.updates == 0


def test_a_replay_over_a_wrong_claim_is_refused(session, cheat):
    wrong = cheat(session, b"\x66" * 32)
    session.store.put_state(session.model.version(0).root, session.state(session.model.version(0)))
    path = verifier.lineage(session, session.model.version(wrong))
    with pytest.raises(DigestError, match="is a wrong claim"):
        verifier.replay(session, path)


def test_a_session_needs_its_files(open_session, tmp_path):
    store = Store(tmp_path / "empty")
    with pytest.raises(MissingError, match="no file with SHA-256"):
        open_session(store)


def test_a_model_that_other_than_its_stewards_judge_is_refused(session, chain, keys):
    own = replace(session.model.terms, arbiter=session.model.address)
    model = chain.create(own, key=keys[0])
    line = f"^the stewards' arbiter expected at {own.arbiter}, got another contract$"
    with pytest.raises(ChainError, match=line):
        Session(chain, model, session.store, audit=trust)


def test_after_a_silence_another_model_in_the_place_of_the_first_is_refused(
    session, chain, keys, anvil
):
    session.check_back()  # the same as before
    other = chain.create(replace(session.model.terms, horizon=12_800), key=keys[0])
    code = anvil._rpc.call("eth_getCode", other, "latest")
    anvil._rpc.call("anvil_setCode", session.model.address, code)
    line = f"^the terms of {session.model.address} as before expected, got others$"
    with pytest.raises(ChainError, match=line):
        session.check_back()
