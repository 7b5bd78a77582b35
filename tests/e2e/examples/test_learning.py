"""The larger examples learn what they say they learn."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def output(name: str) -> str:
    """Return what an example prints."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / f"{name}.py")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_convolutional_network_reads_98_of_100_unseen_digits():
    accuracy = re.fullmatch(r"loss .*, test accuracy (\d\.\d+)\n", output("digits_cnn"))[1]
    assert float(accuracy) >= 0.98


def test_the_gpt_guesses_far_better_than_letter_counts_and_writes_words():
    first, text = output("char_gpt").split("\n", 1)
    loss, entropy = re.fullmatch(r"loss \S+ -> (\S+), letters alone (\S+)", first).groups()
    assert float(loss) < 0.6 * float(entropy)
    assert text.startswith("The model ")
    assert len(text.rstrip("\n")) == 210
    assert len(re.findall(r"\bthe\b", text)) >= 1
