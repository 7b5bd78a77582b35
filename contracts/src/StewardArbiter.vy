#pragma version ==0.4.3
#pragma evm-version cancun
#pragma optimize codesize
#pragma nonreentrancy on
"""
@title The stewards as arbiter
@notice The stewards of a model decide its games by the score of a rollback: 2 for each seated
    holder's vote, 1 for the creator's, with the seats as they are at the decision. The parties of
    a game, the claim's sender and the challenger, don't count; the beneficiary does, or a claim
    could name a holder and so silence him. Votes are final. The loser's bond reaches the winner only if a holder voted with the majority: a creator who judges
    alone has nothing to win.
@dev One contract serves any number of models and keeps only votes: a model itself knows which
    games are open.
"""

import reasons
from interfaces import IArbiter
from interfaces import IJudged

implements: IArbiter

event Opened:
    model: indexed(address)
    version: indexed(uint256)
    game: indexed(uint256)
    claimed_root: bytes32
    named_root: bytes32

event Voted:
    model: indexed(address)
    version: indexed(uint256)
    game: indexed(uint256)
    voter: address
    refuted: bool

event Decided:
    model: indexed(address)
    version: indexed(uint256)
    game: indexed(uint256)
    refuted: bool
    rewarded: bool

struct Tally:
    score: int256  # above 0: refuted
    missing: int256  # the weight of the seats that have not voted yet
    by_holder: bool  # whether a holder voted with the majority

# model, version, game, voter: 1 refuted, -1 upheld
votes: HashMap[address, HashMap[uint256, HashMap[uint256, HashMap[address, int256]]]]


@external
def open(version: uint256, game: uint256, claimed_root: bytes32, named_root: bytes32):
    """
    @notice A game was opened; the caller is the model.
    @param version The challenged version
    @param game The number of the game among those of this version, from 1
    @param claimed_root The root that the version claims
    @param named_root The root that the challenger says is right
    """
    log Opened(
        model=msg.sender,
        version=version,
        game=game,
        claimed_root=claimed_root,
        named_root=named_root,
    )


@external
def vote(model: address, version: uint256, game: uint256, refuted: bool):
    """
    @notice Vote on an open game, once and for all; it counts if its voter has a seat when the game
        is decided.
    @param model The model
    @param version The challenged version
    @param game The number of the game
    @param refuted Whether the claimed root is wrong
    """
    played: IJudged.Game = self._game(model, version, game)
    reasons._require(played.is_open, reasons.VOTE_NO_OPEN_GAME)
    parties: address[2] = self._parties(staticcall IJudged(model).version(version), played)
    reasons._require(msg.sender not in parties, reasons.VOTE_PARTY)
    reasons._require(self.votes[model][version][game][msg.sender] == 0, reasons.VOTE_ALREADY)
    self.votes[model][version][game][msg.sender] = 1 if refuted else -1
    log Voted(model=model, version=version, game=game, voter=msg.sender, refuted=refuted)


@external
def decide(model: address, version: uint256, game: uint256):
    """
    @notice Pass the stewards' decision on to the model; anyone may, as soon as the votes that are
        missing cannot turn it, or once half of the verdict window is over.
    @param model The model
    @param version The challenged version
    @param game The number of the game
    """
    played: IJudged.Game = self._game(model, version, game)
    reasons._require(played.is_open, reasons.DECIDE_NO_OPEN_GAME)
    claim: IJudged.Version = staticcall IJudged(model).version(version)
    tally: Tally = self._tally(model, version, game, self._parties(claim, played))
    reasons._require(tally.score != 0, reasons.DECIDE_TIED)
    if abs(tally.score) <= tally.missing:
        waits: uint256 = staticcall IJudged(model).challenge_window()
        waits += staticcall IJudged(model).verdict_window() // 2  # down
        reasons._require(
            block.timestamp >= claim.submitted_at + waits, reasons.DECIDE_VOTES_ARE_MISSING
        )
    refuted: bool = tally.score > 0
    log Decided(
        model=model, version=version, game=game, refuted=refuted, rewarded=tally.by_holder
    )
    extcall IJudged(model).rule(version, game, refuted, tally.by_holder)


@external
@view
def vote_of(model: address, version: uint256, game: uint256, voter: address) -> int256:
    """
    @notice How an account voted on a game, seated or not.
    @param model The model
    @param version The challenged version
    @param game The number of the game
    @param voter The account
    @return 1 refuted, -1 upheld, 0 not yet
    """
    return self.votes[model][version][game][voter]


@external
@view
def tally(model: address, version: uint256, game: uint256) -> Tally:
    """
    @notice Where a game stands with the seats as they are now.
    @param model The model
    @param version The challenged version
    @param game The number of the game
    @return The score, above 0 for refuted; the weight of the seats that have not voted; whether a
        holder voted with the majority
    """
    played: IJudged.Game = self._game(model, version, game)
    claim: IJudged.Version = staticcall IJudged(model).version(version)
    return self._tally(model, version, game, self._parties(claim, played))


@internal
@view
def _game(model: address, version: uint256, game: uint256) -> IJudged.Game:
    reasons._require(model.is_contract, reasons.ARBITER_MODEL)
    return staticcall IJudged(model).game(version, game)


@internal
@pure
def _parties(claim: IJudged.Version, played: IJudged.Game) -> address[2]:
    return [claim.sender, played.challenger]


@internal
@view
def _tally(model: address, version: uint256, game: uint256, parties: address[2]) -> Tally:
    found: Tally = empty(Tally)
    refuting: bool = False  # whether a holder voted so
    upholding: bool = False
    for holder: address in staticcall IJudged(model).top_holders():
        if holder == empty(address) or holder in parties:
            continue
        vote: int256 = self.votes[model][version][game][holder]
        found.score += 2 * vote
        found.missing += 2 if vote == 0 else 0
        refuting = refuting or vote > 0
        upholding = upholding or vote < 0
    creator: address = staticcall IJudged(model).creator()
    if creator not in parties:
        vote: int256 = self.votes[model][version][game][creator]
        found.score += vote
        found.missing += 1 if vote == 0 else 0
    found.by_holder = refuting if found.score > 0 else upholding
    return found
