"""The state of a real machine as a call that is only walked sees it: what it changes stays here."""

from typing import Any, Final

PADDED: Final = 33  # bytes


class State:
    """Storage, transient storage, balances and code, with changes that the real machine lacks."""

    def __init__(self, evm: Any) -> None:
        self.evm = evm
        self._changed: dict[tuple[str, str, int], Any] = {}

    def read(self, kind: str, address: str, slot: int = 0) -> Any:
        """Read storage, transient storage, a balance or code, as the call sees it."""
        key = (kind, address, slot)
        if key not in self._changed:
            real = {
                "storage": lambda: self.evm.storage(address, slot),
                "transient": lambda: 0,
                "balance": lambda: self.evm.get_balance(address),
                "code": lambda: code_of(self.evm, address),
            }
            self._changed[key] = real[kind]()
        return self._changed[key]

    def write(self, kind: str, address: str, value: Any, slot: int = 0) -> None:
        """Change what is read from now on."""
        self._changed[kind, address, slot] = value

    def pay(self, sender: str, receiver: str, coin: int) -> None:
        """Move coin that the sender has."""
        self.write("balance", sender, self.read("balance", sender) - coin)
        self.write("balance", receiver, self.read("balance", receiver) + coin)

    def keep(self) -> dict[tuple[str, str, int], Any]:
        """Return what `put_back` undoes later changes with."""
        return dict(self._changed)

    def put_back(self, kept: dict[tuple[str, str, int], Any]) -> None:
        """Undo every change since."""
        self._changed = kept


def code_of(evm: Any, address: str) -> bytes:
    """Return the code of an account; the real machine keeps it with zeros behind it."""
    return bytes(evm.get_code(address) or b"")[:-PADDED]
