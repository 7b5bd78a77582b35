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
uses: claims

import bonds
import claims
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

games: HashMap[uint256, HashMap[uint256, uint256]]  # challenger, and 2^160 while open


@external
@payable
def challenge(version: uint256, right_root: bytes32) -> uint256:
    """
    @notice Say that a version's root is wrong; the same bond as the claim's comes along.
    @param version The claim
    @param right_root The root that the re-run gave
    @return The number of the game among those of this version, from 1
    """
    node: tree.Node = tree._node(version)
    reasons._require(node.status != tree.UNKNOWN, reasons.CHALLENGE_UNKNOWN_VERSION)
    reasons._require(tree._is_live(node.status), reasons.CHALLENGE_DECIDED)
    claim: tree.Claim = tree._claim(version)
    reasons._require(
        block.timestamp < claim.submitted_at + terms.CHALLENGE_WINDOW, reasons.CHALLENGE_TOO_LATE
    )
    claimed_root: bytes32 = tree.roots[version]
    reasons._require(right_root != claimed_root, reasons.CHALLENGE_SAME_ROOT)
    reasons._require(msg.value == tree._bond(version), reasons.CHALLENGE_BOND)

    game: uint256 = unsafe_add(node.games_opened, 1)
    reasons._require(game <= tree.COUNT, reasons.CHALLENGE_TOO_MANY)
    node.games_opened = game
    node.games = unsafe_add(node.games, 1)
    node.status = tree.CHALLENGED
    tree._set_node(version, node)
    self._set_game(version, game, Game(challenger=msg.sender, is_open=True))
    log Challenged(
        version=version,
        game=game,
        challenger=msg.sender,
        named_root=right_root,
        bond=msg.value,
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
    played: Game = self._game(version, game)
    reasons._require(played.is_open, reasons.RULE_NO_OPEN_GAME)
    node: tree.Node = tree._node(version)
    reasons._require(node.status == tree.CHALLENGED, reasons.RULE_DECIDED)
    claim: tree.Claim = tree._claim(version)
    reasons._require(block.timestamp < claims._deadline(claim), reasons.RULE_TOO_LATE)

    played.is_open = False
    self._set_game(version, game, played)
    node.games = unsafe_sub(node.games, 1)
    bond: uint256 = tree._bond(version)
    log Ruled(version=version, game=game, refuted=refuted)
    winner: address = claim.sender
    if refuted:
        winner = played.challenger
        node.status = tree.REFUTED
        bonds._credit(winner, bond)
        log Refuted(version=version, game=game, challenger=winner)
    tree._set_node(version, node)
    half: uint256 = bond // 2 if rewarded else 0  # down: the odd wei is burned
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
    played: Game = self._game(version, game)
    reasons._require(played.is_open, reasons.RECLAIM_NO_OPEN_GAME)
    node: tree.Node = tree._node(version)
    reasons._require(tree._is_dead(node.status), reasons.RECLAIM_UNDECIDED)
    played.is_open = False
    self._set_game(version, game, played)
    node.games = unsafe_sub(node.games, 1)
    tree._set_node(version, node)
    bond: uint256 = tree._bond(version)
    amount: uint256 = bond
    if node.timed_out:
        amount = bonds._give_three_quarters(played.challenger, bond)
    else:
        bonds._credit(played.challenger, bond)
    log Reclaimed(version=version, game=game, challenger=played.challenger, amount=amount)
    return amount


@external
@view
def game(version: uint256, game: uint256) -> Game:
    """
    @notice One game.
    @param version The challenged version
    @param game The number of the game, 1 to the version's games_opened
    @return Its challenger (zero if there is no such game) and whether its bond is still held
    """
    return self._game(version, game)


@internal
@view
def _game(version: uint256, game: uint256) -> Game:
    word: uint256 = self.games[version][game]
    return Game(challenger=tree._address(word), is_open=word >> 160 == 1)


@internal
def _set_game(version: uint256, game: uint256, played: Game):
    self.games[version][game] = (
        convert(played.challenger, uint256) | (convert(played.is_open, uint256) << 160)
    )
