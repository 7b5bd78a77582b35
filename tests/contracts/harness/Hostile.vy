#pragma version ==0.4.3
#pragma evm-version cancun
"""
@title An account and arbiter of ill will, for tests
@notice Calls what it is told, and when called or paid, calls back or refuses.
"""

target: address
answer: Bytes[512]
refuses: bool
reentered: public(bool)
heard: public(Bytes[128])  # what the call back answered, or why it was refused


@external
@payable
def __default__():
    """
    @notice Coin or a call comes in.
    """
    assert not self.refuses, "hostile: refused"
    if len(self.answer) != 0:
        self.reentered, self.heard = raw_call(
            self.target, self.answer, max_outsize=128, revert_on_failure=False
        )


@external
def prepare(target: address, answer: Bytes[512], refuses: bool):
    """
    @notice Say what to do when called.
    @param target Whom to call back
    @param answer With what; nothing if empty
    @param refuses Whether to refuse instead
    """
    self.target = target
    self.answer = answer
    self.refuses = refuses


@external
@payable
def forward(target: address, data: Bytes[1024]):
    """
    @notice Call, with the coin that came along.
    @param target Whom to call
    @param data With what
    """
    raw_call(target, data, value=msg.value)
