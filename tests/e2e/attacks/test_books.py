"""The books of an attack see every gain; the town gives back every bond and stops its chain."""

import importlib
import os
from pathlib import Path

import pytest

from delea.errors import UnreachableError

FOLDER = Path(__file__).parents[3] / "attacks"
BOND_OF_1 = 101 * 10**14


@pytest.fixture(scope="module")
def made_with():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield {name: importlib.import_module(name) for name in ("books", "frame", "town")}


@pytest.fixture(scope="module")
def town(made_with):
    with made_with["town"].open_town() as opened:
        yield opened


@pytest.fixture
def books(made_with, town):
    return made_with["books"].Books(town, town.people.attacker, town.people.friend)


def test_who_did_nothing_won_nothing(books):
    change = books.check_no_gain()
    assert (change.tokens, change.coin, change.gas, change.fees) == (0, 0, 0, 0)


def test_tokens_that_came_in_are_a_gain(made_with, town, books):
    town.model.transfer(town.people.friend.address, 7, key=town.people.creator)
    assert books.change().tokens == 7
    with pytest.raises(made_with["frame"].SucceededError, match="7e-18 tokens"):
        books.check_no_gain()


def test_coin_that_came_in_is_a_gain(made_with, town, books):
    town.chain.fund(town.people.attacker.address, 10**18, key=town.people.creator)
    with pytest.raises(made_with["frame"].SucceededError, match="1 coin, 0 tokens, 0 gas"):
        books.check_no_gain()


def test_gas_is_kept_apart(town, books):
    receipt = town.model.opt_in(key=town.people.attacker)
    change = books.check_no_gain()
    assert (change.coin, change.gas, change.fees) == (0, receipt.gas, receipt.fee)


def test_a_bond_counts_as_lost_until_it_is_given_back(town, books):
    version = town.work(town.people.attacker)
    assert books.change().coin == -BOND_OF_1
    assert not town.is_wrong(version)
    town.finish()
    assert town.live() == []
    assert books.change().coin == 0
    assert books.change().tokens == 2_964_116_156_302_267_078_134  # floor(0.95e24 (1 - e^(-1/320)))


def test_what_is_offered_meanwhile_is_mined_in_one_block_by_tip(town):
    with town.one_block():
        slow = town.offer(town.people.consumer, "opt_in", tip=1)
        fast = town.offer(town.people.stranger, "opt_in", tip=2)
    assert town.receipt(slow)["blockNumber"] == town.receipt(fast)["blockNumber"]
    assert town.receipt(slow)["transactionIndex"] > town.receipt(fast)["transactionIndex"]


def test_a_seated_town_has_both_holders_seated_and_stops_its_chain(made_with):
    with made_with["town"].open_town(seated=True, chain_id=1337) as other:
        people, pid = other.people, other.anvil.pid
        seats = {people.first_holder.address, people.second_holder.address}
        assert set(other.model.top_holders()) == seats
        assert other.chain.chain_id == 1337
    with pytest.raises(UnreachableError):
        other.chain.block_number()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
