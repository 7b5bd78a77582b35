"""The pickle inside a PyTorch checkpoint, read without running it: an allow-list of opcodes.

A pickle is a program for a stack machine. This machine knows the opcodes that describe nested
dicts, lists, tuples, texts and numbers; it can name no class but the few below, and calls none.
"""

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from delea.errors import MalformedError

MAX_PICKLE_BYTES = 1 << 20
MAX_OPCODES = 400_000
MAX_STACK = 1 << 16

ORDERED_DICT = "collections.OrderedDict"
REBUILD_TENSOR = "torch._utils._rebuild_tensor_v2"
REBUILD_PARAMETER = "torch._utils._rebuild_parameter"
STORAGES = {
    "torch.DoubleStorage": "<f8",
    "torch.FloatStorage": "<f4",
    "torch.HalfStorage": "<f2",
    "torch.BFloat16Storage": "<u2",  # the upper half of a float32
    "torch.LongStorage": "<i8",
    "torch.IntStorage": "<i4",
    "torch.ShortStorage": "<i2",
    "torch.CharStorage": "i1",
    "torch.ByteStorage": "u1",
    "torch.BoolStorage": "u1",
}
_ALLOWED = {ORDERED_DICT, REBUILD_TENSOR, REBUILD_PARAMETER, *STORAGES}


@dataclass(frozen=True, slots=True)
class Global:
    """The name of a class or a function of PyTorch's: never the thing itself."""

    name: str


@dataclass(frozen=True, slots=True)
class Storage:
    """Elements in an entry of the archive: their type by its name there, the entry, how many."""

    kind: str
    key: str
    size: int


