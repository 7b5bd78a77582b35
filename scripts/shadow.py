"""A small EVM in Python that walks beside the real one, and sees which way each branch goes.

pyrevm says what a call answers, not how it came to it. So each call is walked here first, on the
real machine's state and without changing it, and must end as the real one does: the same success,
the same answer to the byte. Gas is not counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from eth_utils import keccak
from memory import HaltError, Memory
from state import State
from words import BINARY, PUSH0, WORD, address_of, ecrecover, pushes, word_at

JUMP: Final = 0x56
JUMPI: Final = 0x57
DUP1: Final = 0x80
SWAP1: Final = 0x90
LOG0: Final = 0xA0
ENDLESS: Final = 1 << 62  # the gas that GAS answers
DEEPEST: Final = 1024
ECRECOVER: Final = "0x" + "00" * 19 + "01"


@dataclass(frozen=True, slots=True)
class Turn:
    """One way that a branch went: where it is, whether it jumped, and who had called last."""

    code: str
    pc: int
    jumped: bool
    caller: int


@dataclass(frozen=True, slots=True)
class Call:
    """What code runs on whose behalf."""

    address: str
    sender: str
    value: int
    data: bytes
    code: bytes
    is_static: bool = False
    depth: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """How a call ended."""

    succeeded: bool
    answer: bytes


class Shadow:
    """Walks calls on the state of a real machine, keeping what they change to itself."""

    def __init__(
        self, evm: Any, now: int, name_of: Callable[[bytes], str | None], turns: set[Turn]
    ) -> None:
        self.state = State(evm)
        self.now = now
        self.name_of = name_of
        self.turns = turns

    def message(self, call: Call) -> End:
        """Walk a call; what a failed one changed is undone."""
        before = self.state.keep()
        if self.state.read("balance", call.sender) < call.value or call.depth > DEEPEST:
            return End(succeeded=False, answer=b"")
        self.state.pay(call.sender, call.address, call.value)
        try:
            end = End(*Frame(self, call).walk())
        except (HaltError, IndexError):  # IndexError: the stack was too short
            end = End(succeeded=False, answer=b"")
        if not end.succeeded:
            self.state.put_back(before)
        return end

    def create(self, call: Call) -> End:
        """Walk code that creates a contract; its answer becomes the code of the address."""
        end = self.message(call)
        if end.succeeded:
            self.state.write("code", call.address, end.answer)
        return end


class Frame:
    """One call while it runs: its stack, its memory, and where it is."""

    def __init__(self, shadow: Shadow, call: Call) -> None:
        self.shadow = shadow
        self.state = shadow.state
        self.call = call
        self.name = shadow.name_of(call.code)
        self.stack: list[int] = []
        self.memory = Memory()
        self.returned = b""
        self.caller = 0  # where the last jump into an internal function came from

    def walk(self) -> tuple[bool, bytes]:
        """Run to the end: whether it succeeded, and what it answers."""
        code = self.call.code
        pushed = pushes(code)
        pc = 0
        while pc < len(code):
            op = code[pc]
            if op in ENDS:
                return ENDS[op](self)
            if op in (JUMP, JUMPI):
                pc = self.jump(pc, op)
            elif pc in pushed:
                self.stack.append(pushed[pc])
                pc += op - PUSH0
            else:
                self.step(op)
            pc += 1
        return True, b""

    def jump(self, pc: int, op: int) -> int:
        """Return where a jump leads, less the one that every operation goes on."""
        to = self.stack.pop()
        if op == JUMP:
            self.caller = pc
            return to - 1
        jumped = self.stack.pop() != 0
        if self.name:
            self.shadow.turns.add(Turn(self.name, pc, jumped, self.caller))
        return to - 1 if jumped else pc

    def step(self, op: int) -> None:
        """Do an operation that neither jumps nor ends nor pushes."""
        stack = self.stack
        if op in BINARY:
            first = stack.pop()
            stack[-1] = BINARY[op](first, stack[-1]) % WORD
        elif op in OTHERS:
            OTHERS[op](self)
        elif DUP1 <= op < SWAP1:
            stack.append(stack[DUP1 - 1 - op])
        elif SWAP1 <= op < LOG0:
            other = SWAP1 - 2 - op
            stack[-1], stack[other] = stack[other], stack[-1]
        else:
            raise HaltError

    def pop(self, count: int) -> list[int]:
        """Take words off the stack, the upper ones first."""
        return [self.stack.pop() for _ in range(count)]

    def write(self, kind: str, slot: int, value: int) -> None:
        """Write storage of a kind."""
        if self.call.is_static:
            raise HaltError
        self.state.write(kind, self.call.address, value, slot)

    def copy(self, source: bytes) -> None:
        """Copy a part of something into memory; beyond its end are zeros."""
        to, at, size = self.pop(3)
        self.memory.store(to, source[at : at + size].ljust(size, b"\0"))

    def log(self, topics: int) -> None:
        """Read what is logged, and forget it."""
        if self.call.is_static:
            raise HaltError
        at, size, *_ = self.pop(2 + topics)
        self.memory.load(at, size)

    def call_out(self, *, is_static: bool) -> None:
        """CALL or STATICCALL."""
        _, to, *value = self.pop(2 if is_static else 3)
        coin = value[0] if value else 0
        at, size, out, most = self.pop(4)
        data = self.memory.load(at, size)
        self.memory.load(out, most)
        if self.call.is_static and coin:
            raise HaltError
        address = address_of(to)
        if address == ECRECOVER:
            end = End(succeeded=True, answer=ecrecover(data))
        else:
            sender, code = self.call.address, self.state.read("code", address)
            static = is_static or self.call.is_static
            depth = self.call.depth + 1
            end = self.shadow.message(Call(address, sender, coin, data, code, static, depth))
        self.returned = end.answer
        self.memory.store(out, end.answer[:most])
        self.stack.append(int(end.succeeded))

    def create(self) -> None:
        """CREATE2."""
        value, at, size, salt = self.pop(4)
        code, creator = self.memory.load(at, size), self.call.address
        words = bytes.fromhex(creator[2:]) + salt.to_bytes(32, "big") + keccak(code)
        made = "0x" + keccak(b"\xff" + words)[12:].hex()
        depth = self.call.depth + 1
        end = self.shadow.create(Call(made, creator, value, b"", code, depth=depth))
        self.returned = b"" if end.succeeded else end.answer
        self.stack.append(int(made, 16) if end.succeeded else 0)

    def end(self) -> tuple[bool, bytes]:
        """SELFDESTRUCT, which today only gives all coin away."""
        own = self.call.address
        self.state.pay(own, address_of(self.stack.pop()), self.state.read("balance", own))
        return True, b""

    def returned_copy(self) -> None:
        """Copy a part of the last answer into memory; it has no beyond."""
        to, at, size = self.pop(3)
        if at + size > len(self.returned):
            raise HaltError
        self.memory.store(to, self.returned[at : at + size])

    def move(self) -> None:
        """Copy memory to memory."""
        to, at, size = self.pop(3)
        self.memory.store(to, self.memory.load(at, size))


def one(answer: Callable[[Frame, int], int]) -> Callable[[Frame], None]:
    """Make an operation of one word that answers another."""

    def operation(frame: Frame) -> None:
        frame.stack.append(answer(frame, frame.stack.pop()))

    return operation


def none(answer: Callable[[Frame], int]) -> Callable[[Frame], None]:
    """Make an operation without an argument that answers a word."""
    return lambda frame: frame.stack.append(answer(frame))


def two(act: Callable[[Frame, int, int], None]) -> Callable[[Frame], None]:
    """Make an operation of two words without an answer."""
    return lambda frame: act(frame, *frame.pop(2))


def hashed(frame: Frame) -> None:
    """SHA3."""
    frame.stack.append(int.from_bytes(keccak(frame.memory.load(*frame.pop(2))), "big"))


OTHERS: Final[dict[int, Callable[[Frame], Any]]] = {
    0x15: one(lambda _, a: int(a == 0)),
    0x19: one(lambda _, a: WORD - 1 - a),
    0x20: hashed,
    0x30: none(lambda f: int(f.call.address, 16)),
    0x31: one(lambda f, a: f.state.read("balance", address_of(a))),
    0x33: none(lambda f: int(f.call.sender, 16)),
    0x34: none(lambda f: f.call.value),
    0x35: one(lambda f, a: word_at(f.call.data, a)),
    0x36: none(lambda f: len(f.call.data)),
    0x37: lambda f: f.copy(f.call.data),
    0x38: none(lambda f: len(f.call.code)),
    0x39: lambda f: f.copy(f.call.code),
    0x3B: one(lambda f, a: len(f.state.read("code", address_of(a)))),
    0x3C: lambda f: f.copy(f.state.read("code", address_of(f.stack.pop()))),
    0x3D: none(lambda f: len(f.returned)),
    0x3E: Frame.returned_copy,
    0x42: none(lambda f: f.shadow.now),
    0x46: none(lambda f: f.state.evm.env.cfg.chain_id),
    0x47: none(lambda f: f.state.read("balance", f.call.address)),
    0x50: lambda f: f.stack.pop(),
    0x51: one(lambda f, a: int.from_bytes(f.memory.load(a, 32), "big")),
    0x52: two(lambda f, a, b: f.memory.store(a, b.to_bytes(32, "big"))),
    0x53: two(lambda f, a, b: f.memory.store(a, bytes([b % 256]))),
    0x54: one(lambda f, a: f.state.read("storage", f.call.address, a)),
    0x55: two(lambda f, a, b: f.write("storage", a, b)),
    0x59: none(lambda f: len(f.memory)),
    0x5A: none(lambda _: ENDLESS),
    0x5B: lambda _: None,  # JUMPDEST
    0x5C: one(lambda f, a: f.state.read("transient", f.call.address, a)),
    0x5D: two(lambda f, a, b: f.write("transient", a, b)),
    0x5E: Frame.move,
    0xA0: lambda f: f.log(0),
    0xA1: lambda f: f.log(1),
    0xA2: lambda f: f.log(2),
    0xA3: lambda f: f.log(3),
    0xA4: lambda f: f.log(4),
    0xF1: lambda f: f.call_out(is_static=False),
    0xF5: Frame.create,
    0xFA: lambda f: f.call_out(is_static=True),
}
ENDS: Final[dict[int, Callable[[Frame], tuple[bool, bytes]]]] = {
    0x00: lambda _: (True, b""),
    0xF3: lambda f: (True, f.memory.load(*f.pop(2))),
    0xFD: lambda f: (False, f.memory.load(*f.pop(2))),
    0xFF: Frame.end,
}
