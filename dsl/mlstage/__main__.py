"""`python -m mlstage`: the command line, where the console script is not on PATH."""

from mlstage.cli import main

main()
