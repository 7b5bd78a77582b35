"""Who signs: a key from an encrypted keystore file, or a dev account of a local chain."""

import json
import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from delea.errors import KeyStoreError
from delea.ids import Address

_RECURSION_LIMIT = sys.getrecursionlimit()

from eth_account import Account  # noqa: E402
from eth_account.signers.local import LocalAccount  # noqa: E402
from eth_typing import Hash32  # noqa: E402

# A library below eth-account raises the limit a hundredfold. Hostile JSON or CBOR, nested deep,
# would then overflow the stack and kill the process instead of raising RecursionError.
sys.setrecursionlimit(_RECURSION_LIMIT)

LOCAL_CHAIN_ID = 31_337
DEV_ACCOUNTS = 10
_DEV_PHRASE = "test test test test test test test test test test test junk"  # known to everyone
_DEV_PREFIX = "dev:"
_CIPHER = "aes-128-ctr"  # the only one eth-account reads, whatever the file says
_MAX_FILE_BYTES = 1 << 14
_MAX_SCRYPT_BYTES = 1 << 29
_MAX_PBKDF2_ROUNDS = 1 << 22


@dataclass(frozen=True, slots=True)
class Key:
    """An account that can sign; showing it never shows its secret."""

    address: Address
    _signer: LocalAccount = field(repr=False, compare=False)

    def sign(self, transaction: Mapping[str, Any]) -> bytes:
        """Return a signed transaction, ready to send."""
        signed = self._signer.sign_transaction(cast("Any", dict(transaction)))
        return bytes(signed.raw_transaction)

    def sign_digest(self, digest: bytes) -> bytes:
        """Return r, s and v, 65 bytes, of the digest of an order (EIP-712)."""
        return bytes(self._signer.unsafe_sign_hash(Hash32(digest)).signature)


def load_key(name: str, *, chain_id: int, password: str | None = None) -> Key:
    """Return the key that `name` means: `dev:0` to `dev:9`, or the path of a keystore file.

    Raises:
        KeyStoreError: if it cannot be opened, or must not be used on this chain.
    """
    if name.startswith(_DEV_PREFIX):
        digits = name.removeprefix(_DEV_PREFIX)
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 2):
            raise KeyStoreError(f"dev:0 to dev:{DEV_ACCOUNTS - 1} expected, got {name[:40]!r}")
        return dev_key(int(digits), chain_id=chain_id)
    if password is None:
        raise KeyStoreError(f"a password expected for the keystore {name}, got none")
    return open_keystore(Path(name), password)


def dev_key(index: int, *, chain_id: int) -> Key:
    """Return account `index` of a local chain; everyone knows its secret.

    Raises:
        KeyStoreError: for any chain but a local one, where the account would be robbed.
    """
    if chain_id != LOCAL_CHAIN_ID:
        raise KeyStoreError(
            f"dev accounts are for the local chain {LOCAL_CHAIN_ID}, this is chain {chain_id}"
        )
    if not 0 <= index < DEV_ACCOUNTS:
        raise KeyStoreError(f"dev:0 to dev:{DEV_ACCOUNTS - 1} expected, got dev:{index}")
    Account.enable_unaudited_hdwallet_features()
    return _key(Account.from_mnemonic(_DEV_PHRASE, account_path=f"m/44'/60'/0'/0/{index}"))


def create_keystore(path: Path, password: str, *, rounds: int | None = None) -> Key:
    """Make a new key and keep it, encrypted, in a new file that only its owner can read.

    `rounds` are scrypt's, a power of two; None means eth-account's own.

    Raises:
        KeyStoreError: if the file exists or cannot be written, or the password is empty.
    """
    if not password:
        raise KeyStoreError("a password expected for a new keystore, got an empty one")
    account = Account.create()
    sealed = Account.encrypt(account.key, password, iterations=rounds)
    _write_new(path, json.dumps(sealed).encode())
    return _key(account)


def open_keystore(path: Path, password: str) -> Key:
    """Return the key in a keystore v3 file.

    Raises:
        KeyStoreError: if the file cannot be read, is no keystore, or the password is wrong.
    """
    sealed = _read_sealed(path)
    try:
        secret = Account.decrypt(sealed, password)
        return _key(Account.from_key(secret))
    except ValueError as fault:
        if "MAC" in str(fault):
            raise KeyStoreError(f"wrong password for the keystore {path}") from None
        raise KeyStoreError(f"a keystore v3 file expected at {path}, got another") from None
    except (KeyError, TypeError, AttributeError, NotImplementedError, OverflowError, MemoryError):
        raise KeyStoreError(f"a keystore v3 file expected at {path}, got another") from None


def _key(account: LocalAccount) -> Key:
    return Key(Address(account.address), account)


def _read_sealed(path: Path) -> dict[str, Any]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            plain = stat.S_ISREG(os.fstat(handle).st_mode)
            text = file.read(_MAX_FILE_BYTES + 1) if plain else b""
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or "not a path"
        raise KeyStoreError(f"cannot read the keystore {path}: {reason}") from None
    try:
        sealed = json.loads(text) if len(text) <= _MAX_FILE_BYTES else None
    except (ValueError, RecursionError):
        sealed = None
    if not isinstance(sealed, dict) or not _is_readable(sealed):
        raise KeyStoreError(f"a keystore v3 file expected at {path}, got another")
    return cast("dict[str, Any]", sealed)


def _is_readable(sealed: Mapping[str, Any]) -> bool:
    """Return whether its cipher is ours, and opening it takes bounded time and memory."""
    crypto = sealed.get("crypto")
    if not isinstance(crypto, dict) or crypto.get("cipher") != _CIPHER:
        return False
    params = crypto.get("kdfparams")
    if not isinstance(params, dict):
        return False
    counts = [params.get(name, 1) for name in ("n", "r", "p", "c", "dklen")]
    if not all(type(count) is int and count > 0 for count in counts):
        return False
    n, r, p, c, dklen = counts
    return bool(128 * n * r * p <= _MAX_SCRYPT_BYTES and c <= _MAX_PBKDF2_ROUNDS and dklen <= 64)


def _write_new(path: Path, data: bytes) -> None:
    """Write a private file that must not exist yet, whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(handle)
            os.link(name, path)  # unlike a rename, never over another key
        finally:
            with suppress(OSError):
                Path(name).unlink()
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError:
        raise KeyStoreError(f"a new file expected, {path} exists") from None
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or "not a path"
        raise KeyStoreError(f"cannot write the keystore {path}: {reason}") from None
