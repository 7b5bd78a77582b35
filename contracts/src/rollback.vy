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

EXECUTED: constant(uint256) = 1 << 255
MAX_SCORE: constant(uint256) = 5

# How many proposals there are, 40 bits; above it, for each score, how many there were when a
# rollback last had that score: those need more than it.
docket: uint256
proposals: HashMap[uint256, uint256]  # packed
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
    reasons._require(self._is_steward(msg.sender), reasons.PROPOSE_ROLLBACK_NO_SEAT)
    status: uint256 = tree._node(target).status
    reasons._require(status != tree.UNKNOWN, reasons.PROPOSE_ROLLBACK_UNKNOWN)
    reasons._require(status == tree.SETTLED, reasons.PROPOSE_ROLLBACK_NOT_SETTLED)
    reasons._require(self._open_rollback_of(msg.sender) == 0, reasons.PROPOSE_ROLLBACK_ONE_IS_OPEN)
    docket: uint256 = unsafe_add(self.docket, 1)
    self.docket = docket
    proposal: uint256 = docket & tree.ID
    self.latest[msg.sender] = proposal
    self.proposals[proposal] = (
        convert(msg.sender, uint256) | (target << 160) | (block.timestamp << 200)
    )
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
    proposed: Proposal = self._proposal(proposal)
    reasons._require(proposed.proposer != empty(address), reasons.VOTE_ROLLBACK_UNKNOWN)
    reasons._require(self._is_open(proposed), reasons.VOTE_ROLLBACK_CLOSED)
    reasons._require(vote >= -1 and vote <= 1, reasons.VOTE_ROLLBACK_VOTE)
    self._vote(proposal, vote)


@external
def execute_rollback(proposal: uint256) -> uint256:
    """
    @notice Carry out a proposal once the rollback window is over, for as long again; anyone may.
    @param proposal The number of the proposal
    @return The id of the appended version, the new head
    """
    proposed: Proposal = self._proposal(proposal)
    reasons._require(proposed.proposer != empty(address), reasons.EXECUTE_ROLLBACK_UNKNOWN)
    reasons._require(not proposed.executed, reasons.EXECUTE_ROLLBACK_EXECUTED)
    reasons._require(
        block.timestamp >= proposed.proposed_at + terms.ROLLBACK_WINDOW,
        reasons.EXECUTE_ROLLBACK_WINDOW,
    )
    reasons._require(self._is_open(proposed), reasons.EXECUTE_ROLLBACK_EXPIRED)
    score: int256 = self._score(proposal)
    reasons._require(score > 0, reasons.EXECUTE_ROLLBACK_OUTVOTED)
    docket: uint256 = self.docket
    for i: uint256 in range(MAX_SCORE):
        if convert(score, uint256) <= i + 1:
            barred: uint256 = docket >> (40 * (i + 1)) & tree.ID
            reasons._require(proposal > barred, reasons.EXECUTE_ROLLBACK_OVERRULED)
    at: uint256 = 40 * convert(score, uint256)
    self.docket = docket & ~(tree.ID << at) | ((docket & tree.ID) << at)
    self.proposals[proposal] |= EXECUTED

    root: bytes32 = empty(bytes32)
    if tree.roots[proposed.target] == empty(bytes32):
        root = tree._root(proposed.target)  # the target is itself a copy
    line: uint256 = unsafe_add(tree._line(), 1)
    version: uint256 = tree._append(
        root,
        tree.Claim(
            sender=proposed.proposer, submitted_at=block.timestamp, parent=proposed.target
        ),
        empty(tree.Payee),
        tree._settled_node(line),
    )
    tree._set_head(version, line)
    log RolledBack(
        proposal=proposal, target=proposed.target, version=version, line=line, score=score
    )
    return version


@external
@view
def rollback_proposal(proposal: uint256) -> Proposal:
    """
    @notice One proposal.
    @param proposal Its number, from 1
    @return Its proposer (zero if there is no such proposal), target, time and whether it was executed
    """
    return self._proposal(proposal)


@external
@view
def rollback_proposal_count() -> uint256:
    """
    @notice How many rollbacks were proposed; numbers run from 1 up to it.
    @return A count
    """
    return self.docket & tree.ID


@external
@view
def rollback_score(proposal: uint256) -> int256:
    """
    @notice The score of a proposal with the seats as they are now.
    @param proposal Its number
    @return -5 to 5; above 0 it can be carried out
    """
    return self._score(proposal)


@external
@view
def rollback_vote_of(proposal: uint256, voter: address) -> int256:
    """
    @notice How an account voted on a proposal, seated or not.
    @param proposal Its number
    @param voter The account
    @return 1 for it, -1 against it, 0 neither
    """
    return self.votes[proposal][voter]


@external
@view
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
def _is_steward(account: address) -> bool:
    if account == terms.CREATOR:
        return True
    top: address[2] = stewards._top_holders()
    return account == top[0] or account == top[1]


@internal
@view
def _score(proposal: uint256) -> int256:
    # nobody votes as the zero address, so an empty seat adds nothing
    top: address[2] = stewards._top_holders()
    holders: int256 = self.votes[proposal][top[0]] + self.votes[proposal][top[1]]
    return 2 * holders + self.votes[proposal][terms.CREATOR]


@internal
@view
def _is_open(proposed: Proposal) -> bool:
    expires: uint256 = proposed.proposed_at + 2 * terms.ROLLBACK_WINDOW
    return not proposed.executed and block.timestamp < expires


@internal
@view
def _open_rollback_of(proposer: address) -> uint256:
    proposal: uint256 = self.latest[proposer]
    return proposal if self._is_open(self._proposal(proposal)) else 0


@internal
@view
def _proposal(proposal: uint256) -> Proposal:
    word: uint256 = self.proposals[proposal]
    return Proposal(
        proposer=tree._address(word),
        target=(word >> 160) & tree.ID,
        proposed_at=(word >> 200) & tree.ID,
        executed=word & EXECUTED != 0,
    )
