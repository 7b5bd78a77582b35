"""How many updates one claim may hold, by the time that checking it takes."""

from fractions import Fraction

import pytest

from delea.protocol.terms import checkable_updates


@pytest.mark.parametrize(
    ("window", "seconds", "updates"),
    [
        (86_400, 60, 90),  # 5,400 s are a sixteenth
        (86_400, 60.5, 89),
        (86_400, Fraction(60_001, 1_000), 89),
        (16, 1, 1),
        (15, 1, 0),
        (1, Fraction(1, 10**6), 62_500),
        (1, 0, 62_500),  # too fast to be measured: a microsecond
        (1, Fraction(1, 10**7), 62_500),
        (1, Fraction(2, 10**6), 31_250),
        (16, Fraction(11, 10**7), 909_090),
    ],
)
def test_a_claim_can_be_run_again_sixteen_times_within_the_window(window, seconds, updates):
    assert checkable_updates(window, seconds) == updates
