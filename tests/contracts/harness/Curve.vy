#pragma version ==0.4.3
#pragma evm-version cancun
"""
@title The curve, opened for tests
"""

import curve


@external
@view
def rewards(
    arguments: DynArray[uint256[3], 2000]
) -> DynArray[uint256, 2000]:
    """
    @notice Many rewards at once.
    @param arguments Reserve, updates, horizon
    @return Wei
    """
    found: DynArray[uint256, 2000] = []
    for given: uint256[3] in arguments:
        found.append(curve._reward(given[0], given[1], given[2]))
    return found


@external
@view
def prices(
    arguments: DynArray[uint256[4], 2000]
) -> DynArray[uint256, 2000]:
    """
    @notice Many prices at once.
    @param arguments Reserve, units, horizon, inferences per update
    @return Wei
    """
    found: DynArray[uint256, 2000] = []
    for given: uint256[4] in arguments:
        found.append(curve._price(given[0], given[1], given[2], given[3]))
    return found
