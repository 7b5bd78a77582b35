"""A module takes minutes and gigabytes to compile, though no instruction of it ever runs."""

from bombs import BOMBS, LARGER, explode
from frame import SucceededError, run

SECONDS, MIB = 5, 768
"""What the check and the compilation of any module may take: seconds of CPU, and memory."""


def attack() -> str:
    """Try, and say why it failed."""
    refused = [explode(name, LARGER) for name in BOMBS]
    if not all(end.told and not end.cpu_s for end in refused):
        raise SucceededError("a bomb eight times too large came past the check")
    ends = [explode(name, 1) for name in BOMBS]
    dearest = max(end.check_s + end.cpu_s for end in ends)
    peak = max(end.peak_mib for end in ends)
    if dearest > SECONDS or peak > MIB:
        raise SucceededError(f"a legal module took {dearest:.1f} s of CPU, or one {peak} MiB")
    return (
        f"code is capped, and compiled in a child with limits: {len(refused)} bombs are refused in"
        f" {max(end.check_s for end in refused):.2f} s at most; of {len(ends)} as large as the"
        f" rules allow none takes more than {dearest:.1f} s of CPU, none more than {peak} MiB"
    )


if __name__ == "__main__":
    run(attack)
