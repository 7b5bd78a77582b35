"""Philox against the known answers that Random123 publishes, and rows drawn from it."""

import numpy as np
import pytest

from delea.graph import draw_rows
from delea.graph.philox import philox

ONES = 0xFFFFFFFF
KNOWN = [  # Random123 1.14, kat_vectors: philox4x32 10 rounds: counter, key, words
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_philox_gives_the_published_words(counter, key, words):
    assert philox(np.array([counter], np.uint32), key).tolist() == [list(words)]


def test_counters_are_independent_of_each_other():
    counters = np.array([counter for counter, _, _ in KNOWN], np.uint32)
    together = philox(counters, (5, 6))
    assert [philox(one[None], (5, 6))[0].tolist() for one in counters] == together.tolist()


def test_a_batch_of_all_rows_is_all_rows_in_order():
    assert draw_rows(bytes(32), 3, 5, 5).tolist() == [0, 1, 2, 3, 4]


def test_rows_are_the_high_words_of_the_draws_times_the_rows():
    # seed 0, step 0: the first published words; 0x6627e8d5 * 1000 >> 32 = 399, ...
    assert draw_rows(bytes(32), 0, 4, 1000).tolist() == [399, 880, 735, 605]


def test_the_seed_and_the_step_lie_in_key_and_counter_as_the_format_says():
    counter, key, _ = KNOWN[2]
    seed = b"".join(part.to_bytes(4, "little") for part in (*key, counter[2], counter[3]))
    rows = draw_rows(seed + bytes(16), counter[0], 8, 1 << 31)
    second_draw = philox(np.array([(counter[0], 1, *counter[2:])], np.uint32), key)[0] >> 1
    assert rows[4:].tolist() == second_draw.tolist()


def test_only_the_first_sixteen_bytes_of_the_seed_are_drawn_from():
    first = bytes(range(16))
    assert (draw_rows(first + b"a" * 16, 1, 9, 50) == draw_rows(first + b"b" * 16, 1, 9, 50)).all()


def test_the_step_counts_by_its_low_32_bits():
    assert (draw_rows(bytes(32), 7, 9, 50) == draw_rows(bytes(32), (1 << 32) + 7, 9, 50)).all()


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 5, 64])
def test_a_smaller_batch_is_the_start_of_a_larger_one(batch):
    assert draw_rows(b"s" * 32, 2, 65, 1000)[:batch].tolist() == (
        draw_rows(b"s" * 32, 2, batch, 1000).tolist()
    )


def test_every_row_below_the_number_of_rows_is_drawn_sometimes():
    assert set(draw_rows(b"t" * 32, 0, 400, 7).tolist()) == set(range(7))
