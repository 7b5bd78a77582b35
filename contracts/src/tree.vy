#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title The tree of versions
@notice What each version is, and how it hangs on the others. The rules live in claims, disputes
    and rollback; this file only stores.
@dev A version takes four words: its root, its claim (who, when, on what), its payee (who is paid,
    for how many, after which rival), and its node, which alone changes from call to call. Status 0
    is no version. A rollback's copy has no payee, and no root if its parent stores it; genesis has
    no word but its node. The fields of a word are taken out of it where they are needed: this compiler
    would take a kilobyte more to carry them in structs.
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

# In this order: what is known and below SETTLED is live, what is above it is dead.
UNKNOWN: constant(uint256) = 0
PENDING: constant(uint256) = 1
CHALLENGED: constant(uint256) = 2
SETTLED: constant(uint256) = 3
REFUTED: constant(uint256) = 4
VOID: constant(uint256) = 5

ID: constant(uint256) = 2**40 - 1  # mask of a version id and of a timestamp
COUNT: constant(uint256) = 2**24 - 1  # mask of games and updates
ADDRESS_AT: constant(uint256) = 96  # bits of each word that holds an address

# the trunk: the latest id, then
HEAD_AT: constant(uint256) = 40
LINE_AT: constant(uint256) = 80

# a claim: the parent, then
SUBMITTED_AT: constant(uint256) = 40  # and the sender

# a payee: the rival, then
UPDATES_AT: constant(uint256) = 40  # and the beneficiary

# a node: the status, then
STATUS: constant(uint256) = 7  # its mask
TIMED_OUT: constant(uint256) = 1 << 3
GAME: constant(uint256) = 1 << 8  # one open game
GAMES_AT: constant(uint256) = 8
GAME_OPENED: constant(uint256) = 1 << 32  # one more that was ever opened
GAMES_OPENED_AT: constant(uint256) = 32
CHILD_AT: constant(uint256) = 56
NEXT_AT: constant(uint256) = 96
NODE_LINE_AT: constant(uint256) = 136
TOTAL_AT: constant(uint256) = 168

LINE: constant(uint256) = 2**32 - 1

trunk: uint256
roots: HashMap[uint256, bytes32]
claims: HashMap[uint256, uint256]
payees: HashMap[uint256, uint256]
nodes: HashMap[uint256, uint256]


@deploy
def __init__():
    """
    @notice Plant version 0, genesis, settled, on line 0.
    """
    self.nodes[0] = SETTLED


@external
@view
@reentrant
def head() -> uint256:
    """
    @notice The last settled version of the current line; it never falls back.
    @return Its id
    """
    return self._head()


@external
@view
@reentrant
def line() -> uint256:
    """
    @notice The current line: how many rollbacks there have been.
    @return The line
    """
    return self.trunk >> LINE_AT


@external
@view
@reentrant
def tip() -> uint256:
    """
    @notice The version to build on: from head along latest children that are unchallenged. Whoever
        has re-run a challenged version and found it right may build on that one instead.
    @dev Walks the pending claims, so it is meant for calls from outside a transaction.
    @return Its id
    """
    at: uint256 = self._head()
    for i: uint256 in range(65_536):
        child: uint256 = self.nodes[at] >> CHILD_AT & ID
        if self.nodes[child] & STATUS != PENDING:  # genesis, which stands for none, is settled
            break
        at = child
    return at


@external
@view
@reentrant
def version_count() -> uint256:
    """
    @notice How many versions there are; ids run from 0 below it.
    @return A count
    """
    return unsafe_add(self.trunk & ID, 1)


@external
@view
@reentrant
def version(version: uint256) -> Version:
    """
    @notice All about one version.
    @param version Its id
    @return Status: 1 pending, 2 challenged, 3 settled, 4 refuted, 5 void; bond as it was posted
    """
    node: uint256 = self.nodes[version]
    reasons._require(node != 0, reasons.VERSION_UNKNOWN_VERSION)
    claim: uint256 = self.claims[version]
    payee: uint256 = self.payees[version]
    return Version(
        parent=claim & ID,
        root=self._root(version),
        line=node >> NODE_LINE_AT & LINE,
        sender=convert(claim >> ADDRESS_AT, address),
        beneficiary=convert(payee >> ADDRESS_AT, address),
        updates=payee >> UPDATES_AT & COUNT,
        total_updates=node >> TOTAL_AT,
        bond=self._bond(version) if payee != 0 else 0,
        submitted_at=claim >> SUBMITTED_AT & ID,
        games=node >> GAMES_AT & COUNT,
        games_opened=node >> GAMES_OPENED_AT & COUNT,
        child=node >> CHILD_AT & ID,
        next=node >> NEXT_AT & ID,
        rival=payee & ID,
        status=node & STATUS,
        timed_out=node & TIMED_OUT != 0,
    )


@internal
def _append(sender: address, parent: uint256, node: uint256) -> uint256:
    """
    @notice Store a version of this second, without root or payee.
    @param sender Who sent it
    @param parent On what
    @param node Its node
    @return Its id
    """
    trunk: uint256 = unsafe_add(self.trunk, 1)
    self.trunk = trunk
    version: uint256 = trunk & ID
    self.claims[version] = self._claim(sender, parent)
    self.nodes[version] = node
    return version


@internal
@view
def _head() -> uint256:
    return self.trunk >> HEAD_AT & ID


@internal
def _set_head(version: uint256, line: uint256):
    self.trunk = self.trunk & ID | version << HEAD_AT | line << LINE_AT


@internal
@view
def _claim(sender: address, parent: uint256) -> uint256:
    """
    @notice A claim of this second.
    @param sender Who sent it
    @param parent On what
    @return Its word
    """
    return convert(sender, uint256) << ADDRESS_AT | block.timestamp << SUBMITTED_AT | parent


@internal
@view
def _root(version: uint256) -> bytes32:
    """
    @notice The root of a version, its own or that of the version it copies.
    @param version Its id
    @return The root
    """
    root: bytes32 = self.roots[version]
    if root != empty(bytes32) or self.payees[version] != 0:
        return root
    at: uint256 = self.claims[version] & ID
    return self.roots[at] if at != 0 else terms.GENESIS_ROOT


@internal
@view
def _bond(version: uint256) -> uint256:
    """
    @notice The bond of a claim, and of each challenge to it.
    @param version Its id; not one that starts a line
    @return Native wei
    """
    return terms._bond_for(self.payees[version] >> UPDATES_AT & COUNT)


@internal
@view
def _sender(version: uint256) -> address:
    return convert(self.claims[version] >> ADDRESS_AT, address)


@internal
@view
def _closes(version: uint256) -> uint256:
    """
    @notice When the challenge window of a claim ends.
    @param version Its id
    @return Seconds
    """
    # cannot wrap: times take 40 bits, windows 22
    return unsafe_add(self.claims[version] >> SUBMITTED_AT & ID, terms.CHALLENGE_WINDOW)


@internal
@view
def _deadline(version: uint256) -> uint256:
    """
    @notice When games about a claim end, ruled or not.
    @param version Its id
    @return Seconds
    """
    return unsafe_add(self._closes(version), terms.VERDICT_WINDOW)

