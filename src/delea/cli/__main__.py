"""`python -m delea.cli` is `delea`."""

from delea.cli import main

main()
