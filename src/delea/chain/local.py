"""What only a local chain can do: move its clock, mine, go back, reorganise."""

from delea.chain.rpc import Rpc
from delea.errors import ChainError
from delea.ids import Address, Wei


class LocalChain:
    """The controls of an anvil at a URL; any other chain refuses them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._rpc = Rpc(url)

    def close(self) -> None:
        """Close the connection."""
        self._rpc.close()

    def increase_time(self, seconds: int) -> None:
        """Move the clock forward and mine a block at the new time."""
        if seconds < 0:
            raise ChainError(f"a time of at least 0 s expected, got {seconds}")
        self._rpc.call("evm_increaseTime", seconds)
        self._rpc.call("evm_mine")

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks at once."""
        self._rpc.call("anvil_mine", hex(blocks))

    def snapshot(self) -> str:
        """Remember the chain as it is and return a name for `revert`."""
        return str(self._rpc.call("evm_snapshot"))

    def revert(self, snapshot: str) -> None:
        """Go back to a snapshot; it and all later ones are used up."""
        if self._rpc.call("evm_revert", snapshot) is not True:
            raise ChainError(f"a snapshot of this chain expected, got {snapshot[:40]!r}")

    def reorg(self, depth: int) -> None:
        """Replace the last `depth` blocks by as many empty ones."""
        self._rpc.call("anvil_reorg", depth, [])

    def set_balance(self, account: Address, amount: Wei) -> None:
        """Give an account exactly this much native coin."""
        self._rpc.call("anvil_setBalance", account, hex(amount))
