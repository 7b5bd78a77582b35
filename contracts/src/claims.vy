#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title Claims: train, settle, void
@notice Rules 1, 4 and 5 of the tree, and the time-out of rule 3.
"""

uses: terms
uses: token
uses: bonds
uses: tree

import bonds
import curve
import reasons
import terms
import token
import tree

event Trained:
    version: indexed(uint256)
    parent: indexed(uint256)
    sender: indexed(address)
    beneficiary: address
    root: bytes32
    updates: uint256
    bond: uint256

event Settled:
    version: indexed(uint256)
    beneficiary: indexed(address)
    reward: uint256
    reserve: uint256

event Voided:
    version: indexed(uint256)
    timed_out: bool

RIVALS_PER_CALL: constant(uint256) = 8


@external
@payable
def train(
    parent: uint256, root: bytes32, updates: uint256, beneficiary: address, min_reward: uint256
) -> uint256:
    """
    @notice Claim that `updates` updates on top of a version end in `root`; the bond comes along.
    @param parent The version built on
    @param root The state root after the updates
    @param updates How many, 1 to max_updates
    @param beneficiary Who is paid at settlement
    @param min_reward Refuse if the forecast of `quote_after` is lower, in wei
    @return The id of the new version
    """
    reasons._require(updates != 0 and updates <= terms.MAX_UPDATES, reasons.TRAIN_UPDATES)
    reasons._require(
        beneficiary != empty(address) and beneficiary != self, reasons.TRAIN_BENEFICIARY
    )
    reasons._require(msg.value == terms._bond_for(updates), reasons.TRAIN_BOND)
    above: tree.Node = tree._node(parent)
    reasons._require(above.status != tree.UNKNOWN, reasons.TRAIN_UNKNOWN_PARENT)
    reasons._require(not tree._is_dead(above.status), reasons.TRAIN_DEAD_PARENT)
    reasons._require(above.line == tree._line() and above.next == 0, reasons.TRAIN_STALE_PARENT)
    rival: uint256 = above.child
    if rival != 0:
        status: uint256 = tree._node(rival).status
        reasons._require(status != tree.PENDING, reasons.TRAIN_STALE_PARENT)
        if tree._is_dead(status):
            rival = tree._payee(rival).rival
    reasons._require(self._quote_after(above, updates) >= min_reward, reasons.TRAIN_MIN_REWARD)

    node: tree.Node = empty(tree.Node)
    node.status = tree.PENDING
    node.line = above.line
    node.total_updates = unsafe_add(above.total_updates, updates)
    version: uint256 = tree._append(
        root,
        tree.Claim(sender=msg.sender, submitted_at=block.timestamp, parent=parent),
        tree.Payee(beneficiary=beneficiary, rival=rival, updates=updates),
        node,
    )
    above.child = version
    tree._set_node(parent, above)
    log Trained(
        version=version,
        parent=parent,
        sender=msg.sender,
        beneficiary=beneficiary,
        root=root,
        updates=updates,
        bond=msg.value,
    )
    return version


@external
def settle(version: uint256) -> bool:
    """
    @notice Pay a claim that stood: the reward to its beneficiary, the bond back to its sender.
    @param version The claim
    @return True if it was settled; False if 8 dead rivals were skipped and more are left: call again
    """
    node: tree.Node = tree._node(version)
    reasons._require(node.status != tree.UNKNOWN, reasons.SETTLE_UNKNOWN_VERSION)
    reasons._require(tree._is_live(node.status), reasons.SETTLE_DECIDED)
    reasons._require(node.games == 0, reasons.SETTLE_OPEN_GAME)
    claim: tree.Claim = tree._claim(version)
    reasons._require(
        block.timestamp >= claim.submitted_at + terms.CHALLENGE_WINDOW, reasons.SETTLE_WINDOW
    )
    payee: tree.Payee = tree._payee(version)
    above: tree.Node = tree._node(claim.parent)
    reasons._require(above.status == tree.SETTLED, reasons.SETTLE_PARENT)
    reasons._require(above.next == 0, reasons.SETTLE_RIVAL_SETTLED)
    rival: uint256 = self._skip_dead(payee.rival)
    if rival != 0:
        reasons._require(tree._is_dead(tree._node(rival).status), reasons.SETTLE_LIVE_RIVAL)
        payee.rival = rival
        tree._set_payee(version, payee)
        return False

    node.status = tree.SETTLED
    tree._set_node(version, node)
    above.next = version
    tree._set_node(claim.parent, above)
    if node.line == tree._line():
        tree._set_head(version, node.line)
    bonds._credit(claim.sender, terms._bond_for(payee.updates))
    reserve: uint256 = token._balance(self)
    reward: uint256 = curve._reward(reserve, payee.updates, terms.HORIZON)
    token._pay(self, payee.beneficiary, reward, reward)
    log Settled(
        version=version,
        beneficiary=payee.beneficiary,
        reward=reward,
        reserve=unsafe_sub(reserve, reward),
    )
    return True


@external
def void(version: uint256):
    """
    @notice Close a claim that can never settle (its parent is dead or its rival settled: the bond
        returns) or that no arbiter decided in time (a quarter of the bond is burned).
    @param version The claim
    """
    node: tree.Node = tree._node(version)
    reasons._require(node.status != tree.UNKNOWN, reasons.VOID_UNKNOWN_VERSION)
    reasons._require(tree._is_live(node.status), reasons.VOID_DECIDED)
    claim: tree.Claim = tree._claim(version)
    above: tree.Node = tree._node(claim.parent)
    bond: uint256 = tree._bond(version)
    node.status = tree.VOID
    # a settled child of the parent is a settled rival: siblings of a live version settle before it
    if tree._is_dead(above.status) or above.next != 0:
        bonds._credit(claim.sender, bond)
    else:
        reasons._require(node.games != 0, reasons.VOID_STILL_VALID)
        reasons._require(block.timestamp >= self._deadline(claim), reasons.VOID_STILL_VALID)
        node.timed_out = True
        bonds._give_three_quarters(claim.sender, bond)
    tree._set_node(version, node)
    log Voided(version=version, timed_out=node.timed_out)


@external
@view
def quote_after(parent: uint256, updates: uint256) -> uint256:
    """
    @notice A forecast of the reward of a claim on top of a version, once all that the version
        stands on has settled.
    @param parent The version that would be built on
    @param updates How many
    @return The reward in wei
    """
    above: tree.Node = tree._node(parent)
    reasons._require(above.status != tree.UNKNOWN, reasons.QUOTE_AFTER_UNKNOWN_VERSION)
    return self._quote_after(above, updates)


@internal
@view
def _quote_after(above: tree.Node, updates: uint256) -> uint256:
    reserve: uint256 = token._balance(self)
    if above.line == tree._line():
        settled: uint256 = tree._node(tree._head()).total_updates
        if above.total_updates > settled:
            pending: uint256 = unsafe_sub(above.total_updates, settled)
            reserve = unsafe_sub(reserve, curve._reward(reserve, pending, terms.HORIZON))
    return curve._reward(reserve, updates, terms.HORIZON)


@internal
@view
def _skip_dead(first: uint256) -> uint256:
    """
    @notice Walk past dead rivals, at most 8.
    @param first The nearest rival, 0 if none
    @return The rival at which the walk stopped, 0 if none is left
    """
    rival: uint256 = first
    for i: uint256 in range(RIVALS_PER_CALL):
        if rival == 0 or not tree._is_dead(tree._node(rival).status):
            break
        rival = tree._payee(rival).rival
    return rival


@internal
@view
def _deadline(claim: tree.Claim) -> uint256:
    """
    @notice When games about a claim end, ruled or not.
    @param claim The claim
    @return Seconds
    """
    return claim.submitted_at + terms.CHALLENGE_WINDOW + terms.VERDICT_WINDOW
