"""The steward: puts earlier versions back, and decides the games, by votes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from delea.chain import Chain, Key, ModelClient
from delea.chain.events import RollbackProposed, RolledBack
from delea.chain.values import Game
from delea.errors import DigestError, RefusedError
from delea.ids import Address, Digest, Wei
from delea.protocol.claim import Refuted, Verdict, sealed_root
from delea.protocol.version import Version
from delea.roles.session import OnStep, Session


@dataclass(frozen=True, slots=True)
class Proposed:
    """A rollback that waits for its window."""

    proposal: int
    target: int
    due_at: int  # seconds
    expires_at: int  # seconds


@dataclass(frozen=True, slots=True)
class Done:
    """A rollback carried out: the version that was appended, with the target's root."""

    proposal: int
    target: int
    version: int
    score: int


@dataclass(frozen=True, slots=True)
class Holder:
    """An account on the roster; `seat` is 1 or 2, None without one."""

    account: Address
    tokens: Wei
    earned: Wei
    weight: Wei
    seat: int | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A vote on a game of a version, and whether the game was decided with it."""

    version: int
    game: int
    refuted: bool
    decided: bool


def holders(model: ModelClient) -> list[Holder]:
    """Return who may sit in the holders' seats, the heaviest first."""
    block = model.block_number()
    seats = model.top_holders(block=block)
    found = [
        Holder(
            account=account,
            tokens=model.balance_of(account, block=block),
            earned=model.earned_of(account, block=block),
            weight=model.weight_of(account, block=block),
            seat=seats.index(account) + 1 if account in seats else None,
        )
        for account in model.roster(block=block)
    ]
    return sorted(found, key=lambda holder: (-holder.weight, holder.account.lower()))


def propose(chain: Chain, model: ModelClient, target: int, *, key: Key) -> Proposed:
    """Propose to go back to a settled version, and vote for it."""
    receipt = model.propose_rollback(target, key=key)
    proposal = receipt.one(RollbackProposed).proposal
    window = model.terms.rollback_window
    due_at = chain.now(block=receipt.block) + window
    return Proposed(proposal, target, due_at, due_at + window)


def execute(model: ModelClient, proposal: int, *, key: Key) -> Done:
    """Carry out a proposal whose window is over and whose score is positive; anyone may."""
    event = model.execute_rollback(proposal, key=key).one(RolledBack)
    return Done(proposal, event.target, event.version, event.score)


def check_target(model: ModelClient, target: int) -> None:
    """Raise RefusedError for a version that does not exist, before a proposal is paid for."""
    count = model.version_count()
    if not 0 <= target < count:
        raise RefusedError(f"a version of 0 to {count - 1} expected, got {target}")


def rule_games(session: Session, *, key: Key, on_step: OnStep | None = None) -> list[Ruling]:
    """Re-run every challenged version, vote on its open games and decide those that are certain.

    Against a wrong claim only those win who knew the right root, if there are any.

    Left alone: a case whose time is over, a game that one is a party of, and a claim on top of a
    wrong one, which has no right root and is void once that one is refuted.

    Raises:
        ReorgError: the chain took a version back while it was re-run.
    """
    rulings = []
    submitted_after = session.chain.now() - session.model.terms.longest_case
    for version in session.model.versions_after(submitted_after):
        if not version.games or not version.status.is_live or _is_too_late(session, version):
            continue
        if key.address == version.sender:
            continue
        claim = session.claim(version)
        try:
            verdict = session.judge(version, on_step=on_step)
        except DigestError:
            continue
        session.check_same(claim)
        rulings += _rule(session, version, verdict, key=key)
    return rulings


def _is_too_late(session: Session, version: Version) -> bool:
    return session.chain.now() >= version.submitted_at + session.model.terms.longest_case


def _rule(session: Session, version: Version, verdict: Verdict, *, key: Key) -> list[Ruling]:
    """Vote on the open games of a version, and decide what can be decided."""
    refuted = isinstance(verdict, Refuted)
    games = session.model.open_games(version)
    if isinstance(verdict, Refuted):
        named = {event.game: event.named_root for event in session.model.challenges(version.id)}
        games = _to_win(games, named, verdict.right_root)
    rulings = []
    for game in games:
        if game.challenger == key.address:
            continue
        decided = _vote(session, version, game.number, refuted=refuted, key=key)
        rulings.append(Ruling(version.id, game.number, refuted, decided))
        if refuted and decided:  # one success refutes: the other games are over
            break
    return rulings


def _to_win(
    games: Iterator[Game], named: Mapping[int, Digest], right_root: Digest
) -> Iterator[Game]:
    """Return the games whose challengers knew the right root, or all if nobody did."""
    found = list(games)
    knew = [
        game for game in found if named.get(game.number) == sealed_root(right_root, game.challenger)
    ]
    return iter(knew or found)


def _vote(session: Session, version: Version, game: int, *, refuted: bool, key: Key) -> bool:
    """Vote on a game unless one has; decide it if it can be decided, and return whether it was."""
    model, terms, arbiter = session.model, session.model.terms, session.arbiter
    if not arbiter.vote_of(model, version.id, game, key.address):
        arbiter.vote(model, version.id, game, refuted=refuted, key=key)
    tally = arbiter.tally(model, version.id, game)
    ends_at = version.submitted_at + terms.challenge_window + terms.verdict_window // 2  # down
    is_over = session.chain.now() >= ends_at
    if tally.score == 0 or not (tally.is_certain or is_over):
        return False
    arbiter.decide(model, version.id, game, key=key)
    return True
