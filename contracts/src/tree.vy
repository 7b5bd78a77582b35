#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title The tree of versions
@notice What each version is, and how it hangs on the others. The rules live in claims, disputes
    and rollback; this file only stores.
@dev A version takes four words: its root, its claim (who, when, on what), its payee (who is paid,
    for how many, after which rival), and its node, which alone changes from call to call. Status 0
    is no version. A rollback's copy has no payee, and no root if its parent stores it.
"""

uses: terms

import reasons
import terms

struct Version:
    parent: uint256
    root: bytes32
    line: uint256
    sender: address
    beneficiary: address
    updates: uint256
    total_updates: uint256  # from the start of its line, its own included
    bond: uint256  # native wei
    submitted_at: uint256  # seconds
    games: uint256  # open
    games_opened: uint256  # ever
    child: uint256  # the latest one, 0: none
    next: uint256  # the settled child, 0: none
    rival: uint256  # 0: none
    status: uint256
    timed_out: bool

struct Claim:
    sender: address
    submitted_at: uint256
    parent: uint256

struct Payee:
    beneficiary: address
    rival: uint256
    updates: uint256

struct Node:
    status: uint256
    timed_out: bool
    games: uint256
    games_opened: uint256
    child: uint256
    next: uint256
    line: uint256
    total_updates: uint256

UNKNOWN: constant(uint256) = 0
PENDING: constant(uint256) = 1
CHALLENGED: constant(uint256) = 2
SETTLED: constant(uint256) = 3
REFUTED: constant(uint256) = 4
VOID: constant(uint256) = 5

ID: constant(uint256) = 2**40 - 1  # mask of a version id and of a timestamp
COUNT: constant(uint256) = 2**24 - 1  # mask of games and updates
LINE: constant(uint256) = 2**32 - 1
TOTAL: constant(uint256) = 2**56 - 1
HEAD_AT: constant(uint256) = 40  # bits of the trunk
LINE_AT: constant(uint256) = 80

trunk: uint256  # count, head and current line
roots: HashMap[uint256, bytes32]
claims: HashMap[uint256, uint256]
payees: HashMap[uint256, uint256]
nodes: HashMap[uint256, uint256]


@deploy
def __init__():
    """
    @notice Plant version 0, genesis, settled, on line 0.
    """
    self._append(
        terms.GENESIS_ROOT,
        Claim(sender=terms.CREATOR, submitted_at=block.timestamp, parent=0),
        empty(Payee),
        self._settled_node(0),
    )


@external
@view
def head() -> uint256:
    """
    @notice The last settled version of the current line; it never falls back.
    @return Its id
    """
    return self._head()


@external
@view
def line() -> uint256:
    """
    @notice The current line: how many rollbacks there have been.
    @return The line
    """
    return self._line()


@external
@view
def tip() -> uint256:
    """
    @notice The version to build on: from head along latest children that are unchallenged. Whoever
        has re-run a challenged version and found it right may build on that one instead.
    @dev Walks the pending claims, so it is meant for calls from outside a transaction.
    @return Its id
    """
    at: uint256 = self._head()
    for i: uint256 in range(65_536):
        child: uint256 = self._node(at).child
        if child == 0 or self._node(child).status != PENDING:
            break
        at = child
    return at


@external
@view
def version_count() -> uint256:
    """
    @notice How many versions there are; ids run from 0 below it.
    @return A count
    """
    return self.trunk & ID


@external
@view
def version(version: uint256) -> Version:
    """
    @notice All about one version.
    @param version Its id
    @return Status: 1 pending, 2 challenged, 3 settled, 4 refuted, 5 void; bond as it was posted
    """
    node: Node = self._node(version)
    reasons._require(node.status != UNKNOWN, reasons.VERSION_UNKNOWN_VERSION)
    claim: Claim = self._claim(version)
    payee: Payee = self._payee(version)
    return Version(
        parent=claim.parent,
        root=self._root(version),
        line=node.line,
        sender=claim.sender,
        beneficiary=payee.beneficiary,
        updates=payee.updates,
        total_updates=node.total_updates,
        bond=self._bond(version),
        submitted_at=claim.submitted_at,
        games=node.games,
        games_opened=node.games_opened,
        child=node.child,
        next=node.next,
        rival=payee.rival,
        status=node.status,
        timed_out=node.timed_out,
    )


@internal
def _append(root: bytes32, claim: Claim, payee: Payee, node: Node) -> uint256:
    trunk: uint256 = self.trunk
    self.trunk = unsafe_add(trunk, 1)
    version: uint256 = trunk & ID
    if root != empty(bytes32):
        self.roots[version] = root
    self.claims[version] = (
        convert(claim.sender, uint256) | (claim.submitted_at << 160) | (claim.parent << 200)
    )
    if payee.updates != 0:
        self._set_payee(version, payee)
    self._set_node(version, node)
    return version


@internal
@view
def _head() -> uint256:
    return (self.trunk >> HEAD_AT) & ID


@internal
@view
def _line() -> uint256:
    return self.trunk >> LINE_AT


@internal
def _set_head(version: uint256, line: uint256):
    self.trunk = (self.trunk & ID) | (version << HEAD_AT) | (line << LINE_AT)


@internal
@pure
def _settled_node(line: uint256) -> Node:
    """
    @notice The node of a version that starts a line.
    @param line The line
    @return A settled node without updates or children
    """
    node: Node = empty(Node)
    node.status = SETTLED
    node.line = line
    return node


@internal
@pure
def _is_dead(status: uint256) -> bool:
    return status == REFUTED or status == VOID


@internal
@pure
def _is_live(status: uint256) -> bool:
    return status == PENDING or status == CHALLENGED


@internal
@view
def _root(version: uint256) -> bytes32:
    """
    @notice The root of a version, its own or that of the version it copies.
    @param version Its id
    @return The root
    """
    root: bytes32 = self.roots[version]
    if root == empty(bytes32) and self._payee(version).updates == 0:
        return self.roots[self._claim(version).parent]
    return root


@internal
@view
def _bond(version: uint256) -> uint256:
    updates: uint256 = self._payee(version).updates
    return terms._bond_for(updates) if updates != 0 else 0


@internal
@view
def _claim(version: uint256) -> Claim:
    word: uint256 = self.claims[version]
    return Claim(
        sender=self._address(word), submitted_at=(word >> 160) & ID, parent=(word >> 200) & ID
    )


@internal
@view
def _payee(version: uint256) -> Payee:
    word: uint256 = self.payees[version]
    return Payee(
        beneficiary=self._address(word), rival=(word >> 160) & ID, updates=(word >> 200) & COUNT
    )


@internal
def _set_payee(version: uint256, payee: Payee):
    self.payees[version] = (
        convert(payee.beneficiary, uint256) | (payee.rival << 160) | (payee.updates << 200)
    )


@internal
@view
def _node(version: uint256) -> Node:
    word: uint256 = self.nodes[version]
    return Node(
        status=word & 7,
        timed_out=(word >> 3) & 1 == 1,
        games=(word >> 8) & COUNT,
        games_opened=(word >> 32) & COUNT,
        child=(word >> 56) & ID,
        next=(word >> 96) & ID,
        line=(word >> 136) & LINE,
        total_updates=(word >> 168) & TOTAL,
    )


@internal
def _set_node(version: uint256, node: Node):
    self.nodes[version] = (
        node.status
        | (convert(node.timed_out, uint256) << 3)
        | (node.games << 8)
        | (node.games_opened << 32)
        | (node.child << 56)
        | (node.next << 96)
        | (node.line << 136)
        | (node.total_updates << 168)
    )


@internal
@pure
def _address(word: uint256) -> address:
    return convert(word & (2**160 - 1), address)
