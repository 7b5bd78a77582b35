"""The way of an update on a real chain, by hand: no training, only its claims."""

from dataclasses import replace

import pytest

from delea.chain.codec import load_contract
from delea.chain.events import (
    Challenged,
    Inferred,
    Reclaimed,
    Refuted,
    RollbackProposed,
    RolledBack,
    Ruled,
    Settled,
    Trained,
    Transfer,
    Voided,
    Withdrawn,
)
from delea.chain.evm import Evm
from delea.errors import ChainError
from delea.protocol.version import Status

SUPPLY = 10**24
RESERVE = 95 * 10**22
REWARD_OF_4 = 3_703_699_003_388_384_440_278  # floor(0.95e24 * (1 - e^(-4/1024)))
BOND_OF_4 = 1_400_000_000_000_000


def test_a_new_model_says_its_terms(chain, model, terms, roles):
    assert model.terms == terms
    assert chain.model(model.address.lower()).address == model.address
    assert model.creator() == roles.creator.address
    assert model.total_supply() == SUPPLY
    assert model.reserve() == model.balance_of(model.address) == RESERVE
    assert model.balance_of(roles.creator.address) == SUPPLY - RESERVE


def test_a_new_model_has_genesis_alone(model, roots):
    (genesis,) = model.versions()
    assert (genesis.id, genesis.parent, genesis.root) == (0, 0, roots["genesis"])
    assert (genesis.status, genesis.updates, genesis.bond) == (Status.SETTLED, 0, 0)
    assert (genesis.child, genesis.next, genesis.rival) == (None, None, None)
    assert (model.head(), model.tip(), model.line(), model.version_count()) == (0, 0, 0, 1)


def test_terms_of_one_update_keep_their_bond(chain, terms, roles):
    one = chain.model(chain.create(replace(terms, max_updates=1), key=roles.creator))
    assert one.bond_for(1) == 11 * 10**14
    assert one.terms.bond_base + one.terms.bond_per_update == 11 * 10**14


def test_quotes_are_exact(model):
    assert model.reward_for(4) == model.quote_after(0, 4) == REWARD_OF_4
    assert model.price_for(1) == 9_277_389_049_677_489_065  # ceil(0.95e24 * (e^(1/102400) - 1))
    assert model.bond_for(4) == BOND_OF_4


def test_a_claim_is_a_pending_version(chain, model, roles, roots):
    receipt = model.train(
        0, roots["right"], 4, roles.consumer.address, REWARD_OF_4, key=roles.trainer
    )
    trained = receipt.one(Trained)
    assert receipt.events == (trained,)
    assert (trained.version, trained.parent, trained.updates) == (1, 0, 4)
    assert trained.sender == roles.trainer.address
    assert trained.beneficiary == roles.consumer.address
    assert (trained.root, trained.bond) == (roots["right"], BOND_OF_4)
    assert (trained.block, trained.transaction) == (receipt.block, receipt.transaction)
    version = model.version(1)
    assert (version.status, version.root, version.bond) == (
        Status.PENDING,
        roots["right"],
        BOND_OF_4,
    )
    assert version.submitted_at == chain.now(block=receipt.block)
    assert (model.tip(), model.head(), model.version(0).child) == (1, 0, 1)
    assert chain.balance_of(model.address) == BOND_OF_4


def test_a_claim_that_stood_is_paid_and_its_bond_returned(chain, anvil, model, roles, claim):
    version = claim()
    anvil.increase_time(60)
    settled = model.settle(version, key=roles.attacker).one(Settled)
    assert (settled.version, settled.beneficiary) == (1, roles.trainer.address)
    assert (settled.reward, settled.reserve) == (REWARD_OF_4, RESERVE - REWARD_OF_4)
    assert model.balance_of(roles.trainer.address) == REWARD_OF_4
    assert model.head() == 1
    assert model.version(0).next == 1
    assert model.credit_of(roles.trainer.address) == BOND_OF_4
    before = chain.balance_of(roles.trainer.address)
    receipt = model.withdraw(key=roles.trainer)
    assert receipt.one(Withdrawn).amount == BOND_OF_4
    assert chain.balance_of(roles.trainer.address) == before + BOND_OF_4 - receipt.fee
    assert model.credit_of(roles.trainer.address) == 0


