"""The command line: parse, call one role, print."""


def main() -> None:
    """Run `delea` with the arguments of this process and exit with its code."""
    import sys

    from delea.cli.entry import run

    raise SystemExit(run(sys.argv[1:]))
