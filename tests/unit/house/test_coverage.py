"""The script that counts the contracts' branches tells those that some tests reached."""

import re
import subprocess
import sys


def test_the_branches_that_a_file_of_tests_reaches_are_counted(root):
    command = [sys.executable, "scripts/cover_contracts.py", "tests/contracts/unit/test_factory.py"]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=120, check=False
    )
    figures = dict(re.findall(r"^(\S+\.vy) +(\d+ +\d+)$", done.stdout, re.MULTILINE))
    reached, branches = figures["ModelFactory.vy"].split()
    assert reached == branches == "5"
    assert figures["stewards.vy"].split()[0] == "0"
    assert "never reached: if word & RIGHT != 0:" in done.stdout
    assert done.returncode == 1
