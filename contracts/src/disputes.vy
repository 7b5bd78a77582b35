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
    assert node.status != tree.UNKNOWN, "challenge: unknown version"
    assert tree._is_live(node.status), "challenge: decided"
    claim: tree.Claim = tree._claim(version)
    assert block.timestamp < claim.submitted_at + terms.CHALLENGE_WINDOW, "challenge: too late"
    claimed_root: bytes32 = tree.roots[version]
    assert right_root != claimed_root, "challenge: same root"
    assert msg.value == terms._bond_for(claim.updates), "challenge: bond"

    game: uint256 = unsafe_add(node.games_opened, 1)
    assert game <= tree.COUNT, "challenge: too many"
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
def rule(version: uint256, game: uint256, refuted: bool):
    """
    @notice Answer a game; only the arbiter may, and only before the verdict window closes.
    @param version The challenged version
    @param game The number of the game
    @param refuted Whether the claimed root is wrong
    """
    assert msg.sender == terms.ARBITER, "rule: not the arbiter"
    played: Game = self._game(version, game)
    assert played.is_open, "rule: no open game"
    node: tree.Node = tree._node(version)
    assert node.status == tree.CHALLENGED, "rule: decided"
    claim: tree.Claim = tree._claim(version)
    assert block.timestamp < claims._deadline(claim), "rule: too late"

    played.is_open = False
    self._set_game(version, game, played)
    node.games = unsafe_sub(node.games, 1)
    bond: uint256 = terms._bond_for(claim.updates)
    log Ruled(version=version, game=game, refuted=refuted)
    if refuted:
        node.status = tree.REFUTED
        bonds._credit(played.challenger, bond)
        bonds._give_half(played.challenger, bond)
        log Refuted(version=version, game=game, challenger=played.challenger)
    else:
        bonds._give_half(claim.sender, bond)
    tree._set_node(version, node)


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
    assert played.is_open, "reclaim: no open game"
    node: tree.Node = tree._node(version)
    assert tree._is_dead(node.status), "reclaim: undecided"
    played.is_open = False
    self._set_game(version, game, played)
    node.games = unsafe_sub(node.games, 1)
    tree._set_node(version, node)
    bond: uint256 = terms._bond_for(tree._claim(version).updates)
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
