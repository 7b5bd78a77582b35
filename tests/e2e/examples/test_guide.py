"""Every command of the guide runs, in its order, on a chain of its own."""

import json
import re
from pathlib import Path

from delea.chain import Anvil
from delea.simulation import KINDS

ROOT = Path(__file__).parents[3]
PROFILE = (ROOT / "docs" / "guide" / "profile.md").read_text(encoding="utf-8")
TERMS = (ROOT / "docs" / "guide" / "choose-terms.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "guide" / "first-model.md").read_text(encoding="utf-8")
SETUP = 'make setup\nexport PATH="$PWD/.venv/bin:$PATH"\n'


def shell_blocks(text: str = GUIDE) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def test_the_guide_begins_with_the_set_up_that_ran_before_these_tests_and_a_chain():
    assert shell_blocks()[:2] == [SETUP, "delea chain\n"]


def test_the_guide_shows_the_network_of_the_example():
    (shown,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    example = (ROOT / "examples" / "sine.py").read_text(encoding="utf-8")
    for line in filter(None, shown.splitlines()):
        assert line in example.splitlines()


def test_the_commands_of_the_guide_run_in_order(tmp_path, run_blocks):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    with Anvil() as anvil:
        run_blocks(shell_blocks()[2:], tmp_path, DELEA_RPC=anvil.url)


def test_the_commands_of_the_guide_to_profiles_run_and_draw(tmp_path, run_blocks):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    printed = run_blocks(shell_blocks(PROFILE), tmp_path)
    assert printed.count("all kernels one by one") == 3
    assert (tmp_path / "sine-profile.png").is_file()


def test_the_commands_of_the_guide_to_terms_run_and_draw(tmp_path, run_blocks):
    run_blocks(shell_blocks(TERMS), tmp_path)
    assert (tmp_path / "life.png").is_file()
    found = json.loads((tmp_path / "life.json").read_text())
    assert (found["terms"]["horizon"], found["population"]["lazy"]) == (5_000, 4)


def test_the_guide_to_terms_names_every_warning_and_every_kind():
    source = (ROOT / "src" / "delea" / "simulation" / "advice.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'^ +"([a-z_]+)",$', source, re.MULTILINE))
    codes |= set(re.findall(r'Advice\("([a-z_]+)"', source)) | {"cheating_paid"}
    named = set(re.findall(r"`([a-z_]+)`", TERMS))
    assert len(codes) == 14
    assert codes <= named
    assert set(KINDS) <= named
