"""The rules by which code is broken, one small change at a time, for Python and Vyper alike.

A change replaces the text of one node of the syntax tree. Left out is what could survive only
where another change survives: `and` for `or`, say, is noticed by whatever notices that either side
is missing.
"""

import ast
from collections.abc import Callable, Iterator
from itertools import pairwise

Rule = Callable[[ast.AST, "Place"], Iterator[str]]

MOVED = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
TURNED = {
    ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in", ast.NotIn: "in", ast.Is: "is not",
    ast.IsNot: "is",
}  # fmt: skip
WORDS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
OPERATORS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.Mod: "//", ast.BitXor: "|"}
CALLS = {
    "unsafe_add": "unsafe_sub", "unsafe_sub": "unsafe_add", "unsafe_mul": "unsafe_add",
}  # fmt: skip
NUMBERS = {"int", "Wei", "Step", "uint256", "int256"}
SIMPLE = (ast.Name, ast.Attribute, ast.Call, ast.Constant, ast.Subscript)


class Place:
    """Where a node stands: the text around it, the node above, and the function that it is in."""

    def __init__(self, text: bytes, tree: ast.AST, *, is_vyper: bool) -> None:
        self.text = text
        self.is_vyper = is_vyper
        self.above = tree
        self.function: ast.FunctionDef | None = None
        self.where = ""
        self._lines = [0]
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._kinds = {
            (owner.name, field.target.id): self.of(field.annotation)
            for owner in ast.walk(tree)
            if isinstance(owner, ast.ClassDef)
            for field in owner.body
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        }

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node begins and ends, in bytes."""
        start = self._lines[node.lineno - 1] + node.col_offset
        return start, self._lines[node.end_lineno - 1] + node.end_col_offset

    def of(self, node: ast.AST) -> str:
        """Return a node's text."""
        start, end = self.span(node)
        return self.text[start:end].decode()

    def exchanged(self, node: ast.AST, first: ast.AST, second: ast.AST) -> str:
        """Return a node's text with two of its parts exchanged, of which `first` comes first."""
        (start, end), (a, b), (c, d) = map(self.span, (node, first, second))
        parts = (start, a), (c, d), (b, c), (a, b), (d, end)
        return b"".join(self.text[slice(*part)] for part in parts).decode()

    def kind(self, owner: str, field: str) -> str | None:
        """Return the type of a field of a struct, event or class of this file."""
        kind = self._kinds.get((owner, field))
        return kind and kind.removeprefix("indexed(").removesuffix(")")

    def decorators(self) -> set[str]:
        """Return what stands above the function."""
        return {self.of(word) for word in self.function.decorator_list} if self.function else set()

    def operand(self, node: ast.AST) -> str:
        """Return a node's text as a part of an expression."""
        return self.of(node) if isinstance(node, SIMPLE) else f"({self.of(node)})"


def without_a_statement(node: ast.AST, place: Place) -> Iterator[str]:
    """A check, a write, an event, a call for its effect, or the end of a loop is taken out."""
    if isinstance(node, ast.Assert | ast.AugAssign | ast.Break | ast.Continue):
        yield "pass"
    if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
        yield "pass"
    if isinstance(node, ast.Assign) and place.function:
        target = node.targets[0]
        is_new = isinstance(target, ast.Name | ast.Tuple) and not place.is_vyper
        if not is_new and not place.of(target).isupper():  # an immutable must be set
            yield "pass"


def without_a_condition(node: ast.AST, place: Place) -> Iterator[str]:
    """A branch is never taken, or always; of a choice, only one side is left."""
    if isinstance(place.above, ast.If) and node is place.above.test:
        yield "False"
        if not isinstance(place.above.body[-1], ast.Raise):
            yield "True"
    if isinstance(node, ast.IfExp):
        yield f"({place.of(node.body)})"
        yield f"({place.of(node.orelse)})"


def without_a_part(node: ast.AST, place: Place) -> Iterator[str]:
    """Of several conditions, or of several choices after `in`, one is missing."""
    if isinstance(node, ast.BoolOp):
        word = " and " if isinstance(node.op, ast.And) else " or "
        for missing in node.values:
            left = [place.operand(value) for value in node.values if value is not missing]
            yield f"({word.join(left)})" if len(left) > 1 else left[0]
    if isinstance(node, ast.Compare) and len(node.ops) > 1:
        parts = [node.left, *node.comparators]
        for number, op in enumerate(node.ops):
            sides = map(place.operand, parts[number : number + 2])
            yield f"({f' {WORDS[type(op)]} '.join(sides)})"
    is_choice = isinstance(node, ast.Set | ast.Tuple) and len(node.elts) > 1
    if is_choice and isinstance(place.above, ast.Compare):
        for missing in node.elts:
            left = [place.of(choice) for choice in node.elts if choice is not missing]
            yield f"({', '.join(left)},)"


