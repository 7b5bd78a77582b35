"""Why a contract refused: the short string that it reverted with."""

from typing import Any

from delea.chain.codec import decode_values
from delea.errors import MalformedError

NO_REASON = "no reason given"
_ERROR = "0x08c379a0"  # Error(string)
_PANIC = "0x4e487b71"  # Panic(uint256)
_PREFIX = "execution reverted: "
_MAX_REASON = 200


def reason_of(data: object, message: str = "") -> str:
    """Return the reason held in revert data, or else in the node's message, as one line."""
    if isinstance(data, dict):  # some nodes wrap it
        data = data.get("data")
    reason = _decoded(data) if isinstance(data, str) else None
    if reason is None and message.startswith(_PREFIX):
        reason = message.removeprefix(_PREFIX)
    return " ".join((reason or "").split())[:_MAX_REASON] or NO_REASON


def _decoded(data: str) -> str | None:
    try:
        if data.startswith(_ERROR):
            return str(_first("string", data))
        if data.startswith(_PANIC):
            return f"panic {_first('uint256', data)}"
    except (MalformedError, ValueError):
        pass  # not what its selector says
    return None


def _first(kind: str, data: str) -> Any:
    return decode_values([kind], bytes.fromhex(data[10:]))[0]
