"""Reads and transactions of one EVM chain, below any contract of ours."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from eth_utils.crypto import keccak

from delea.chain.codec import Contract, check_address, decode_values, encode_call
from delea.chain.rpc import Rpc
from delea.chain.sent import Sent, is_taken
from delea.errors import ChainError, RevertError, UnreachableError
from delea.ids import Address, Wei

if TYPE_CHECKING:
    from delea.chain.keys import Key

Found = TypeVar("Found")

NO_COIN = Wei(0)
MINED_S = 120.0
"""How long a transaction may wait for its block."""

MAX_TIP = Wei(10**11)
"""The most that is paid per gas besides the block's own price, whatever the node names."""

_POLL_S = (0.01, 0.5)  # between looks for a receipt: at first, at last
_SENDS = 3  # tries at a nonce that another process took first


@dataclass(frozen=True, slots=True)
class Log:
    """What a contract logged, undecoded."""

    address: Address
    topics: tuple[bytes, ...]
    data: bytes
    block: int
    place: int  # among the block's logs
    transaction: str


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction that was carried out."""

    transaction: str
    block: int
    gas: int
    fee: Wei  # native coin
    contract: Address | None  # if it created one
    logs: tuple[Log, ...]


class Evm:
    """One chain behind one node."""

    def __init__(self, rpc: Rpc) -> None:
        self.rpc = rpc
        self.chain_id = self.quantity("eth_chainId")
        self._sending = threading.Lock()
        self._unsure: dict[str, Sent] = {}  # by name; whose sending or mining nobody confirmed

    def check_same(self) -> None:
        """Raise ChainError if the node tells another chain's id than at first."""
        came = self.quantity("eth_chainId")
        if came != self.chain_id:
            raise ChainError(f"chain {self.chain_id} expected at {self.rpc.shown}, got {came}")

    def quantity(self, method: str, *params: Any) -> int:
        """Return the number that a call answers."""
        return read_quantity(self.rpc.call(method, *params), self.rpc.shown)

    def code(self, address: Address, *, block: int | None = None) -> bytes:
        """Return the code at an address, empty if it is no contract."""
        return self._bytes(self.rpc.call("eth_getCode", address, block_tag(block)))

    def read(self, to: Address, data: bytes, *, block: int | None = None) -> bytes:
        """Return what a view answers at the end of a block, by default the latest."""
        request = {"to": to, "data": "0x" + data.hex()}
        return self._bytes(self.rpc.call("eth_call", request, block_tag(block)))

    def view(
        self, contract: Contract, at: Address, name: str, *values: Any, block: int | None = None
    ) -> Any:
        """Return the one value that a view of the contract at an address answers."""
        function = contract.functions[name]
        answer = self.read(at, encode_call(function, values), block=block)
        return decode_values(function.outputs, answer)[0]

    def block(self, number: int | None = None) -> dict[str, Any]:
        """Return a block's header, by default the latest's."""
        found = self.rpc.call("eth_getBlockByNumber", block_tag(number), False)  # noqa: FBT003
        if not isinstance(found, dict):
            raise ChainError(f"block {number} expected on the chain, got none")
        return found

    def now(self, number: int | None = None) -> int:
        """Return a block's time in seconds, by default the latest's."""
        return read_quantity(self.block(number).get("timestamp"), self.rpc.shown)

    def logs(
        self,
        address: Address,
        topics: Sequence[bytes],
        *,
        number: int | None = None,
        account: Address | None = None,
        from_block: int,
        to_block: int | None = None,
    ) -> tuple[Log, ...]:
        """Return the logs of a contract whose first topic is one of `topics`, in order.

        With a `number` only those whose second topic it is, with an `account` those whose fourth it
        is. Both ends are included; blocks that are not there yet have no logs.
        """
        latest = self.quantity("eth_blockNumber")
        last = latest if to_block is None else min(to_block, latest)
        if from_block > last:
            return ()  # a node may refuse to look there
        second = None if number is None else f"0x{number:064x}"
        fourth = None if account is None else f"0x{int(account, 16):064x}"
        criteria = {
            "address": address,
            "topics": [["0x" + topic.hex() for topic in topics], second, None, fourth],
            "fromBlock": hex(from_block),
            "toBlock": hex(last),
        }
        return self._logs(self.rpc.call("eth_getLogs", criteria))

    def send(
        self, key: "Key", to: Address | None, data: bytes = b"", *, amount: Wei = NO_COIN
    ) -> Mined:
        """Try a transaction, then sign it, send it and wait until it is mined.

        A call that a contract refuses is refused here, before anything is signed or paid.

        Raises:
            RevertError: if the contract refuses.
            ChainError: if the node refuses, or it is not mined in time.
            UnreachableError: nothing answers; if it was perhaps sent, `confirm` finds out.
        """
        request = {"from": key.address, "value": hex(amount), "data": "0x" + data.hex()}
        if to is not None:
            request["to"] = to
        gas = self.quantity("eth_estimateGas", request, "pending")
        base = self.block().get("baseFeePerGas")
        tip = min(self.quantity("eth_maxPriorityFeePerGas"), MAX_TIP)
        transaction = {
            "chainId": self.chain_id,
            "type": 2,
            "value": amount,
            "data": data,
            "gas": gas + gas // 4,  # state may change on the way: leave room
            "maxPriorityFeePerGas": tip,
            "maxFeePerGas": 2 * read_quantity(base, self.rpc.shown) + tip,
        }
        if to is not None:
            transaction["to"] = to
        name = self._sign_and_send(key, transaction)
        receipt = self._until(lambda: self._ask(name, "eth_getTransactionReceipt", name), name)
        self._unsure.pop(name, None)
        mined = self._mined(receipt)
        if read_quantity(receipt.get("status"), self.rpc.shown) != 1:
            raise self._why_reverted(request, mined)
        return mined

    def confirm(self) -> None:
        """Wait until all that was perhaps sent is mined, or never can be; then nothing is unsure.

        What is still missing is sent again as it was signed: of one nonce, one alone is mined.

        Raises:
            ChainError: if the node refuses it now, or it is not mined in time.
        """
        for sent in tuple(self._unsure.values()):
            if not self._is_over(sent):
                self._send_again(sent)
            self._until(partial(self._is_over, sent), sent.name)
            self._unsure.pop(sent.name, None)

    def _is_over(self, sent: Sent) -> bool:
        """Return whether a transaction with this one's nonce is mined: this one or another."""
        return self.quantity("eth_getTransactionCount", sent.sender, "latest") > sent.nonce

    def _send_again(self, sent: Sent) -> None:
        try:
            self._ask(sent.name, "eth_sendRawTransaction", "0x" + sent.raw.hex())
        except ChainError as refusal:
            if not is_taken(refusal):
                raise

    def _sign_and_send(self, key: "Key", transaction: Mapping[str, Any]) -> str:
        for last in range(_SENDS - 1, -1, -1):
            with self._sending:
                nonce = self.quantity("eth_getTransactionCount", key.address, "pending")
                raw = key.sign({**transaction, "nonce": nonce})
                name = "0x" + keccak(raw).hex()
                self._unsure[name] = Sent(name, raw, key.address, nonce)
                try:
                    self._ask(name, "eth_sendRawTransaction", "0x" + raw.hex())
                except ChainError as refusal:
                    self._unsure.pop(name, None)
                    if last == 0 or not is_taken(refusal):
                        raise
                else:
                    return name
        raise AssertionError("the last try returns or raises")

    def _ask(self, name: str, method: str, given: str) -> Any:
        """Call with a transaction: a silence leaves open whether the node has it."""
        try:
            return self.rpc.call(method, given)
        except UnreachableError as fault:
            raise UnreachableError(f"{fault}; transaction {name} was perhaps sent") from None

    def _until(self, look: Callable[[], Found], name: str) -> Found:
        """Look until something is there, for as long as a transaction may wait for its block."""
        deadline = time.monotonic() + MINED_S
        pause, longest = _POLL_S
        while not (found := look()):
            if time.monotonic() > deadline:
                raise ChainError(f"transaction {name} was not mined within {MINED_S:g} s")
            time.sleep(pause)
            pause = min(2 * pause, longest)
        return found

    def _why_reverted(self, request: Mapping[str, Any], mined: Mined) -> RevertError:
        """Return why a transaction that passed its trial was refused when it was mined."""
        for block in (mined.block, mined.block - 1):
            try:
                self.rpc.call("eth_call", request, hex(block))
            except RevertError as refusal:
                return refusal
        return RevertError(f"transaction {mined.transaction} was refused when it was mined")

    def _mined(self, receipt: Mapping[str, Any]) -> Mined:
        shown = self.rpc.shown
        gas = read_quantity(receipt.get("gasUsed"), shown)
        contract = receipt.get("contractAddress")
        return Mined(
            transaction=str(receipt.get("transactionHash")),
            block=read_quantity(receipt.get("blockNumber"), shown),
            gas=gas,
            fee=Wei(gas * read_quantity(receipt.get("effectiveGasPrice"), shown)),
            contract=None if contract is None else check_address(contract),
            logs=self._logs(receipt.get("logs")),
        )

    def _logs(self, found: Any) -> tuple[Log, ...]:
        shown = self.rpc.shown
        if not isinstance(found, list) or not all(isinstance(log, dict) for log in found):
            raise UnreachableError(f"a list of logs expected from {shown}, got another answer")
        return tuple(
            Log(
                address=check_address(log.get("address")),
                topics=tuple(self._bytes(topic) for topic in log.get("topics", ())),
                data=self._bytes(log.get("data")),
                block=read_quantity(log.get("blockNumber"), shown),
                place=read_quantity(log.get("logIndex"), shown),
                transaction=str(log.get("transactionHash")),
            )
            for log in found
        )

    def _bytes(self, text: Any) -> bytes:
        try:
            if isinstance(text, str) and text.startswith("0x"):
                return bytes.fromhex(text[2:])
        except ValueError:
            pass
        raise UnreachableError(f"hex bytes expected from {self.rpc.shown}, got another answer")


def block_tag(number: int | None) -> str:
    """Return how a call names a block; None is the latest."""
    return "latest" if number is None else hex(number)


def read_quantity(text: Any, shown: str) -> int:
    """Return a JSON-RPC number."""
    try:
        if isinstance(text, str) and text.startswith("0x") and len(text) <= 66:
            return int(text, 16)
    except ValueError:
        pass
    raise UnreachableError(f"a hex number expected from {shown}, got {str(text)[:40]!r}")
