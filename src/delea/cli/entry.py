"""Run one command: every outcome becomes an exit code, every fault one line.

0 ok, 1 refused, 2 usage, 3 unreachable, 70 a bug of ours, 130 Ctrl-C.
"""

import json
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

from typer.exceptions import Exit, TyperException
from typer.main import get_command

from delea.cli.app import make_app
from delea.cli.output import printable
from delea.cli.streams import discard, watched_streams
from delea.errors import DeleaError, StreamError

BUG = 70
INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Run `delea ARGUMENTS` and return its exit code."""
    with watched_streams():
        try:
            return _run(arguments)
        except BrokenPipeError:  # nobody reads any more, as in `delea status ... | head -1`
            discard(sys.stdout)
            return 1


def _run(arguments: Sequence[str]) -> int:
    try:
        return _invoke(arguments)
    except TyperException as fault:
        kind, message, code = "UsageError", fault.format_message(), fault.exit_code
    except DeleaError as fault:
        kind, message, code = type(fault).__name__, str(fault), fault.exit_code
    except KeyboardInterrupt:
        kind, message, code = "Interrupted", "interrupted", INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as fault:  # noqa: BLE001  # the last line of defence: one line, not a trace
        reason = " ".join(f"{type(fault).__name__} {fault}".split())[:200]
        hint = "please report it" if _is_debugging() else "set DELEA_DEBUG=1 to see where"
        kind, message, code = "Bug", f"a bug of Delea: {reason} ({hint})", BUG
    _complain(kind, message, as_json="--json" in arguments)
    return code


def _invoke(arguments: Sequence[str]) -> int:
    command = get_command(make_app())
    try:
        with command.make_context("delea", list(arguments) or ["--help"]) as context:
            return command.invoke(context) or 0
    except Exit as end:  # after --help
        return end.exit_code
    except Exception:
        if _is_debugging():
            traceback.print_exc()
        raise


def _complain(kind: str, message: str, *, as_json: bool) -> None:
    """Say in one line what went wrong, and with `--json` in one object on standard output too."""
    message = printable(" ".join(message.split()))
    with suppress(StreamError):
        if as_json:
            print(json.dumps({"error": {"type": kind, "message": message}}), flush=True)  # noqa: T201
    with suppress(StreamError):
        print(f"delea: {message}", file=sys.stderr, flush=True)  # noqa: T201


def _is_debugging() -> bool:
    return os.environ.get("DELEA_DEBUG", "") not in {"", "0"}