@dataclass(frozen=True, slots=True)
class View:
    """A tensor: a shape and steps, in elements, over a storage."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    steps: tuple[int, ...]


def read_pickle(data: bytes) -> Any:
    """Return what a pickle describes: dicts, lists, tuples, texts, numbers, `View`s.

    Raises:
        MalformedError: longer than 1 MiB or 400,000 opcodes, not complete, or with an opcode, a
            class or a call that no file of tensors has.
    """
    if len(data) > MAX_PICKLE_BYTES:
        raise MalformedError(f"a pickle of at most {MAX_PICKLE_BYTES} bytes expected")
    machine = _Machine()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count >= MAX_OPCODES or len(machine.stack) > MAX_STACK:
                raise MalformedError(f"a pickle of at most {MAX_OPCODES} opcodes expected")
            if opcode.name == "STOP":
                return machine.pop()
            machine.step(opcode.name, argument)
    except (ValueError, IndexError, KeyError, OverflowError):
        raise MalformedError("a complete pickle expected, got a damaged one") from None
    raise MalformedError("a pickle that stops expected")


@dataclass(slots=True)
class _Machine:
    stack: list[Any] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def step(self, name: str, argument: Any) -> None:
        if name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _LITERALS:
            self.stack.append(argument)
        elif name in _HANDLERS:
            _HANDLERS[name](self, argument)
        elif name not in _PASSED_OVER:
            raise MalformedError(f"a pickle of tensors alone expected, got the opcode {name}")

    def pop(self) -> Any:
        floor = self.marks[-1] if self.marks else 0
        if len(self.stack) <= floor:
            raise MalformedError("a complete pickle expected, got a damaged one")
        return self.stack.pop()

    def pop_many(self) -> list[Any]:
        """Return everything since the last mark."""
        at = self.marks.pop()
        items = self.stack[at:]
        del self.stack[at:]
        return items

    def keep(self, number: int) -> None:
        self.memo[number] = self.stack[-1]

    def global_(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self.stack.append(_allow(f"{module}.{name}"))

    def stack_global(self) -> None:
        name, module = self.pop(), self.pop()
        self.stack.append(_allow(f"{module}.{name}"))

    def tuple_(self, count: int) -> None:
        items = [self.pop() for _ in range(count)]
        self.stack.append(tuple(reversed(items)))

    def set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not dict or len(items) % 2:
            raise MalformedError("a dict in a pickle expected, got another value")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if type(key) not in (str, int):
                raise MalformedError("texts or numbers as keys in a pickle expected")
            target[key] = value

    def append(self, items: list[Any]) -> None:
        if type(self.stack[-1]) is not list:
            raise MalformedError("a list in a pickle expected, got another value")
        self.stack[-1].extend(items)

    def set_item(self) -> None:
        value, key = self.pop(), self.pop()
        self.set_items([key, value])

    def reduce(self) -> None:
        arguments, target = self.pop(), self.pop()
        self.stack.append(_describe(target, arguments))

    def build(self) -> None:
        """Pass over the attributes of a dict: PyTorch keeps versions of modules there."""
        self.pop()
        if type(self.stack[-1]) is not dict:
            raise MalformedError("a pickle of tensors alone expected, got an object's attributes")

    def persistent(self) -> None:
        match self.pop():
            case ("storage", Global(name=kind), str(key), str(), int(size)) if kind in STORAGES:
                self.stack.append(Storage(kind, key, size))
            case _:
                raise MalformedError("a storage of PyTorch's in a pickle expected")


def _allow(name: str) -> Global:
    if name not in _ALLOWED:
        raise MalformedError(
            "weights alone expected (torch.save(module.state_dict(), file)), the file names "
            f"{name[:80]}"
        )
    return Global(name)


def _describe(target: object, arguments: object) -> Any:
    """Return what a call would make, without calling it."""
    match target, arguments:
        case Global(name=name), () if name == ORDERED_DICT:
            return {}
        case Global(name=name), (View() as tensor, *_) if name == REBUILD_PARAMETER:
            return tensor
        case (
            Global(name=name),
            (Storage() as storage, int(offset), tuple(shape), tuple(steps), *_),
        ) if name == REBUILD_TENSOR:
            return View(storage, offset, _sizes(shape), _sizes(steps))
    raise MalformedError("a pickle of tensors alone expected, got another call")


def _sizes(values: tuple[Any, ...]) -> tuple[int, ...]:
    if any(type(value) is not int for value in values):
        raise MalformedError("whole numbers as the sizes of a tensor expected")
    return values


_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_LITERALS = frozenset({
    "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT",
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
})  # fmt: skip
_PASSED_OVER = frozenset({"PROTO", "FRAME"})
_HANDLERS: dict[str, Callable[[_Machine, Any], None]] = {
    "EMPTY_DICT": lambda m, _: m.stack.append({}),
    "EMPTY_LIST": lambda m, _: m.stack.append([]),
    "MARK": lambda m, _: m.marks.append(len(m.stack)),
    "TUPLE": lambda m, _: m.stack.append(tuple(m.pop_many())),
    "TUPLE1": lambda m, _: m.tuple_(1),
    "TUPLE2": lambda m, _: m.tuple_(2),
    "TUPLE3": lambda m, _: m.tuple_(3),
    "APPEND": lambda m, _: m.append([m.pop()]),
    "APPENDS": lambda m, _: m.append(m.pop_many()),
    "SETITEM": lambda m, _: m.set_item(),
    "SETITEMS": lambda m, _: m.set_items(m.pop_many()),
    "BINPUT": lambda m, at: m.keep(at),
    "LONG_BINPUT": lambda m, at: m.keep(at),
    "MEMOIZE": lambda m, _: m.keep(len(m.memo)),
    "BINGET": lambda m, at: m.stack.append(m.memo[at]),
    "LONG_BINGET": lambda m, at: m.stack.append(m.memo[at]),
    "GLOBAL": lambda m, name: m.global_(name),
    "STACK_GLOBAL": lambda m, _: m.stack_global(),
    "REDUCE": lambda m, _: m.reduce(),
    "BUILD": lambda m, _: m.build(),
    "BINPERSID": lambda m, _: m.persistent(),
}
