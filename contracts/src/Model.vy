#pragma version ==0.4.3
#pragma evm-version cancun
#pragma optimize codesize
#pragma nonreentrancy on
"""
@title A model
@notice Strangers train it together and are paid in its tokens; using it costs its tokens. No
    owner, no upgrade, no pause. SPEC.md says what must hold.
"""

initializes: terms
initializes: stewards[terms := terms]
initializes: signatures[terms := terms]
initializes: token[terms := terms, stewards := stewards, signatures := signatures]
initializes: bonds[tree := tree]
initializes: tree[terms := terms]
initializes: claims[terms := terms, token := token, bonds := bonds, tree := tree]
initializes: disputes[terms := terms, bonds := bonds, tree := tree]
initializes: rollback[terms := terms, stewards := stewards, tree := tree]
initializes: inference[terms := terms, token := token, signatures := signatures]

import bonds
import claims
import disputes
import inference
import rollback
import signatures
import stewards
import terms
import token
import tree

exports: terms.__interface__
exports: stewards.__interface__
exports: signatures.__interface__
exports: token.__interface__
exports: bonds.__interface__
exports: tree.__interface__
exports: claims.__interface__
exports: disputes.__interface__
exports: rollback.__interface__
exports: inference.__interface__


@deploy
def __init__(terms_: terms.Terms, creator: address):
    """
    @notice Create a model: 5 % of the supply to its creator, the rest to itself.
    @param terms_ Its terms, fixed for ever
    @param creator Who creates it
    """
    terms.__init__(terms_, creator)
    token.__init__()
    tree.__init__()
