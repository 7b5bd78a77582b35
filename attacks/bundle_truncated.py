"""A .delea file ends early, or goes on."""

from frame import refusal, run
from victim import artifact

from delea.errors import RefusedError
from delea.store import pack, unpack


def attack() -> str:
    """Try, and say why it failed."""
    packed = pack(artifact())
    told = ""
    for length in range(len(packed)):
        cut = packed[:length]
        told = refusal(lambda data=cut: unpack(data), RefusedError)
    refusal(lambda: unpack(packed + packed[-40:]), RefusedError)
    return f"the root names what must be there, and nothing else may be; {told}"


if __name__ == "__main__":
    run(attack)