def another_comparison(node: ast.AST, place: Place) -> Iterator[str]:
    """A bound is moved by one; an equality is turned, and in a check half of it is left."""
    if not isinstance(node, ast.Compare):
        return
    decides = isinstance(place.above, ast.If | ast.BoolOp | ast.Return | ast.Assert)
    checks = isinstance(place.above, ast.Assert) or _is_require(place.above)
    parts = [place.operand(part) for part in (node.left, *node.comparators)]
    for number, op in enumerate(node.ops):
        others = [MOVED[type(op)]] if type(op) in MOVED else []
        if type(op) in TURNED and not decides and not checks:
            others = [TURNED[type(op)]]
        if isinstance(op, ast.Eq) and checks and parts[-1] != "0":
            others = [">=", "<="]
        for other in others:
            words = [WORDS[type(each)] for each in node.ops]
            words[number] = other
            rest = zip(words, parts[1:], strict=True)
            yield f"({parts[0]} {' '.join(f'{word} {part}' for word, part in rest)})"


def another_operation(node: ast.AST, place: Place) -> Iterator[str]:
    """An operator is exchanged for its opposite, a division rounds up, a minus is missing.

    Of the least or the most of several, one is taken whichever it is.
    """
    if isinstance(node, ast.BinOp) and (place.function or not is_number(node)):
        left, right = place.operand(node.left), place.operand(node.right)
        sets = isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.BitXor)
        if (
            type(node.op) in OPERATORS and not sets
        ):  # a ^ b ^ c takes bits out, then puts some there
            yield f"({left} {OPERATORS[type(node.op)]} {right})"
        if isinstance(node.op, ast.FloorDiv):
            yield f"(({left} + {right} - 1) // {right})"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        given = ", ".join(place.of(argument) for argument in node.args)
        if node.func.id in CALLS:
            yield f"{CALLS[node.func.id]}({given})"
        if node.func.id in {"min", "max"} and len(node.args) > 1 and not node.keywords:
            plain = [each for each in node.args if not isinstance(each, ast.Starred)]
            yield from map(place.operand, plain)
        if node.func.id == "unsafe_div":
            left, right = map(place.of, node.args)
            yield f"unsafe_div(unsafe_add({left}, unsafe_sub({right}, 1)), {right})"
    is_minus = isinstance(node, ast.UnaryOp) and place.of(node).startswith("-")
    if is_minus and not isinstance(node.operand, ast.Constant):
        yield place.operand(node.operand)


def another_number(node: ast.AST, place: Place) -> Iterator[str]:
    """A named number is one more or one less, any other one more; a truth is turned."""
    told = isinstance(node, ast.Constant) and not isinstance(place.above, ast.Compare | ast.Return)
    if told and place.function and type(node.value) is bool:
        yield str(not node.value)
    if told and place.function and type(node.value) is int:
        text = place.of(node)  # hexadecimal Vyper is bytes, of a length that must stay
        is_hex = text.startswith("0x")
        yield f"0x{node.value + 1:0{len(text) - 2}x}" if is_hex else str(node.value + 1)
    named = isinstance(place.above, ast.AnnAssign | ast.Assign) and not place.function
    if named and is_number(node):
        yield f"{place.operand(node)} + 1"
        yield f"{place.operand(node)} - 1"


def is_number(node: ast.AST) -> bool:
    """Return whether an expression is made of numbers alone: one change to it is enough."""
    if isinstance(node, ast.BinOp):
        return is_number(node.left) and is_number(node.right)
    return isinstance(node, ast.Constant) and type(node.value) is int


def another_answer(node: ast.AST, place: Place) -> Iterator[str]:
    """What a function returns is turned, one more, or (in Vyper) empty.

    What is internal in Vyper is computed by other lines that the rules break.
    """
    if not isinstance(place.above, ast.Return) or place.function is None:
        return
    if place.is_vyper and "external" not in place.decorators():
        return
    kind = place.of(place.function.returns) if place.function.returns else "None"
    if kind == "bool":
        yield f"not {place.operand(node)}"
    elif kind in NUMBERS:
        yield f"{place.operand(node)} + 1"
    elif place.is_vyper and not kind.startswith("("):
        yield f"empty({kind})"


def another_argument(node: ast.AST, place: Place) -> Iterator[str]:
    """Two neighbours among named arguments are exchanged; who sent the transaction has called."""
    if place.is_vyper and isinstance(node, ast.Attribute) and place.of(node) == "msg.sender":
        yield "tx.origin"
    if isinstance(node, ast.Call):
        for first, second in pairwise(node.keywords):
            kinds = {place.kind(place.of(node.func), str(k.arg)) for k in (first, second)}
            same = place.of(first.value) == place.of(second.value)
            if same or len(kinds) > 1 or (place.is_vyper and kinds == {None}):
                continue
            yield place.exchanged(node, first.value, second.value)


def another_decorator(node: ast.AST, place: Place) -> Iterator[str]:
    """An external function that changes something is without its lock, or takes coin."""
    is_external = isinstance(place.above, ast.FunctionDef) and place.of(node) == "external"
    words = place.decorators()
    if place.is_vyper and is_external and not words & {"view", "pure"}:
        if "reentrant" not in words and b"#pragma nonreentrancy on" in place.text:
            yield "external\n@reentrant"
        if "payable" not in words:
            yield "external\n@payable"


def _is_require(node: ast.AST) -> bool:
    named = node.func if isinstance(node, ast.Call) else None
    name = named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", "")
    return name in {"require", "_require"}


RULES: tuple[Rule, ...] = (
    without_a_statement, without_a_condition, without_a_part, another_comparison,
    another_operation, another_number, another_answer, another_argument, another_decorator,
)  # fmt: skip
