"""Open the doors that the common options name: chain, store, key, session."""

import os
import re
import sys
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from delea.errors import KeyStoreError, RefusedError, UnreachableError, UsageError

if TYPE_CHECKING:
    from delea.artifact import Artifact
    from delea.chain import Chain, Key
    from delea.ids import Address
    from delea.roles.session import Audit
    from delea.store import Store

_HERE = {"127.0.0.1", "::1", "localhost"}
_ADDRESS_LIKE = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,77}", re.ASCII)
_DEV_PREFIX = "dev:"
_MAX_PASSWORD_BYTES = 1 << 12


def open_store(folder: Path | None) -> "Store":
    """Return the store in a folder, by default the user's own."""
    from delea.store import Store

    return Store(_own_folder() / "store" if folder is None else folder)


def open_audit(*, unaudited: bool = False, again: bool = False) -> "Audit":
    """Return the audit of modules, which remembers those that passed; `unaudited` takes any."""
    from delea.roles.auditing import remembering, trust

    return trust if unaudited else remembering(_own_folder() / "audited", again=again)


def _own_folder() -> Path:
    """Return the user's own folder for what Delea keeps."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "delea"


def open_bundle(file: Path) -> "Artifact":
    """Return what a `.delea` file holds.

    Raises:
        UsageError: it is not even named like one, and is none.
        RefusedError: it is missing, damaged, or none.
    """
    from delea.store import read_bundle

    try:
        return read_bundle(file)
    except RefusedError:
        if file.suffix == ".delea":
            raise
        message = f"a .delea file expected (delea build makes one), got {file}"
        raise UsageError(message) from None


def open_artifact(source: Path) -> "Artifact":
    """Return what a creator's own Python file compiles to, or what a `.delea` file holds."""
    if source.suffix == ".delea":
        return open_bundle(source)
    from contextlib import redirect_stdout

    from delea.roles import creator

    with redirect_stdout(sys.stderr):  # what the file prints is no result
        return creator.build_artifact(source)


def open_chain(url: str) -> "Chain":
    """Return the chain behind a node's URL: the one that DELEA_CHAIN_ID names, if that is set.

    What is signed is good on the chain whose id the node says: a liar could name any.
    """
    from delea.chain import Chain

    wanted = os.environ.get("DELEA_CHAIN_ID", "")
    if wanted and not _NUMBER.fullmatch(wanted):
        raise UsageError(f"a chain id such as 1 expected in DELEA_CHAIN_ID, got {wanted!r:.40}")
    try:
        chain = Chain.connect(url)
    except UnreachableError as fault:
        if urlsplit(url).hostname not in _HERE or not str(fault).startswith("no chain answers"):
            raise
        raise UnreachableError(f"{fault} (delea chain starts a local one)") from None
    if wanted and chain.chain_id != int(wanted):
        chain.close()
        raise RefusedError(f"chain {wanted} expected by DELEA_CHAIN_ID, got {chain.chain_id}")
    return chain


def is_address(text: str) -> bool:
    """Return whether a text looks like the address of a model, and not like a file."""
    return _ADDRESS_LIKE.fullmatch(text) is not None


def check_address(text: str) -> "Address":
    """Return a contract's address; raises UsageError before any chain is asked."""
    from delea.chain.codec import check_address

    return check_address(text)


def check_key(name: str | None) -> str:
    """Return the name of a key; raises UsageError if there is none."""
    if not name:
        raise UsageError("a key expected: --key dev:0, --key KEYSTORE, or DELEA_KEY; got none")
    return name


def open_key(name: str | None, password_file: Path | None, *, chain_id: int) -> "Key":
    """Return the key that `name` means on a chain, its password found or asked for."""
    from delea.chain import load_key

    name = check_key(name)
    if name.startswith(_DEV_PREFIX):
        return load_key(name, chain_id=chain_id)
    if not _is_file(Path(name)):  # before a password is asked for
        raise KeyStoreError(f"cannot read the keystore {name}: no such file")
    return load_key(name, chain_id=chain_id, password=find_password(password_file))


def find_password(file: Path | None, *, is_new: bool = False) -> str:
    """Return the password in a file, in DELEA_PASSWORD, or typed at a terminal.

    Raises:
        KeyStoreError: there is none, or two typed ones differ.
    """
    if file is not None:
        return _read_password(file)
    if password := os.environ.get("DELEA_PASSWORD"):
        return password
    if not sys.stdin.isatty():
        raise KeyStoreError("a password expected in --password-file or DELEA_PASSWORD, got none")
    try:
        password = getpass("password: ", sys.stderr)
        again = getpass("again: ", sys.stderr) if is_new else password
    except EOFError:
        raise KeyStoreError("a password expected, got none") from None
    if again != password:
        raise KeyStoreError("the same password twice expected, got two")
    return password


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name too long to be one
        return False


def _read_password(file: Path) -> str:
    from delea.store.files import read_bounded

    try:
        return read_bounded(file, _MAX_PASSWORD_BYTES).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise KeyStoreError(f"a password in UTF-8 expected in {file}, got other bytes") from None
