"""Who plays in the demo, and where: one local chain, one store, an account for each role."""

from dataclasses import dataclass
from pathlib import Path

from delea.chain import Anvil, Chain, Key, dev_key
from delea.ids import Address
from delea.store import Store

ROLES = ("creator", "trainer A", "trainer B", "verifier", "consumer", "attacker")


@dataclass(frozen=True, slots=True)
class Cast:
    """The chain, the store and a key for each role."""

    anvil: Anvil
    chain: Chain
    store: Store
    keys: dict[str, Key]

    def role_of(self, address: Address) -> str:
        """Return the role whose account this is, or a short form of the address."""
        for role, key in self.keys.items():
            if key.address == address:
                return role
        return f"{address[:8]}…"


def make_cast(anvil: Anvil, out: Path) -> Cast:
    """Give every role one of the local chain's accounts."""
    chain = Chain.connect(anvil.url)
    keys = {role: dev_key(i, chain_id=chain.chain_id) for i, role in enumerate(ROLES)}
    return Cast(anvil, chain, Store(out / "store"), keys)