def test_an_action_is_tried_at_the_time_it_would_be_mined(anvil, model, roles, claim):
    version = claim()
    anvil._rpc.call("evm_increaseTime", 60)  # no block at that time yet
    assert model.settle(version, key=roles.trainer).one(Settled).version == version


def test_a_claim_refuted_by_the_creator_alone_loses_its_bond_to_nobody(
    chain, model, arbiter, roles, roots, claim
):
    version = claim(root=roots["wrong"])
    challenged = model.challenge(version, roots["right"], key=roles.verifier).one(Challenged)
    assert (challenged.game, challenged.named_root) == (1, roots["right"])
    assert challenged.bond == BOND_OF_4
    assert model.version(version).status is Status.CHALLENGED
    game = model.game(version, 1)
    assert (game.challenger, game.is_open) == (roles.verifier.address, True)
    judge = chain.arbiter(arbiter)
    judge.vote(model, version, 1, refuted=True, key=roles.creator)
    receipt = judge.decide(model, version, 1, key=roles.verifier)
    assert receipt.one(Ruled).refuted is True
    assert receipt.one(Refuted).challenger == roles.verifier.address
    assert model.version(version).status is Status.REFUTED
    assert model.credit_of(roles.verifier.address) == BOND_OF_4
    assert model.burned() == BOND_OF_4
    assert model.game(version, 1).is_open is False
    assert model.game(version, 2) is None


def test_open_games_are_those_whose_bonds_are_held_when_their_turn_comes(
    chain, model, arbiter, roles, roots, claim
):
    version = claim()
    assert list(model.open_games(model.version(version))) == []
    for role in (roles.verifier, roles.attacker, roles.verifier):
        model.challenge(version, roots["other"], key=role)
    games = model.open_games(model.version(version))
    first = next(games)
    assert (first.number, first.challenger) == (1, roles.verifier.address)
    judge = chain.arbiter(arbiter)
    judge.vote(model, version, 2, refuted=False, key=roles.creator)
    judge.decide(model, version, 2, key=roles.creator)
    assert [game.number for game in games] == [3]
    found = model.version(version)
    assert [game.number for game in model.open_games(found)] == [1, 3]


def test_a_claim_that_is_upheld_still_settles(chain, anvil, model, arbiter, roles, roots, claim):
    version = claim()
    model.challenge(version, roots["other"], key=roles.attacker)
    judge = chain.arbiter(arbiter)
    judge.vote(model, version, 1, refuted=False, key=roles.creator)
    assert judge.tally(model, version, 1).is_certain
    assert judge.vote_of(model, version, 1, roles.creator.address) == -1
    judge.decide(model, version, 1, key=roles.verifier)
    anvil.increase_time(60)
    assert model.settle(version, key=roles.trainer).one(Settled).reward == REWARD_OF_4


def test_honest_work_goes_on_beside_a_challenged_claim(model, roles, roots, claim):
    wrong = claim(root=roots["wrong"])
    model.challenge(wrong, roots["right"], key=roles.verifier)
    right = claim()
    assert model.version(right).rival == wrong
    assert model.version(0).child == right
    assert model.tip() == right


def test_a_case_that_nobody_rules_on_is_voided_and_reclaimed(anvil, model, roles, roots, claim):
    version = claim()
    model.challenge(version, roots["other"], key=roles.verifier)
    anvil.increase_time(60 + 90)
    voided = model.void(version, key=roles.consumer).one(Voided)
    assert (voided.version, voided.timed_out) == (version, True)
    reclaimed = model.reclaim(version, 1, key=roles.consumer).one(Reclaimed)
    assert reclaimed.amount == BOND_OF_4 * 3 // 4
    assert model.version(version).status is Status.VOID
    assert model.version(version).timed_out is True


