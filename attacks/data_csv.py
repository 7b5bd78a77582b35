"""A table hides cells in rows of odd lengths, in quotes that never end, or in numbers of a kind."""

from frame import refusal, run

from delea.errors import DatasetError, DeleaError
from delea.importers.data import make_dataset, parse_rule
from delea.importers.data.tables import pick, read_csv

TRICKS = {
    "a row of more cells": b"a,b\n1,2\n3,4,5\n",
    "a quote without an end": b'a,b\n1,"2\n3,4\n',
    "a name twice": b"a,a\n1,2\n",
    "a line of two megabytes": b"a,b\n" + b"1" * (2 << 20) + b",2\n",
    "a zero byte": b"a,b\n1,2\x00\n",
    "bytes that are no text": b"a,b\n\xff\xfe,2\n",
}
NUMBERS = {"not a number": b"nan", "infinity": b"1e999", "a number of Python's alone": b"1_000"}


def attack() -> str:
    """Try, and say why it failed."""
    told = [refusal(lambda data=data: read_csv(data), DeleaError) for data in TRICKS.values()]
    for cell in NUMBERS.values():
        rows = b"a,b\n1,2\n" + cell + b",3\n"
        told.append(
            refusal(
                lambda data=rows: make_dataset(pick(read_csv(data), ["b"]), parse_rule("none")),
                DatasetError,
            )
        )
    return f"all rows have as many plain cells, all finite; {told[0]}; {told[-1]}"


if __name__ == "__main__":
    run(attack)
