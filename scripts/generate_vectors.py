"""Write the golden vectors of the emission curve: integers as decimal strings.

`--check` compares instead of writing, and exits 1 with one line on a difference.
"""

import itertools
import json
import random

from written import ROOT, write_or_compare

from delea import curve
from delea.ids import Wei

PATH = ROOT / "vectors" / "curve.json"
RESERVES = (0, 1, 2, 10**18, 95 * 10**22, 2**112 - 1)
HORIZONS = (1, 64, 1_000_000, 2**48)
PER_UPDATE = (1, 100, 2**40)
RANDOM_CASES = 150
# found by search: here one unit of 2^-128, in an argument, a constant or a sum, changes the result
REWARD_TIES = (
    (2**112 - 1, 4_871_960, 3_613_389),
    (2**112 - 1, 3_233_802, 2_461_139),
    (2**112 - 1, 83_476, 4_150_025),
    (2**112 - 1, 933_767, 343_010),
    (2**112 - 1, 8_480_428, 2_950_510),
    (5_191_689_365_487_486_211_410_506_066_233_712, 1_838_745_086_039, 281_474_976_710_656),
    (5_191_891_894_861_746_463_993_504_533_568_402, 2, 1_000_000),
)
PRICE_TIES = (
    (2**112 - 1, 121_623_329, 250_875, 506),
    (2**112 - 1, 1_607_053_917, 3_507_029, 469),
    (2**112 - 1, 364_033_103, 3_462_689, 617),
    (
        5_191_200_770_923_449_927_732_607_455_917_353,
        888_466_724_986_743_088,
        1_099_511_627_776,
        1_048_576,
    ),
    (5_192_100_570_085_430_509_225_962_741_858_198, 22_631_791_168_587, 65, 1_099_511_627_776),
    (5_191_272_903_347_472_667_281_314_004_441_443, 37_682_363_938_112, 100, 1_099_511_627_776),
    (
        5_191_927_122_272_992_966_440_451_282_784_157,
        214_473_805_400_478_867_756_772_764,
        281_474_976_710_656,
        1_099_511_627_776,
    ),
    (
        5_192_053_485_298_025_717_231_752_721_012_798,
        417_072_973_607_532_348_766,
        882_465_659_373,
        1_027_278_245,
    ),
    (2_463_857_785_724_000_490_233_383_749_194_397, 60_152_400, 1_537_414, 128),
    (2_596_148_429_267_413_814_265_248_164_610_048, 1_697_551_240, 4_412_860, 844),
    (
        5_191_145_618_772_209_538_086_488_175_255_029,
        12_043_509_298_120_141_126,
        563_696_433_371,
        1_539_898_301,
    ),
)


def reward_arguments() -> list[tuple[int, int, int]]:
    """Return corners, then numbers spread over every magnitude: reserve, updates, horizon."""
    found = []
    for reserve, horizon in itertools.product(RESERVES, HORIZONS):
        counts = {0, 1, horizon // 64, horizon, 80 * horizon - 1, 80 * horizon, 2**256 - 1}
        found += [(reserve, updates, horizon) for updates in sorted(counts)]
    found += REWARD_TIES
    source = random.Random("delea/vectors/reward")
    for _ in range(RANDOM_CASES):
        horizon = source.randrange(1 << source.randrange(1, 49)) + 1
        updates = source.randrange(min(100 * horizon, 1 << source.randrange(1, 56)))
        found.append((source.randrange(1 << source.randrange(1, 113)), updates, horizon))
    return found


def price_arguments() -> list[tuple[int, int, int, int]]:
    """Return corners, then numbers spread wide: reserve, units, horizon, inferences_per_update."""
    found = []
    for reserve, horizon, per_update in itertools.product(RESERVES, HORIZONS, PER_UPDATE):
        counts = {1, per_update, horizon * per_update}
        found += [(reserve, units, horizon, per_update) for units in sorted(counts)]
    found += PRICE_TIES
    source = random.Random("delea/vectors/price")
    for _ in range(RANDOM_CASES):
        horizon = source.randrange(1 << source.randrange(1, 49)) + 1
        per_update = source.randrange(1 << source.randrange(1, 41)) + 1
        units = source.randrange(min(horizon * per_update, 1 << source.randrange(1, 89))) + 1
        reserve = source.randrange(1 << source.randrange(1, 113))
        found.append((reserve, units, horizon, per_update))
    return found


def vectors() -> dict[str, list[dict[str, str]]]:
    """Return every case by the name of its function."""
    return {
        "price": [
            {
                "reserve": str(reserve),
                "units": str(units),
                "horizon": str(horizon),
                "inferences_per_update": str(per_update),
                "price": str(curve.price(Wei(reserve), units, horizon, per_update)),
            }
            for reserve, units, horizon, per_update in price_arguments()
        ],
        "reward": [
            {
                "reserve": str(reserve),
                "updates": str(updates),
                "horizon": str(horizon),
                "reward": str(curve.reward(Wei(reserve), updates, horizon)),
            }
            for reserve, updates, horizon in reward_arguments()
        ],
    }


def text() -> str:
    """Return the whole file."""
    return json.dumps(vectors(), sort_keys=True, indent=1) + "\n"


def main() -> int:
    """Write or compare the file."""
    return write_or_compare(PATH, text, __doc__, "scripts/generate_vectors.py")


if __name__ == "__main__":
    raise SystemExit(main())
