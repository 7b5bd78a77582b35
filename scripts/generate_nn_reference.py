"""Write docs/reference/nn.md: every layer, function, loss and optimizer with its first line.

`--check` compares instead of writing, and exits 1 with one line on a difference.
"""

import inspect
from collections.abc import Iterator

from written import ROOT, write_or_compare

from delea import nn
from delea.graph import ops
from delea.nn import functional, layers, losses, optim
from delea.nn.tensor import Operators, Shaped

PATH = ROOT / "docs" / "reference" / "nn.md"
HEAD = """# Networks: `delea.nn`

Written by `scripts/generate_nn_reference.py` from the code itself.

Layers, losses and optimizers have PyTorch's names, arguments, defaults and names of parameters: a
state dict goes from one to the other (`load_state_dict`). Functions have its names, at times with
fewer arguments or others. What differs:

- A network is recorded, not run: a tensor has a shape and a type and no value, so `nn.where`
  chooses, not `if`. Loops and sizes are Python's and are unrolled.
- Arguments that are true or false go by name: `nn.Linear(3, 4, bias=False)`.
- Outside of training each row stands alone: a network whose rows change each other there is
  refused. The batch is the first axis of inputs and outputs; recurrent and attention layers want
  `batch_first=True` for it, False unless told as in PyTorch.
- Weight decay by groups is `AdamW(matrices_only=True)` or `no_decay=("bias",)`; clipping by the
  global norm is `clip_norm=`; a schedule stands in the place of `lr`.
- Inputs are float32, int32, or uint8 that the network widens by `.float()`; targets are float32, or
  int32 labels.

A fault is one line that names the layer:
`encoder.fc1: Linear on (10, 3): an input (batch, 4) expected, got (10, 3)`.
"""


def line(name: str, part: object) -> str:
    """Return one row of a list: a call and what it does."""
    given = inspect.signature(part)  # type: ignore[arg-type]
    bare = [each.replace(annotation=each.empty) for each in given.parameters.values()]
    told = [each for each in bare if each.name != "self"]
    call = given.replace(parameters=told, return_annotation=given.empty)
    text = (inspect.getdoc(part) or "").partition("\n\n")[0]
    return f"- `{name}{call}`: {' '.join(text.split())}"


def kinds(module: object, base: type) -> Iterator[tuple[str, type]]:
    """Yield the named classes of a module, by name."""
    for name, kind in sorted(vars(module).items()):
        named = isinstance(kind, type) and issubclass(kind, base) and kind.__name__ == name
        if named and kind is not base and getattr(kind, "name", "told"):
            yield name, kind


def methods() -> Iterator[tuple[str, object]]:
    """Yield the public methods of a tensor and of a parameter."""
    for name, part in sorted({**vars(Operators), **vars(Shaped)}.items()):
        if not name.startswith("_") and inspect.isfunction(part):
            yield name, part


def reference() -> str:
    """Return the whole page."""
    sections = {
        "Layers": [(name, getattr(layers, name)) for name in layers.__all__],
        "Functions": [(name, getattr(functional, name)) for name in functional.__all__],
        "Tensors": list(methods()),
        "Losses": list(kinds(losses, nn.Loss)),
        "Optimizers": list(kinds(optim, nn.Optimizer)),
        "Schedules": list(kinds(optim, nn.Schedule)),
        "Programs": [(k.__name__, k) for k in (nn.Program, nn.Dataset, nn.Parameter, nn.Buffer)],
    }
    parts = [HEAD]
    for title, items in sections.items():
        parts.append(f"## {title}\n\n" + "\n".join(line(*item) for item in items) + "\n")
    definitions = inspect.getdoc(ops) or ""
    parts.append(f"## What each operation of the graph computes\n\n```text\n{definitions}\n```\n")
    return "\n".join(parts)


def main() -> int:
    """Write or compare the file."""
    return write_or_compare(PATH, reference, __doc__, "scripts/generate_nn_reference.py")


if __name__ == "__main__":
    raise SystemExit(main())
