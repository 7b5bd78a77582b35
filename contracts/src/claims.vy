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
    bond: uint256 = terms._bond_of_claim(updates, reasons.TRAIN_UPDATES)
    reasons._require(
        beneficiary != empty(address) and beneficiary != self, reasons.TRAIN_BENEFICIARY
    )
    reasons._require(msg.value == bond, reasons.TRAIN_BOND)
    above: uint256 = tree.nodes[parent]
    reasons._require(above != 0, reasons.TRAIN_UNKNOWN_PARENT)
    reasons._require(above & tree.STATUS <= tree.SETTLED, reasons.TRAIN_DEAD_PARENT)
    line: uint256 = above >> tree.NODE_LINE_AT & tree.LINE
    child: uint256 = above >> tree.CHILD_AT & tree.ID
    rival: uint256 = child
    status: uint256 = tree.nodes[child] & tree.STATUS  # no child is 0, and genesis is settled
    reasons._require(
        line == tree.trunk >> tree.LINE_AT
        and above >> tree.NEXT_AT & tree.ID == 0
        and status != tree.PENDING,
        reasons.TRAIN_STALE_PARENT,
    )
    if status > tree.SETTLED:
        rival = tree.payees[child] & tree.ID
    forecast: uint256 = self._quote_after(above, updates)
    reasons._require(forecast >= min_reward, reasons.TRAIN_MIN_REWARD)

    total: uint256 = unsafe_add(above >> tree.TOTAL_AT, updates)
    version: uint256 = tree._append(
        msg.sender,
        parent,
        tree.PENDING | line << tree.NODE_LINE_AT | total << tree.TOTAL_AT,
    )
    tree.roots[version] = root
    tree.payees[version] = (
        convert(beneficiary, uint256) << tree.ADDRESS_AT | updates << tree.UPDATES_AT | rival
    )
    tree.nodes[parent] = above ^ (child ^ version) << tree.CHILD_AT
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
    node: uint256 = tree.nodes[version]
    reasons._require(node != 0, reasons.SETTLE_UNKNOWN_VERSION)
    status: uint256 = node & tree.STATUS
    reasons._require(status < tree.SETTLED, reasons.SETTLE_DECIDED)
    reasons._require(node >> tree.GAMES_AT & tree.COUNT == 0, reasons.SETTLE_OPEN_GAME)
    claim: uint256 = tree.claims[version]
    closes: uint256 = tree._closes(version)
    reasons._require(block.timestamp >= closes, reasons.SETTLE_WINDOW)
    parent: uint256 = claim & tree.ID
    above: uint256 = tree.nodes[parent]
    reasons._require(above & tree.STATUS == tree.SETTLED, reasons.SETTLE_PARENT)
    reasons._require(above >> tree.NEXT_AT & tree.ID == 0, reasons.SETTLE_RIVAL_SETTLED)
    payee: uint256 = tree.payees[version]
    nearest: uint256 = payee & tree.ID
    rival: uint256 = nearest
    for skipped: uint256 in range(RIVALS_PER_CALL + 1):
        if rival == 0:
            break
        reasons._require(
            tree.nodes[rival] & tree.STATUS > tree.SETTLED, reasons.SETTLE_LIVE_RIVAL
        )
        if skipped == RIVALS_PER_CALL:
            tree.payees[version] = payee ^ nearest ^ rival
            return False
        rival = tree.payees[rival] & tree.ID

    tree.nodes[version] = node ^ status ^ tree.SETTLED
    tree.nodes[parent] = above | version << tree.NEXT_AT
    line: uint256 = node >> tree.NODE_LINE_AT & tree.LINE
    if line == tree.trunk >> tree.LINE_AT:
        tree._set_head(version, line)
    bonds._give_back(convert(claim >> tree.ADDRESS_AT, address), version, False)
    updates: uint256 = payee >> tree.UPDATES_AT & tree.COUNT
    beneficiary: address = convert(payee >> tree.ADDRESS_AT, address)
    reserve: uint256 = token._balance(self)
    reward: uint256 = curve._reward(reserve, updates, terms.HORIZON)
    token._pay(self, beneficiary, reward, reward)
    log Settled(
        version=version,
        beneficiary=beneficiary,
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
    node: uint256 = tree.nodes[version]
    reasons._require(node != 0, reasons.VOID_UNKNOWN_VERSION)
    status: uint256 = node & tree.STATUS
    reasons._require(status < tree.SETTLED, reasons.VOID_DECIDED)
    above: uint256 = tree.nodes[tree.claims[version] & tree.ID]
    node = node ^ status ^ tree.VOID
    # a settled child of the parent is a settled rival: siblings of a live version settle before it
    ends: bool = above & tree.STATUS > tree.SETTLED or above >> tree.NEXT_AT & tree.ID != 0
    if not ends:
        late: bool = block.timestamp >= tree._deadline(version)
        reasons._require(
            late and node >> tree.GAMES_AT & tree.COUNT != 0, reasons.VOID_STILL_VALID
        )
        node |= tree.TIMED_OUT
    tree.nodes[version] = node
    bonds._give_back(tree._sender(version), version, not ends)
    log Voided(version=version, timed_out=not ends)


@external
@view
@reentrant
def quote_after(parent: uint256, updates: uint256) -> uint256:
    """
    @notice A forecast of the reward of a claim on top of a version, once all that the version
        stands on has settled.
    @param parent The version that would be built on
    @param updates How many
    @return The reward in wei
    """
    above: uint256 = tree.nodes[parent]
    reasons._require(above != 0, reasons.QUOTE_AFTER_UNKNOWN_VERSION)
    return self._quote_after(above, updates)


@internal
@view
def _quote_after(above: uint256, updates: uint256) -> uint256:
    reserve: uint256 = token._balance(self)
    if above >> tree.NODE_LINE_AT & tree.LINE == tree.trunk >> tree.LINE_AT:
        settled: uint256 = tree.nodes[tree._head()] >> tree.TOTAL_AT
        total: uint256 = above >> tree.TOTAL_AT
        if total > settled:
            pending: uint256 = unsafe_sub(total, settled)
            reserve = unsafe_sub(reserve, curve._reward(reserve, pending, terms.HORIZON))
    return curve._reward(reserve, updates, terms.HORIZON)
