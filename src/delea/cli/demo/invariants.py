"""The books, checked on the chain itself, and every settled root, replayed from nothing."""

import tempfile

from delea.artifact import state_root
from delea.chain.events import Inferred, Settled, Transfer
from delea.cli.demo.cast import Cast
from delea.errors import DigestError
from delea.ids import Address
from delea.protocol.version import Status
from delea.roles.auditing import trust
from delea.roles.session import Session
from delea.store import Store

CREATOR_SHARE_BPS, MAX_BPS = 500, 10_000
ZERO_ADDRESS = Address("0x" + "0" * 40)


def check_invariants(cast: Cast, session: Session, upheld: set[int]) -> dict[str, bool]:
    """Return each invariant's name and whether it holds; `upheld` are the claims found right."""
    return {
        "balances_sum_to_supply": _balances(session),
        "reserve_is_accounted_for": _reserve(session),
        "native_bonds_balance": _bonds(cast, session),
        "settled_roots_replay": _replay(cast, session),
        "honest_work_was_paid": upheld <= {e.version for e in session.model.events(Settled)},
        "cheating_earned_nothing": not session.model.balance_of(cast.keys["attacker"].address),
    }


def _balances(session: Session) -> bool:
    """Whoever ever held tokens: their balances add up to the supply."""
    model = session.model
    holders = {ZERO_ADDRESS, model.address, model.creator()}
    for event in model.events(Transfer):
        holders |= {event.sender, event.receiver}
    return sum(model.balance_of(holder) for holder in holders) == model.total_supply()


def _reserve(session: Session) -> bool:
    """95 % + inferences paid + funded = reserve + rewards paid.

    Paid is what the contract says was paid; funded are the plain transfers. If an inference moved
    no tokens, or others than it says, the two sides differ.
    """
    model = session.model
    supply = model.total_supply()
    first = supply - supply * CREATOR_SHARE_BPS // MAX_BPS  # the creator's share is rounded down
    inferred = model.events(Inferred)
    paid = sum(event.price for event in inferred)
    rewards = sum(event.reward for event in model.events(Settled))
    not_plain = {event.transaction for event in inferred}
    funded = sum(
        event.value
        for event in model.events(Transfer)
        if event.receiver == model.address
        and event.sender != ZERO_ADDRESS
        and event.transaction not in not_plain
    )
    return first + paid + funded == model.reserve() + rewards


def _bonds(cast: Cast, session: Session) -> bool:
    """The contract's native coin: bonds at stake, what is credited, and what is burned."""
    model = session.model
    staked = 0
    for version in model.versions():
        staked += version.bond if version.status.is_live else 0
        staked += sum(version.bond for _ in model.open_games(version))
    credited = sum(model.credit_of(key.address) for key in cast.keys.values())
    return cast.chain.balance_of(model.address) == staked + credited + model.burned()


def _replay(cast: Cast, session: Session) -> bool:
    """Every settled root, from the genesis state alone, in a store that knows nothing else."""
    model = session.model
    with tempfile.TemporaryDirectory() as folder:
        empty = Store(folder)
        empty.put_file(session.module)
        empty.put_file(session.dataset)
        genesis = session.state(model.version(0))
        empty.put_state(model.terms.genesis_root, genesis)
        with Session(cast.chain, model.address, empty, audit=trust) as fresh:
            for version in model.versions():
                if version.status is not Status.SETTLED:
                    continue
                try:
                    root = state_root(fresh.state(version))
                except DigestError:
                    return False
                if root != version.root:
                    return False
    return True
