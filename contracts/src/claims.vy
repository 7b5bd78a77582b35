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
    assert updates != 0 and updates <= terms.MAX_UPDATES, "train: updates"
    assert beneficiary != empty(address) and beneficiary != self, "train: beneficiary"
    assert msg.value == terms._bond_for(updates), "train: bond"
    above: tree.Node = tree._node(parent)
    assert above.status != tree.UNKNOWN, "train: unknown parent"
    assert not tree._is_dead(above.status), "train: dead parent"
    assert above.line == tree._line() and above.next == 0, "train: stale parent"
    rival: uint256 = above.child
    if rival != 0:
        status: uint256 = tree._node(rival).status
        assert status != tree.PENDING, "train: stale parent"
        if tree._is_dead(status):
            rival = tree._payee(rival).rival
    assert self._quote_after(above, updates) >= min_reward, "train: min_reward"

    node: tree.Node = empty(tree.Node)
    node.status = tree.PENDING
    node.line = above.line
    node.total_updates = unsafe_add(above.total_updates, updates)
    version: uint256 = tree._append(
        root,
        tree.Claim(sender=msg.sender, submitted_at=block.timestamp, updates=updates),
        tree.Payee(beneficiary=beneficiary, parent=parent, rival=rival),
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
    assert node.status != tree.UNKNOWN, "settle: unknown version"
    assert tree._is_live(node.status), "settle: decided"
    assert node.games == 0, "settle: open game"
    claim: tree.Claim = tree._claim(version)
    assert block.timestamp >= claim.submitted_at + terms.CHALLENGE_WINDOW, "settle: window"
    payee: tree.Payee = tree._payee(version)
    above: tree.Node = tree._node(payee.parent)
    assert above.status == tree.SETTLED, "settle: parent"
    assert above.next == 0, "settle: rival settled"
    rival: uint256 = self._skip_dead(payee.rival)
    if rival != 0:
        assert tree._is_dead(tree._node(rival).status), "settle: live rival"
        payee.rival = rival
        tree._set_payee(version, payee)
        return False

    node.status = tree.SETTLED
    tree._set_node(version, node)
    above.next = version
    tree._set_node(payee.parent, above)
    if node.line == tree._line():
        tree._set_head(version, node.line)
    bonds._credit(claim.sender, terms._bond_for(claim.updates))
    reserve: uint256 = token.balances[self]
    reward: uint256 = curve._reward(reserve, claim.updates, terms.HORIZON)
    token._move(self, payee.beneficiary, reward)
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
    assert node.status != tree.UNKNOWN, "void: unknown version"
    assert tree._is_live(node.status), "void: decided"
    claim: tree.Claim = tree._claim(version)
    above: tree.Node = tree._node(tree._payee(version).parent)
    bond: uint256 = terms._bond_for(claim.updates)
    node.status = tree.VOID
    # a settled child of the parent is a settled rival: siblings of a live version settle before it
    if tree._is_dead(above.status) or above.next != 0:
        bonds._credit(claim.sender, bond)
    else:
        assert node.games != 0, "void: still valid"
        assert block.timestamp >= self._deadline(claim), "void: still valid"
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
    assert above.status != tree.UNKNOWN, "quote_after: unknown version"
    return self._quote_after(above, updates)


@internal
@view
def _quote_after(above: tree.Node, updates: uint256) -> uint256:
    reserve: uint256 = token.balances[self]
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
