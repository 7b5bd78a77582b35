"""A dataset says that it has four billion rows, or fewer bytes than rows."""

from frame import refusal, run
from victim import artifact

from delea.errors import DatasetError
from delea.runtime import Sandbox


def attack() -> str:
    """Try, and say why it failed."""
    files = artifact()
    told = ""
    with Sandbox(files.module) as sandbox:
        for rows in (0, 1, 16, 17, 1 << 31, (1 << 32) - 1):
            dataset = rows.to_bytes(4, "little") + bytes(4) + bytes(24)
            told = refusal(lambda data=dataset: sandbox.load_dataset(data), DatasetError)
        for length in range(len(files.dataset)):
            cut = files.dataset[:length]
            refusal(lambda data=cut: sandbox.load_dataset(data), DatasetError)
    return f"rows and bytes must agree, with each other and with the manifest; {told}"


if __name__ == "__main__":
    run(attack)
