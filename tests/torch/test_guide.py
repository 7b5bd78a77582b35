"""Every command of the guide runs, and so does the example that it shows."""

import re
import subprocess
import sys
from pathlib import Path

from delea.chain import Anvil

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide" / "bring-your-model.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "from_torch.py"


def test_the_guide_shows_the_network_of_the_example():
    (shown,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    code = EXAMPLE.read_text(encoding="utf-8").replace("  # type: ignore[misc]", "").splitlines()
    for line in filter(None, shown.splitlines()):
        assert line in code


def test_the_guide_names_the_range_of_the_extra():
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (wanted,) = re.findall(r"^pip install '(torch.*)'$", GUIDE, re.MULTILINE)
    assert f'torch = ["{wanted}"]' in pyproject


def test_the_commands_of_the_guide_run_in_order(tmp_path, run_blocks):
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    assert "pip install" in blocks[0]  # which ran before these tests
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    with Anvil() as anvil:
        run_blocks(blocks[1:], tmp_path, seconds=400, DELEA_RPC=anvil.url)
    card = (tmp_path / "digits.md").read_text(encoding="utf-8")
    assert card.startswith("# Digits (DIG)\n")
    assert "| version | 1 (" in card


def test_the_example_trains_a_network_that_pytorch_uses():
    done = subprocess.run(
        [sys.executable, str(EXAMPLE)], capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stderr
    found = re.fullmatch(r"loss (\S+) -> (\S+), in PyTorch (\S+) right\n", done.stdout)
    assert float(found[2]) < float(found[1]) / 10
    assert float(found[3]) >= 0.97
