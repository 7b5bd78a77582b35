"""The model contract over again in Python: same rules, same integers, same reasons.

Pure: who calls, with how much native coin, and when, are arguments. Tests run it beside the
contract, clients forecast with it. It keeps to the wording of the rules (it walks rivals and
ancestors, remembers every balance, ranks every holder) where the contract keeps a counter, a flag
or a roster, so that either can prove the other wrong.
"""

from delea.protocol.twin.ledger import INFINITE, NOBODY
from delea.protocol.twin.rollback import Twin, TwinProposal
from delea.protocol.twin.split import MAX_PARTS, MIN_PARTS, TwinSplit
from delea.protocol.twin.tree import TwinGame, TwinVersion

__all__ = [
    "INFINITE",
    "MAX_PARTS",
    "MIN_PARTS",
    "NOBODY",
    "Twin",
    "TwinGame",
    "TwinProposal",
    "TwinSplit",
    "TwinVersion",
]