def test_tokens_move_and_pay_for_inferences(anvil, model, roles, claim):
    claim()
    anvil.increase_time(60)
    model.settle(1, key=roles.trainer)
    moved = model.transfer(roles.consumer.address, 10**21, key=roles.trainer).one(Transfer)
    assert (moved.sender, moved.receiver) == (roles.trainer.address, roles.consumer.address)
    price, reserve = model.price_for(3), model.reserve()
    receipt = model.infer(3, price, b"q" * 32, key=roles.consumer)
    paid = receipt.one(Inferred)
    assert (paid.payer, paid.units, paid.price) == (roles.consumer.address, 3, price)
    assert paid.request == b"q" * 32
    assert model.reserve() == reserve + price
    assert model.balance_of(roles.consumer.address) == 10**21 - price


def test_a_spender_is_allowed_what_the_owner_says(model, roles):
    model.approve(roles.consumer.address, 5, key=roles.creator)
    assert model.allowance(roles.creator.address, roles.consumer.address) == 5


def test_a_rollback_appends_the_old_root_on_a_new_line(anvil, model, roles, roots, claim):
    claim()
    anvil.increase_time(60)
    model.settle(1, key=roles.trainer)
    proposed = model.propose_rollback(0, key=roles.creator).one(RollbackProposed)
    assert (proposed.proposal, proposed.target) == (1, 0)
    assert model.open_rollback_of(roles.creator.address) == 1
    assert (model.proposal_count(), model.proposal(1).target) == (1, 0)
    assert model.proposal(2) is None
    anvil.increase_time(60)
    rolled = model.execute_rollback(1, key=roles.consumer).one(RolledBack)
    assert (rolled.target, rolled.version, rolled.line, rolled.score) == (0, 2, 1, 1)
    assert model.proposal(1).executed is True
    assert model.open_rollback_of(roles.creator.address) is None
    assert (model.head(), model.tip(), model.line()) == (2, 2, 1)
    appended = model.version(2)
    assert (appended.root, appended.parent, appended.updates) == (roots["genesis"], 0, 0)
    assert claim(parent=2) == 3


def test_the_state_at_the_end_of_an_earlier_block_is_read(anvil, model, roles, claim):
    claim()
    (trained,) = model.events(Trained)
    price = model.price_for(1)
    anvil.increase_time(60)
    model.settle(1, key=roles.trainer)
    assert model.price_for(1) < price
    assert model.price_for(1, block=trained.block) == price
    assert model.reserve(block=trained.block) == RESERVE
    assert model.version(1, block=trained.block).status is Status.PENDING
    assert model.head(block=trained.block) == 0
    assert model.version_count(block=trained.block - 1) == 1


def test_events_are_found_by_kind_and_block_in_order(anvil, model, roles, claim):
    first, second = claim(), claim(parent=1)
    anvil.increase_time(60)
    settled = model.settle(first, key=roles.trainer)
    assert [event.version for event in model.events(Trained)] == [first, second]
    assert model.events(Trained, to_block=model.events(Trained)[0].block) == (
        model.events(Trained)[0],
    )
    assert model.events(Settled, from_block=settled.block) == (settled.one(Settled),)
    assert model.events(Settled, from_block=settled.block + 1) == ()
    names = [type(event).__name__ for event in model.history()]
    assert names == ["Transfer", "Transfer", "Trained", "Trained", "Transfer", "Settled"]
    assert [version.id for version in model.versions(1)] == [first, second]


def test_challenges_are_those_of_a_version_in_order(chain, model, roles, roots, claim):
    first, second = claim(root=roots["wrong"]), claim(parent=1, root=roots["other"])
    model.challenge(second, roots["right"], key=roles.consumer)
    model.challenge(first, roots["right"], key=roles.verifier)
    model.challenge(second, roots["genesis"], key=roles.verifier)
    found = [(challenge.game, challenge.named_root) for challenge in model.challenges(second)]
    assert found == [(1, roots["right"]), (2, roots["genesis"])]
    assert [challenge.version for challenge in model.challenges(first)] == [first]
    assert model.challenges(0) == ()
    topic = load_contract("Model").events["Challenged"].topic
    logs = chain._evm.logs(model.address, [topic], number=first, from_block=0)
    assert [log.topics[1] for log in logs] == [first.to_bytes(32)]


