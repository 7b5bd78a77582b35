"""Text is sent instead of a binary, for tools that would compile it all the same."""

from frame import refusal, run

from delea.errors import MalformedError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    told = refusal(lambda: check_module(b"(module)"), MalformedError)
    return f"what does not start as a binary is no module; {told}"


if __name__ == "__main__":
    run(attack)
