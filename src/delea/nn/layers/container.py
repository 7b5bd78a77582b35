"""Modules that hold modules."""

from collections.abc import Iterable, Iterator

from delea.errors import DtypeError
from delea.nn.module import Module
from delea.nn.tensor import Tensor


class ModuleList(Module):
    """Modules to index and to loop over; their parameters are named `0.weight`, `1.bias`, ..."""

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        for module in modules:
            self.append(module)

    def append(self, module: object) -> None:
        """Add a module at the end."""
        number = len(self)
        if not isinstance(module, Module):
            kind = type(module).__name__
            raise DtypeError(f"{type(self).__name__} needs modules, got {kind} as number {number}")
        setattr(self, str(number), module)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __iter__(self) -> Iterator[Module]:
        for _, part in self.children():
            if isinstance(part, Module):
                yield part

    def __getitem__(self, number: int) -> Module:
        return list(self)[number]


class Sequential(ModuleList):
    """One module after the other; their parameters are named `0.weight`, `2.bias`, ..."""

    def __init__(self, *modules: Module) -> None:
        super().__init__(modules)

    def forward(self, x: Tensor) -> Tensor:
        """Apply every module in order."""
        for part in self:
            x = part(x)
        return x
