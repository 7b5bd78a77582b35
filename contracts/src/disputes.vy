#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title Disputes: challenge, rule, reclaim
@notice Rules 2 and 3 of the tree. A version may have many games at once, each with a challenger
    and a bond; one success refutes it, all must fail to uphold it.
"""

uses: terms
uses: bonds
uses: tree

import bonds
import reasons
import terms
import tree
from interfaces import IArbiter

event Challenged:
    version: indexed(uint256)
    game: indexed(uint256)
    challenger: indexed(address)
    named_root: bytes32
    bond: uint256

event Ruled:
    version: indexed(uint256)
    game: indexed(uint256)
    refuted: bool

event Refuted:
    version: indexed(uint256)
    game: indexed(uint256)
    challenger: indexed(address)

event Reclaimed:
    version: indexed(uint256)
    game: indexed(uint256)
    challenger: indexed(address)
    amount: uint256

struct Game:
    challenger: address
    is_open: bool

OPEN: constant(uint256) = 1  # of a game's word; its challenger stands at ADDRESS_AT

games: HashMap[uint256, HashMap[uint256, uint256]]


@external
@payable
def challenge(version: uint256, right_root: bytes32) -> uint256:
    """
    @notice Say that a version's root is wrong; the same bond as the claim's comes along.
    @param version The claim
    @param right_root The root that the re-run gave
    @return The number of the game among those of this version, from 1
    """
    node: uint256 = tree.nodes[version]
    reasons._require(node != 0, reasons.CHALLENGE_UNKNOWN_VERSION)
    status: uint256 = node & tree.STATUS
    reasons._require(status < tree.SETTLED, reasons.CHALLENGE_DECIDED)
    closes: uint256 = tree._closes(version)
    reasons._require(block.timestamp < closes, reasons.CHALLENGE_TOO_LATE)
    claimed_root: bytes32 = tree.roots[version]
    reasons._require(right_root != claimed_root, reasons.CHALLENGE_SAME_ROOT)
    bond: uint256 = tree._bond(version)
    reasons._require(msg.value == bond, reasons.CHALLENGE_BOND)

    game: uint256 = unsafe_add(node >> tree.GAMES_OPENED_AT & tree.COUNT, 1)
    reasons._require(game <= tree.COUNT, reasons.CHALLENGE_TOO_MANY)
    # neither count wraps: the games that are open are at most those ever opened
    node = node ^ status ^ tree.CHALLENGED
    tree.nodes[version] = unsafe_add(node, tree.GAME + tree.GAME_OPENED)
    self.games[version][game] = convert(msg.sender, uint256) << tree.ADDRESS_AT | OPEN
    log Challenged(
        version=version,
        game=game,
        challenger=msg.sender,
        named_root=right_root,
        bond=bond,
    )
    extcall IArbiter(terms.ARBITER).open(version, game, claimed_root, right_root)
    return game


@external
def rule(version: uint256, game: uint256, refuted: bool, rewarded: bool):
    """
    @notice Answer a game; only the arbiter may, and only before the verdict window closes.
    @param version The challenged version
    @param game The number of the game
    @param refuted Whether the claimed root is wrong
    @param rewarded Whether the winner receives half of the lost bond; else all of it is burned
    """
    reasons._require(msg.sender == terms.ARBITER, reasons.RULE_NOT_THE_ARBITER)
    challenger: address = self._close(version, game, reasons.RULE_NO_OPEN_GAME)
    node: uint256 = tree.nodes[version]
    reasons._require(node & tree.STATUS == tree.CHALLENGED, reasons.RULE_DECIDED)
    deadline: uint256 = tree._deadline(version)
    reasons._require(block.timestamp < deadline, reasons.RULE_TOO_LATE)

    bond: uint256 = tree._bond(version)
    log Ruled(version=version, game=game, refuted=refuted)
    winner: address = tree._sender(version)
    if refuted:
        winner = challenger
        tree.nodes[version] = node ^ tree.CHALLENGED ^ tree.REFUTED
        bonds._credit(winner, bond)
        log Refuted(version=version, game=game, challenger=winner)
    half: uint256 = bond >> 1 if rewarded else 0  # down: the odd wei is burned
    bonds._credit(winner, half)
    bonds._burn(unsafe_sub(bond, half))


@external
def reclaim(version: uint256, game: uint256) -> uint256:
    """
    @notice Return the bond of a game still open when its version was decided, less a burned
        quarter if the case timed out. Anyone may call; the challenger is credited.
    @param version The challenged version
    @param game The number of the game
    @return What was credited, in native wei
    """
    challenger: address = self._close(version, game, reasons.RECLAIM_NO_OPEN_GAME)
    node: uint256 = tree.nodes[version]
    reasons._require(node & tree.STATUS > tree.SETTLED, reasons.RECLAIM_UNDECIDED)
    amount: uint256 = bonds._give_back(challenger, version, node & tree.TIMED_OUT != 0)
    log Reclaimed(version=version, game=game, challenger=challenger, amount=amount)
    return amount


@external
@view
@reentrant
def game(version: uint256, game: uint256) -> Game:
    """
    @notice One game.
    @param version The challenged version
    @param game The number of the game, 1 to the version's games_opened
    @return Its challenger (zero if there is no such game) and whether its bond is still held
    """
    word: uint256 = self.games[version][game]
    return Game(challenger=convert(word >> tree.ADDRESS_AT, address), is_open=word & OPEN != 0)


@internal
def _close(version: uint256, game: uint256, reason: uint256) -> address:
    """
    @notice Close an open game.
    @param version Its version
    @param game Its number
    @param reason The reason if it is not open
    @return Its challenger
    """
    word: uint256 = self.games[version][game]
    reasons._require(word & OPEN != 0, reason)
    self.games[version][game] = word ^ OPEN
    tree.nodes[version] = unsafe_sub(tree.nodes[version], tree.GAME)  # it was counted
    return convert(word >> tree.ADDRESS_AT, address)