def test_what_a_node_tells_of_other_versions_is_no_challenge_of_one(
    model, roles, roots, claim, monkeypatch
):
    first, second = claim(root=roots["wrong"]), claim(parent=1, root=roots["other"])
    model.challenge(second, roots["right"], key=roles.verifier)
    told = Evm.logs

    def tell_all(*words, **named):
        return told(*words, **(named | {"number": None}))

    monkeypatch.setattr(Evm, "logs", tell_all)
    assert [len(model.challenges(version)) for version in (first, second)] == [0, 1]


def test_what_one_account_claimed_and_challenged_is_not_what_others_did(
    model, roles, roots, claim, monkeypatch
):
    first, second = claim(), claim(parent=1)
    rivals = model.train(2, roots["other"], 1, roles.trainer.address, 0, key=roles.rival)
    third = rivals.one(Trained).version
    for version, key in ((second, roles.verifier), (third, roles.rival), (first, roles.verifier)):
        model.challenge(version, roots["genesis"], key=key)

    def found(role):
        told = [(event.version, event.game) for event in model.challenges_of(role.address)]
        return list(model.claims_of(role.address)), told

    def all_found():
        return [found(role) for role in (roles.trainer, roles.rival, roles.verifier)]

    expected = [([first, second], []), ([third], [(third, 1)]), ([], [(second, 1), (first, 1)])]
    assert all_found() == expected
    topic, verifier = load_contract("Model").events["Challenged"].topic, roles.verifier.address
    logs = model._evm.logs(model.address, [topic], account=verifier, from_block=0)
    assert [log.topics[3][12:].hex() for log in logs] == [verifier[2:].lower()] * 2
    told = Evm.logs
    monkeypatch.setattr(  # a node that tells more than it was asked
        Evm, "logs", lambda *words, **named: told(*words, **(named | {"account": None}))
    )
    assert all_found() == expected


def test_versions_after_a_second_are_read_from_the_latest_on(anvil, model, claim, monkeypatch):
    first = claim()
    anvil.increase_time(10)
    second, third = claim(parent=1), claim(parent=2)
    times = [version.submitted_at for version in model.versions()]
    read, version = [], model.version
    monkeypatch.setattr(
        model, "version", lambda at, block=None: (read.append(at), version(at, block=block))[1]
    )

    def ids(second, **block):
        return [version.id for version in model.versions_after(second, **block)]

    assert ids(times[second] - 1) == [second, third]
    assert read == [third, second, first]
    assert ids(times[third]) == []
    assert read[3:] == [third]
    assert ids(times[first]) == [second, third]
    assert ids(0) == [first, second, third]  # genesis came from nobody
    before = model.events(Trained)[1].block - 1
    assert ids(0, block=before) == [first]


def test_events_of_one_model_are_not_those_of_another(chain, terms, roles, claim):
    other = chain.model(chain.create(terms, key=roles.creator))
    claim()
    assert other.events(Trained) == ()


def test_a_receipt_without_the_event_asked_for_is_refused(model, roles, roots):
    receipt = model.train(0, roots["right"], 1, roles.trainer.address, 0, key=roles.trainer)
    with pytest.raises(ChainError, match=r"one Settled expected in transaction 0x.*, got 0"):
        receipt.one(Settled)


def test_gas_and_fee_are_those_of_the_chain(chain, roles):
    account = "0x00000000000000000000000000000000000000dd"
    before = chain.balance_of(roles.consumer.address)
    receipt = chain.fund(account, 5, key=roles.consumer)
    assert receipt.gas == 21_000
    assert chain.balance_of(account) == 5
    assert chain.balance_of(roles.consumer.address) == before - 5 - receipt.fee
