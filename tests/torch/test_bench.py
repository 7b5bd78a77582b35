"""The benchmark of imports runs and says what it timed."""

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench"


def test_imports_and_refusals_are_timed():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(BENCH / "importing.py"), "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [row["kind"] for row in rows] == ["import"] * 4 + ["refusal"] * 8
    assert all(row["ms_best"] >= 0 for row in rows)
    assert "of 5.1M parameters" in rows[0]["what"]
