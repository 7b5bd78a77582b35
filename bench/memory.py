"""PyTorch's memory for a workload: by how much a fresh process grows, at most, in five steps.

    python bench/memory.py cnn    (Linux only; prints bytes)

Weights, optimizer, batches and activations count; the library itself does not, and has run before.
"""

import subprocess
import sys
from pathlib import Path

from engines.pytorch import Torch
from workloads import WORKLOADS, Step

STEPS = 5
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def torch_bytes(workload: str) -> int | None:
    """Return what a child measures; None where there is no /proc."""
    if not RESET.exists():
        return None
    command = [sys.executable, __file__, workload]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: PyTorch's memory: {done.stderr.strip()[-300:]}")
    return int(done.stdout)


def main(workload: str) -> None:
    """Print the bytes."""
    Torch.prepare()
    other = "lstm" if workload == "mlp" else "mlp"
    _train(WORKLOADS[other].torch_step())  # what the library itself takes comes now
    before = _kilobytes("VmRSS")
    RESET.write_text("5")  # the peak begins anew
    _train(WORKLOADS[workload].torch_step())
    print((_kilobytes("VmHWM") - before) * 1024)


def _train(step: Step) -> None:
    for _ in range(STEPS):
        step()


def _kilobytes(name: str) -> int:
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main(sys.argv[1])
