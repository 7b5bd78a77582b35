#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title Rollback
@notice Rule 7 of the tree: a rollback appends a settled copy of an old version on a new line. No
    token moves, and claims pending on the old line are still settled and paid.
"""

uses: terms
uses: tree

import terms
import tree

event RollbackProposed:
    proposal: indexed(uint256)
    proposer: indexed(address)
    target: indexed(uint256)

event RolledBack:
    proposal: indexed(uint256)
    target: indexed(uint256)
    version: indexed(uint256)
    line: uint256

struct Proposal:
    proposer: address
    target: uint256
    proposed_at: uint256  # seconds
    executed: bool

EXECUTED: constant(uint256) = 1 << 255

proposal_count: uint256
proposals: HashMap[uint256, uint256]  # packed
latest: HashMap[address, uint256]  # the last proposal of an account, 0: none


@external
def propose_rollback(target: uint256) -> uint256:
    """
    @notice Propose to go back to a settled version; the creator may, one proposal at a time.
    @param target The version
    @return The number of the proposal, from 1
    """
    assert msg.sender == terms.CREATOR, "propose_rollback: not the creator"
    status: uint256 = tree._node(target).status
    assert status != tree.UNKNOWN, "propose_rollback: unknown version"
    assert status == tree.SETTLED, "propose_rollback: not settled"
    assert self._open_rollback_of(msg.sender) == 0, "propose_rollback: one is open"
    proposal: uint256 = self.proposal_count + 1
    self.proposal_count = proposal
    self.latest[msg.sender] = proposal
    self.proposals[proposal] = (
        convert(msg.sender, uint256) | (target << 160) | (block.timestamp << 200)
    )
    log RollbackProposed(proposal=proposal, proposer=msg.sender, target=target)
    return proposal


@external
def execute_rollback(proposal: uint256) -> uint256:
    """
    @notice Carry out a proposal once the rollback window is over; anyone may.
    @param proposal The number of the proposal
    @return The id of the appended version, the new head
    """
    proposed: Proposal = self._proposal(proposal)
    assert proposed.proposer != empty(address), "execute_rollback: unknown proposal"
    assert not proposed.executed, "execute_rollback: executed"
    assert (
        block.timestamp >= proposed.proposed_at + terms.ROLLBACK_WINDOW
    ), "execute_rollback: window"
    self.proposals[proposal] |= EXECUTED
    line: uint256 = unsafe_add(tree._line(), 1)
    version: uint256 = tree._append(
        tree.roots[proposed.target],
        tree.Claim(sender=proposed.proposer, submitted_at=block.timestamp, updates=0),
        tree.Payee(beneficiary=empty(address), parent=proposed.target, rival=0),
        tree._settled_node(line),
    )
    tree._set_head(version, line)
    log RolledBack(proposal=proposal, target=proposed.target, version=version, line=line)
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
    return self.proposal_count


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
@view
def _open_rollback_of(proposer: address) -> uint256:
    proposal: uint256 = self.latest[proposer]
    return 0 if self.proposals[proposal] & EXECUTED != 0 else proposal


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
