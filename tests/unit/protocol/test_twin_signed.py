"""What the twin takes by signature: in time, once, and only from its owner."""

from dataclasses import replace

import pytest

from delea.errors import RevertError
from delea.protocol.twin import NOBODY, Twin

OWNER, SPENDER, MODEL = "owner", "spender", "model"


@pytest.fixture
def twin(terms):
    return Twin(terms, OWNER, MODEL)


def permit(twin, *, owner=OWNER, signer=OWNER, now=10):
    twin.permit(owner, SPENDER, 7, 10, signer=signer, now=now)


def infer(twin, *, owner=OWNER, signer=OWNER, now=10):
    return twin.infer_with_signature(owner, 50, 10**18, 10, signer=signer, now=now)


def test_a_permit_allows_until_its_deadline(twin):
    permit(twin)
    assert twin.allowances == {(OWNER, SPENDER): 7}
    assert twin.nonces == {OWNER: 1}
    with pytest.raises(RevertError, match="permit: expired"):
        permit(twin, now=11)


def test_an_order_pays_until_its_deadline(twin):
    assert infer(twin) == 475_000_118_750_019_792
    assert twin.balances[OWNER] == 5 * 10**22 - 475_000_118_750_019_792
    assert twin.nonces == {OWNER: 1}
    with pytest.raises(RevertError, match="infer: expired"):
        infer(twin, now=11)


@pytest.mark.parametrize("signer", ["a", "z", NOBODY])
@pytest.mark.parametrize(("order", "reason"), [(permit, "permit"), (infer, "infer")])
def test_anothers_signature_is_refused(twin, order, reason, signer):
    with pytest.raises(RevertError, match=f"{reason}: signature"):
        order(twin, signer=signer)
    assert twin.nonces == {}


@pytest.mark.parametrize(("order", "reason"), [(permit, "permit"), (infer, "infer")])
def test_nobody_signs_nothing(twin, order, reason):
    with pytest.raises(RevertError, match=f"{reason}: signature"):
        order(twin, owner=NOBODY, signer=NOBODY)


def test_the_creators_share_is_rounded_down(terms):
    twin = Twin(replace(terms, supply=10**24 + 19), OWNER, MODEL)
    assert twin.balances == {OWNER: 5 * 10**22, MODEL: 95 * 10**22 + 19}
