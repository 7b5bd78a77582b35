"""Which versions still wait for their end, without reading all that were ever decided."""

from collections.abc import Callable, Iterable

from delea.protocol.version import Version
from delea.roles.session import Place

PATIENCE = 2
"""For how many times the longest case, challenge and verdict, any version is still looked for."""


def find_waiting(place: Place, also: Iterable[int] = ()) -> list[Version]:
    """Return live versions by id: all above the head, all that are young, and what `also` names.

    What those in `also` stand on or come after is included: they settle or are void first. Left out
    is what has waited long on a line that was rolled back, or on what is dead: it concerns those
    who claimed it alone, and they can name it.
    """
    model = place.model
    young = PATIENCE * model.terms.longest_case
    known = {one.id: one for one in model.versions_after(place.chain.now() - young)}

    def read(at: int) -> Version:
        if at not in known:
            known[at] = model.version(at)
        return known[at]

    _read_above(read, read(model.head()))
    for at in also:
        _read_before(read, read(at))
    return [known[at] for at in sorted(known) if known[at].status.is_live]


def _read_above(read: Callable[[int], Version], parent: Version) -> None:
    """Read the live versions above one, and what stands beside them."""
    parents = [parent]
    while parents:
        at = parents.pop().child
        while at is not None:
            child = read(at)
            if child.status.is_live:
                parents.append(child)
            at = child.rival


def _read_before(read: Callable[[int], Version], version: Version) -> None:
    """Read the live versions that must end before one does: parents and rivals."""
    ahead, seen = [version], set()
    while ahead:
        version = ahead.pop()
        if version.id in seen or not version.status.is_live:
            continue
        seen.add(version.id)
        ahead.append(read(version.parent))
        at = version.rival
        while at is not None:
            rival = read(at)
            ahead.append(rival)
            at = rival.rival
