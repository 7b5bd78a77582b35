"""The verifier: re-runs claims and challenges those that end elsewhere; needs no compiler."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from delea.chain import Key, ModelClient
from delea.chain.events import Challenged
from delea.errors import RefusedError
from delea.ids import Address
from delea.protocol.claim import Claim, Refuted, Verdict, sealed_root
from delea.protocol.version import Version
from delea.roles.session import OnStep, Session, later


@dataclass(frozen=True, slots=True)
class Check:
    """A claim that was re-run; `game` is the challenge that followed, if one did."""

    claim: Claim
    verdict: Verdict
    game: int | None = None


def open_claims(session: Session) -> list[Version]:
    """Return the claims that can still be challenged."""
    opened = session.chain.now() - session.model.terms.challenge_window
    return [version for version in session.model.versions_after(opened) if version.status.is_live]


def check_claimed(model: ModelClient, versions: Iterable[int]) -> None:
    """Raise RefusedError unless all these versions of a model were claimed, as all but genesis."""
    count = model.version_count()
    for version in versions:
        if not 1 <= version < count:
            raise RefusedError(f"a claimed version of 1 to {count - 1} expected, got {version}")


def verify(session: Session, version: Version, *, on_step: OnStep | None = None) -> Check:
    """Re-run one claim, whatever its status."""
    return Check(session.claim(version), session.judge(version, on_step=on_step))


def challenge(session: Session, check: Check, *, key: Key) -> Check:
    """Challenge a refuted claim, paying a bond; return it with its game.

    The right root is named sealed: a copied challenge would win the prize of who did the work.

    Raises:
        ReorgError: the chain took blocks back, and another claim has that number now.
    """
    if not isinstance(check.verdict, Refuted):
        return check
    session.check_same(check.claim)
    named = sealed_root(check.verdict.right_root, key.address)
    receipt = session.model.challenge(check.claim.version, named, key=key)
    return replace(check, game=receipt.one(Challenged).game)


def find_game(session: Session, version: Version, challenger: Address) -> int | None:
    """Return an open game of a challenger's own on a version, if there is one."""
    found = session.model.version(version.id)  # as of now
    games = session.model.open_games(found)
    return next((game.number for game in games if game.challenger == challenger), None)


def lineage(session: Session, version: Version) -> list[Version]:
    """Return the versions from genesis to this one, both included, oldest first."""
    path = [version]
    while version.id != version.parent:
        version = session.model.version(version.parent)
        path.append(version)
    return path[::-1]


def replay(session: Session, path: list[Version], *, on_step: OnStep | None = None) -> bytes:
    """Train along a lineage again, from the genesis state on, and return the last state.

    No other state is read from the store; every one on the way is kept there.

    Raises:
        DigestError: a claim does not end in its root.
    """
    state = session.state(path[0])
    done = 0
    for version in path[1:]:
        state = session.replay(state, version, on_step=later(on_step, done))
        done += version.updates * session.manifest.steps_per_update
    return state
