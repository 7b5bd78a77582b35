"""A claim and the verdict on it: a re-run ends in the claimed root, or it does not."""

from dataclasses import dataclass
from hashlib import sha256

from delea.ids import Address, Digest, Step
from delea.protocol.seed import address_bytes, seed_of_claim
from delea.protocol.version import Version

NO_STATE = Digest(bytes(32))
"""Named as the right root where training reaches a NaN: no state follows, so any claim is wrong."""


CHALLENGE_DOMAIN = b"delea/challenge/1"


@dataclass(frozen=True, slots=True)
class Claim:
    """A trainer's word: `steps` steps under `seed` turn the state `before` into `after`."""

    version: int
    before: Digest
    after: Digest
    seed: bytes
    steps: Step


@dataclass(frozen=True, slots=True)
class Upheld:
    """The re-run ended in the claimed root."""


@dataclass(frozen=True, slots=True)
class Refuted:
    """The re-run ended elsewhere: `right_root`."""

    right_root: Digest


Verdict = Upheld | Refuted


def claim_of(
    version: Version, parent: Version, *, chain_id: int, model: Address, steps_per_update: int
) -> Claim:
    """Return what a version's sender claims to have computed from its parent."""
    return Claim(
        version=version.id,
        before=parent.root,
        after=version.root,
        seed=seed_of_claim(
            chain_id=chain_id,
            model=model,
            parent=parent.id,
            parent_root=parent.root,
            sender=version.sender,
            beneficiary=version.beneficiary,
        ),
        steps=Step(version.updates * steps_per_update),
    )


def judge(claim: Claim, after: Digest) -> Verdict:
    """Compare a claim with where a re-run of it ended."""
    return Upheld() if after == claim.after else Refuted(after)


def judge_diverged(claim: Claim) -> Refuted:
    """Judge a claim whose re-run reached a NaN; a challenge must name a root unlike the claimed."""
    return Refuted(NO_STATE if claim.after != NO_STATE else claim.before)


def sealed_root(right_root: Digest, challenger: Address) -> Digest:
    """Return what a challenger names on chain: the right root, bound to who found it.

    SHA-256 of the domain, the root and the challenger's 20 bytes. Whoever re-runs the claim can see
    that the challenger did, too; a copied challenge names nothing of its sender's.
    """
    return Digest(sha256(CHALLENGE_DOMAIN + right_root + address_bytes(challenger)).digest())
