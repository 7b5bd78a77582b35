#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title Signed orders: EIP-712 domain, nonces, signers
@notice The domain is made anew on every call, so that it is right after a change of the chain id.
    Every order that an account signs takes its next nonce.
"""

uses: terms

import terms

DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
VERSION: constant(String[1]) = "1"
HALF_ORDER: constant(uint256) = (
    57896044618658097711785492504343953926418782139537452191302581570759080747168
)
IS_VALID: constant(bytes32) = keccak256(  # of the only answer that ERC-1271 knows, 32 bytes
    0x1626ba7e00000000000000000000000000000000000000000000000000000000
)

nonces: reentrant(public(HashMap[address, uint256]))


@external
@view
@reentrant
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @notice The EIP-712 domain of this model on this chain.
    @return Its digest
    """
    return self._domain()


@external
@view
@reentrant
def eip712Domain() -> (
    bytes1, String[64], String[1], uint256, address, bytes32, DynArray[uint256, 1]
):
    """
    @notice The fields of the EIP-712 domain, as in EIP-5267.
    @return Which fields are used, name, version, chain id, contract, salt, extensions
    """
    return 0x0f, terms.NAME, VERSION, chain.id, self, empty(bytes32), []


@internal
@view
def _domain() -> bytes32:
    return keccak256(
        abi_encode(DOMAIN_TYPE, keccak256(terms.NAME), keccak256(VERSION), chain.id, self)
    )


@internal
@view
def _digest(order: bytes32) -> bytes32:
    """
    @notice What is signed.
    @param order The EIP-712 digest of an order
    @return The digest that binds it to this model on this chain
    """
    return keccak256(concat(0x1901, self._domain(), order))


@internal
def _take_nonce(owner: address) -> uint256:
    nonce: uint256 = self.nonces[owner]
    self.nonces[owner] = unsafe_add(nonce, 1)
    return nonce


@internal
@pure
def _signed(owner: address, digest: bytes32, v: uint256, r: uint256, s: uint256) -> bool:
    """
    @notice Whether an account's own key signed a digest. Of the two signatures that fit, only the
        one with the low s counts.
    @param owner The account; nobody signs for the zero address
    @param digest What is signed
    @param v 27 or 28
    @param r Of the signature
    @param s Of the signature
    @return True if it did
    """
    if owner == empty(address) or s > HALF_ORDER:
        return False
    return ecrecover(digest, v, r, s) == owner


@internal
@view
def _approved(owner: address, digest: bytes32, signature: Bytes[1024]) -> bool:
    """
    @notice Whether an account's own key signed a digest, or its contract says so by ERC-1271.
    @param owner The account
    @param digest What is signed
    @param signature r, s and v, 65 bytes, or what the contract wants to see
    @return True if either
    """
    if len(signature) == 65:
        r: uint256 = extract32(signature, 0, output_type=uint256)
        s: uint256 = extract32(signature, 32, output_type=uint256)
        if self._signed(owner, digest, convert(slice(signature, 64, 1), uint256), r, s):
            return True
    heard: bool = False
    answer: Bytes[32] = b""
    heard, answer = raw_call(
        owner,
        abi_encode(digest, signature, method_id=method_id("isValidSignature(bytes32,bytes)")),
        max_outsize=32,
        is_static_call=True,
        revert_on_failure=False,
    )
    return heard and keccak256(answer) == IS_VALID
