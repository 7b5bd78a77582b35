#pragma version ==0.4.3
#pragma evm-version cancun
"""
@title A contract of ill will: a wallet, a receiver of coin, an arbiter
@notice Whenever it is asked, paid or called, it first makes the call it was told to make.
"""

target: address
data: Bytes[1024]


@external
@payable
def __default__():
    """
    @notice Coin comes in, or any call.
    """
    self._strike()


@external
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> bytes4:
    """
    @notice Say that it signed whatever it is asked about.
    @param digest What was signed
    @param signature The signature
    @return Yes, by ERC-1271
    """
    self._strike()
    return 0x1626ba7e


@external
def prepare(target: address, data: Bytes[1024]):
    """
    @notice Say which call to make when it is its turn.
    @param target Whom to call
    @param data With what; nothing if empty
    """
    self.target = target
    self.data = data


@external
@payable
def forward(target: address, data: Bytes[1024]):
    """
    @notice Call, with the coin that came along.
    @param target Whom to call
    @param data With what
    """
    raw_call(target, data, value=msg.value)


@internal
def _strike():
    if len(self.data) != 0:
        struck: bool = raw_call(self.target, self.data, revert_on_failure=False)
