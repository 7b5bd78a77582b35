"""The verifier: re-runs claims and challenges those that end elsewhere; needs no compiler."""

from dataclasses import dataclass

from delea.chain import Key
from delea.chain.events import Challenged
from delea.protocol.claim import Refuted, Verdict
from delea.protocol.version import Status, Version
from delea.roles.session import OnStep, Session


@dataclass(frozen=True, slots=True)
class Check:
    """A claim that was re-run; `game` is the challenge that followed, if one did."""

    version: int
    verdict: Verdict
    game: int | None = None


def open_claims(session: Session) -> list[Version]:
    """Return the claims that can still be challenged."""
    now, window = session.chain.now(), session.model.terms.challenge_window
    return [
        version
        for version in session.model.versions(1)
        if version.status in {Status.PENDING, Status.CHALLENGED}
        and version.updates
        and now < version.submitted_at + window
    ]


def verify(session: Session, version: Version, *, on_step: OnStep | None = None) -> Check:
    """Re-run one claim, whatever its status."""
    return Check(version.id, session.judge(version, on_step=on_step))


def challenge(session: Session, check: Check, *, key: Key) -> Check:
    """Challenge a refuted claim with the right root, paying a bond; return it with its game."""
    if not isinstance(check.verdict, Refuted):
        return check
    receipt = session.model.challenge(check.version, check.verdict.right_root, key=key)
    return Check(check.version, check.verdict, receipt.one(Challenged).game)
