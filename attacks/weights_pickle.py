"""A checkpoint of PyTorch's is a program: it runs a command as soon as somebody loads it."""

import io
import os
import pickle
import tempfile
import zipfile
from pathlib import Path

from frame import SucceededError, refusal, run

from delea.errors import MalformedError
from delea.importers.checkpoint import read_checkpoint


class Trap:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Say how to make one: by a call."""
        return os.system, (f"touch {self.mark}",)


def attack() -> str:
    """Try, and say why it failed."""
    with tempfile.TemporaryDirectory() as folder:
        mark = Path(folder) / "mark"
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as out:
            out.writestr("model/data.pkl", pickle.dumps({"weight": Trap(str(mark))}, protocol=2))
            out.writestr("model/version", "3\n")
        told = refusal(lambda: read_checkpoint(file.getvalue()), MalformedError)
        if mark.exists():
            raise SucceededError("the command was run")
    return f"a pickle is read as data, by an allow-list of opcodes and names; {told}"


if __name__ == "__main__":
    run(attack)
