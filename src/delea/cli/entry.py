"""Run one command: every outcome becomes an exit code, every fault one line.

0 ok, 1 refused, 2 usage, 3 unreachable, 70 a bug of ours, 130 Ctrl-C.
"""

import json
import os
import sys
import traceback
from collections.abc import Sequence

from typer.exceptions import Abort, TyperException
from typer.main import get_command

from delea.cli.app import make_app
from delea.errors import DeleaError

BUG = 70
INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Run `delea ARGUMENTS` and return its exit code."""
    as_json = "--json" in arguments
    try:
        command = get_command(make_app())
        code = command.main(list(arguments) or ["--help"], "delea", standalone_mode=False)
        return int(code or 0)
    except TyperException as fault:
        return _fail("UsageError", fault.format_message(), fault.exit_code, as_json=as_json)
    except DeleaError as fault:
        return _fail(type(fault).__name__, str(fault), fault.exit_code, as_json=as_json)
    except (Abort, KeyboardInterrupt):
        return _fail("Interrupted", "interrupted", INTERRUPTED, as_json=as_json)
    except Exception as fault:  # noqa: BLE001  # the last line of defence: one line, not a trace
        reason = " ".join(f"{type(fault).__name__} {fault}".split())[:200]
        hint = "set DELEA_DEBUG=1 to see where" if not _is_debugging() else "please report it"
        return _fail("Bug", f"a bug of Delea: {reason} ({hint})", BUG, as_json=as_json)


def _fail(kind: str, message: str, code: int, *, as_json: bool) -> int:
    """Say in one line what went wrong, and with `--json` in one object on standard output too."""
    if _is_debugging():
        traceback.print_exc()
    message = " ".join(message.split())
    if as_json:
        print(json.dumps({"error": {"type": kind, "message": message}}))  # noqa: T201
    print(f"delea: {message}", file=sys.stderr)  # noqa: T201
    return code


def _is_debugging() -> bool:
    return os.environ.get("DELEA_DEBUG", "") not in {"", "0"}
