"""The door to an EVM chain; what stands behind it is imported when it is first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from delea.chain.anvil import Anvil, find_anvil
    from delea.chain.client import Chain
    from delea.chain.keys import Key, create_keystore, dev_key, load_key, open_keystore
    from delea.chain.local import LocalChain
    from delea.chain.model import ModelClient
    from delea.chain.split import SplitClient

_HOMES = {
    "Anvil": "anvil",
    "Chain": "client",
    "Key": "keys",
    "LocalChain": "local",
    "ModelClient": "model",
    "SplitClient": "split",
    "create_keystore": "keys",
    "dev_key": "keys",
    "find_anvil": "anvil",
    "load_key": "keys",
    "open_keystore": "keys",
}

__all__ = [
    "Anvil",
    "Chain",
    "Key",
    "LocalChain",
    "ModelClient",
    "SplitClient",
    "create_keystore",
    "dev_key",
    "find_anvil",
    "load_key",
    "open_keystore",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for: eth-account alone takes half a second."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"delea.chain.{_HOMES[name]}"), name)
