#pragma version ==0.4.3
#pragma evm-version cancun
"""
@title A token of ill will, for tests: it moves nothing, and answers what it was told to
"""

answer: Bytes[64]
refuses: bool
target: address
call_back: Bytes[512]
reentered: public(bool)
heard: public(Bytes[128])  # what the call back answered, or why it was refused


@external
def prepare(answer: Bytes[64], refuses: bool):
    """
    @notice Say how to answer when tokens are to move.
    @param answer The raw answer
    @param refuses Whether to refuse instead
    """
    self.answer = answer
    self.refuses = refuses


@external
def prepare_call(target: address, call_back: Bytes[512]):
    """
    @notice Say whom to call, and how, when tokens are to move or a permit is brought.
    @param target Whom
    @param call_back With what; nothing if empty
    """
    self.target = target
    self.call_back = call_back


@external
@view
def name() -> String[64]:
    """
    @notice The longest name.
    @return The name
    """
    return "0123456789012345678901234567890123456789012345678901234567890123"


@external
@view
def symbol() -> String[16]:
    """
    @notice The longest symbol.
    @return The symbol
    """
    return "0123456789ABCDEF"


@external
@raw_return
def transfer(receiver: address, amount: uint256) -> Bytes[64]:
    """
    @notice Tokens are to move.
    @param receiver Whose they become
    @param amount How many
    @return What was prepared
    """
    return self._answer()


@external
@raw_return
def transferFrom(owner: address, receiver: address, amount: uint256) -> Bytes[64]:
    """
    @notice Tokens are to move.
    @param owner Whose they are
    @param receiver Whose they become
    @param amount How many
    @return What was prepared
    """
    return self._answer()


@external
def permit(
    owner: address,
    spender: address,
    amount: uint256,
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    """
    @notice A permit is brought.
    @param owner Whose
    @param spender For whom
    @param amount Up to how much
    @param deadline Until when
    @param v Of the signature
    @param r Of the signature
    @param s Of the signature
    """
    self._call_back()


@internal
def _answer() -> Bytes[64]:
    assert not self.refuses, "underlying: refused"
    self._call_back()
    return self.answer


@internal
def _call_back():
    if len(self.call_back) != 0:
        self.reentered, self.heard = raw_call(
            self.target, self.call_back, max_outsize=128, revert_on_failure=False
        )
