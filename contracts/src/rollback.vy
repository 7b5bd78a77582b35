#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title Rollback
@notice Rule 7 of the tree: a rollback appends a settled copy of an old version on a new line. No
    token moves, and claims pending on the old line are still settled and paid.
@dev A steward proposes. After the rollback window, for as long again, anyone may carry the
    proposal out if its score is positive: 2 for the vote of each seated holder, 1 for the
    creator's, with the seats as they are then. A proposal that is older than a rollback needs
    a higher score than that one had.
"""

uses: terms
uses: stewards
uses: tree

import reasons
import stewards
import terms
import tree

event RollbackProposed:
    proposal: indexed(uint256)
    proposer: indexed(address)
    target: indexed(uint256)

event RollbackVoted:
    proposal: indexed(uint256)
    voter: indexed(address)
    vote: int256

event RolledBack:
    proposal: indexed(uint256)
    target: indexed(uint256)
    version: indexed(uint256)
    line: uint256
    score: int256

struct Proposal:
    proposer: address
    target: uint256
    proposed_at: uint256  # seconds
    executed: bool

# a proposal: its target, then
PROPOSED_AT: constant(uint256) = 40
EXECUTED: constant(uint256) = 1 << 80  # and, at ADDRESS_AT, the proposer

# 1 in each field of the docket
EVERY_FIELD: constant(uint256) = (
    1 + (1 << 40) + (1 << 80) + (1 << 120) + (1 << 160) + (1 << 200)
)

# Fields of 40 bits: how many proposals there are and, for each score from 1 to 5, how many there
# were when a rollback last had that score or a higher one: those need more than it.
docket: uint256
proposals: HashMap[uint256, uint256]
votes: HashMap[uint256, HashMap[address, int256]]
latest: HashMap[address, uint256]  # the last proposal of an account, 0: none


@external
def propose_rollback(target: uint256) -> uint256:
    """
    @notice Propose to go back to a settled version, and vote for it; the stewards may, each with
        one open proposal at a time.
    @param target The version
    @return The number of the proposal, from 1
    """
    top: address[2] = stewards._top_holders()
    reasons._require(
        msg.sender == top[0] or msg.sender == top[1] or msg.sender == terms.CREATOR,
        reasons.PROPOSE_ROLLBACK_NO_SEAT,
    )
    status: uint256 = tree.nodes[target] & tree.STATUS
    reasons._require(status != tree.UNKNOWN, reasons.PROPOSE_ROLLBACK_UNKNOWN)
    reasons._require(status == tree.SETTLED, reasons.PROPOSE_ROLLBACK_NOT_SETTLED)
    another: uint256 = self._open_rollback_of(msg.sender)
    reasons._require(another == 0, reasons.PROPOSE_ROLLBACK_ONE_IS_OPEN)
    docket: uint256 = unsafe_add(self.docket, 1)
    self.docket = docket
    proposal: uint256 = docket & tree.ID
    self.latest[msg.sender] = proposal
    self.proposals[proposal] = tree._claim(msg.sender, target)
    log RollbackProposed(proposal=proposal, proposer=msg.sender, target=target)
    self._vote(proposal, 1)
    return proposal


@external
def vote_rollback(proposal: uint256, vote: int256):
    """
    @notice Vote on a proposal, until it is carried out or expires; the last vote counts, if its
        voter then has a seat.
    @param proposal The number of the proposal
    @param vote 1 for it, -1 against it, 0 to abstain
    """
    proposed: uint256 = self.proposals[proposal]
    reasons._require(proposed != 0, reasons.VOTE_ROLLBACK_UNKNOWN)
    is_open: bool = self._is_open(proposed)
    reasons._require(is_open, reasons.VOTE_ROLLBACK_CLOSED)
    reasons._require(vote >= -1 and vote <= 1, reasons.VOTE_ROLLBACK_VOTE)
    self._vote(proposal, vote)


@external
def execute_rollback(proposal: uint256) -> uint256:
    """
    @notice Carry out a proposal once the rollback window is over, for as long again; anyone may.
    @param proposal The number of the proposal
    @return The id of the appended version, the new head
    """
    proposed: uint256 = self.proposals[proposal]
    reasons._require(proposed != 0, reasons.EXECUTE_ROLLBACK_UNKNOWN)
    reasons._require(proposed & EXECUTED == 0, reasons.EXECUTE_ROLLBACK_EXECUTED)
    due: uint256 = unsafe_add(proposed >> PROPOSED_AT & tree.ID, terms.ROLLBACK_WINDOW)
    reasons._require(block.timestamp >= due, reasons.EXECUTE_ROLLBACK_WINDOW)
    is_open: bool = self._is_open(proposed)
    reasons._require(is_open, reasons.EXECUTE_ROLLBACK_EXPIRED)
    score: int256 = self._score(proposal)
    reasons._require(score > 0, reasons.EXECUTE_ROLLBACK_OUTVOTED)
    docket: uint256 = self.docket
    at: uint256 = unsafe_mul(40, convert(score, uint256))
    reasons._require(proposal > docket >> at & tree.ID, reasons.EXECUTE_ROLLBACK_OVERRULED)
    # every field up to that of the score now holds how many proposals there are
    fields: uint256 = unsafe_sub(convert(1, uint256) << unsafe_add(at, 40), 1)
    self.docket = docket & ~fields | unsafe_mul(docket & tree.ID, EVERY_FIELD) & fields
    self.proposals[proposal] = proposed | EXECUTED

    target: uint256 = proposed & tree.ID
    line: uint256 = unsafe_add(tree.trunk >> tree.LINE_AT, 1)
    version: uint256 = tree._append(
        convert(proposed >> tree.ADDRESS_AT, address),
        target,
        tree.SETTLED | line << tree.NODE_LINE_AT,
    )
    tree._set_head(version, line)
    if target != 0 and tree.roots[target] == empty(bytes32):  # the target is itself a copy
        tree.roots[version] = tree._root(target)
    log RolledBack(
        proposal=proposal, target=target, version=version, line=line, score=score
    )
    return version


@external
@view
@reentrant
def rollback_proposal(proposal: uint256) -> Proposal:
    """
    @notice One proposal.
    @param proposal Its number, from 1
    @return Its proposer (zero if there is no such proposal), target, time and whether it was executed
    """
    word: uint256 = self.proposals[proposal]
    return Proposal(
        proposer=convert(word >> tree.ADDRESS_AT, address),
        target=word & tree.ID,
        proposed_at=word >> PROPOSED_AT & tree.ID,
        executed=word & EXECUTED != 0,
    )


@external
@view
@reentrant
def rollback_proposal_count() -> uint256:
    """
    @notice How many rollbacks were proposed; numbers run from 1 up to it.
    @return A count
    """
    return self.docket & tree.ID


@external
@view
@reentrant
def rollback_score(proposal: uint256) -> int256:
    """
    @notice The score of a proposal with the seats as they are now.
    @param proposal Its number
    @return -5 to 5; above 0 it can be carried out
    """
    return self._score(proposal)


@external
@view
@reentrant
def rollback_vote_of(proposal: uint256, voter: address) -> int256:
    """
    @notice How an account voted on a proposal, seated or not.
    @param proposal Its number
    @param voter The account
    @return 1 for it, -1 against it, 0 neither
    """
    return self._vote_of(proposal, voter)


@external
@view
@reentrant
def open_rollback_of(proposer: address) -> uint256:
    """
    @notice The open proposal of an account.
    @param proposer The account
    @return Its number, 0 if none
    """
    return self._open_rollback_of(proposer)


@internal
def _vote(proposal: uint256, vote: int256):
    self.votes[proposal][msg.sender] = vote
    log RollbackVoted(proposal=proposal, voter=msg.sender, vote=vote)


@internal
@view
def _vote_of(proposal: uint256, voter: address) -> int256:
    return self.votes[proposal][voter]


@internal
@view
def _score(proposal: uint256) -> int256:
    # nobody votes as the zero address, so an empty seat adds nothing
    top: address[2] = stewards._top_holders()
    score: int256 = self._vote_of(proposal, top[0])
    score = unsafe_add(score, self._vote_of(proposal, top[1]))
    return unsafe_add(unsafe_mul(2, score), self._vote_of(proposal, terms.CREATOR))


@internal
@view
def _is_open(proposed: uint256) -> bool:
    # cannot wrap: times take 40 bits, windows 22
    expires: uint256 = unsafe_add(
        proposed >> PROPOSED_AT & tree.ID, unsafe_mul(2, terms.ROLLBACK_WINDOW)
    )
    return proposed & EXECUTED == 0 and block.timestamp < expires


@internal
@view
def _open_rollback_of(proposer: address) -> uint256:
    proposal: uint256 = self.latest[proposer]
    return proposal if self._is_open(self.proposals[proposal]) else 0
