"""Philox4x32-10 and the drawing of a batch: the definition that the module's own must equal.

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
WORDS = 4
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def philox(counters: NDArray[Any], key: tuple[int, int]) -> NDArray[Any]:
    """Return four 32-bit words for each counter of four: (n, 4) uint32 -> (n, 4) uint32."""
    c0, c1, c2, c3 = (counters[:, i].astype(np.uint64) for i in range(WORDS))
    k0, k1 = key
    for _ in range(ROUNDS):
        left, right = np.uint64(MULTIPLIERS[0]) * c0, np.uint64(MULTIPLIERS[1]) * c2
        c0, c1, c2, c3 = (
            (right >> HALF) ^ c1 ^ np.uint64(k0),
            right & LOW,
            (left >> HALF) ^ c3 ^ np.uint64(k1),
            left & LOW,
        )
        k0, k1 = (k0 + WEYL[0]) & 0xFFFFFFFF, (k1 + WEYL[1]) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=1).astype(np.uint32)


def uniform(header: NDArray[Any], draw: int, count: int) -> NDArray[Any]:
    """Return `count` float32 in [0, 1) of the draws from number `draw` on: word i % 4 of i // 4.

    `header` is the state's, ten words: s0, s1, s2, s3 and the step, low word first.
    """
    words = np.ascontiguousarray(header).view(np.uint32)
    draws = -(-count // WORDS)
    counters = np.empty((draws, WORDS), dtype=np.uint32)
    counters[:, 0] = words[8]
    counters[:, 1] = draw + np.arange(draws)
    counters[:, 2:] = words[2:4]
    drawn = philox(counters, (int(words[0]), int(words[1]))).reshape(-1)[:count]
    return (drawn >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def draw_rows(seed: bytes, step: int, batch: int, rows: int) -> NDArray[Any]:
    """Return the dataset rows of one step's batch: (batch,) int64.

    All rows in order if the batch is the whole train part; else with replacement: word i % 4 of
    draw i // 4, times `rows`, its high word. Key = s0, counter = (step, draw, s1 low, s1 high).
    """
    if batch == rows:
        return np.arange(rows, dtype=np.int64)
    s0, s1 = (int.from_bytes(seed[at : at + 8], "little") for at in (0, 8))
    draws = -(-batch // WORDS)
    counters = np.empty((draws, WORDS), dtype=np.uint32)
    counters[:, 0] = step & 0xFFFFFFFF
    counters[:, 1] = np.arange(draws)
    counters[:, 2] = s1 & 0xFFFFFFFF
    counters[:, 3] = s1 >> 32
    words = philox(counters, (s0 & 0xFFFFFFFF, s0 >> 32)).reshape(-1)[:batch]
    return ((words.astype(np.uint64) * np.uint64(rows)) >> HALF).astype(np.int64)
