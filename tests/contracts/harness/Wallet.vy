#pragma version ==0.4.3
#pragma evm-version cancun
"""
@title A wallet that signs by ERC-1271, for tests: it says what it was told to
"""

answer: public(Bytes[64])
refuses: bool
expected: bytes32  # of digest and signature; zero: whatever they are


@external
def prepare(answer: Bytes[64], refuses: bool, expected: bytes32):
    """
    @notice Say how to answer.
    @param answer The raw answer
    @param refuses Whether to refuse, and to answer so all the same
    @param expected What must have been asked, zero for anything
    """
    self.answer = answer
    self.refuses = refuses
    self.expected = expected


@external
@view
@raw_return
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> Bytes[64]:
    """
    @notice Whether a signature is this wallet's.
    @param digest What was signed
    @param signature The signature
    @return What was prepared
    """
    if self.refuses:
        raw_revert(self.answer)
    if self.expected != empty(bytes32):
        assert keccak256(concat(digest, keccak256(signature))) == self.expected, "wallet: asked"
    return self.answer
