"""The command line: parse, call one role, print."""


def main() -> None:
    """Run `delea` with the arguments of this process and exit with its code."""
    import signal
    import sys

    # A shell without job control starts its background jobs with Ctrl-C ignored: heed it anyway.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from delea.cli.entry import run

    raise SystemExit(run(sys.argv[1:]))
