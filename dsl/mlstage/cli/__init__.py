"""The command line: each command is one file that parses, calls one function and prints."""

from mlstage.cli.main import main

__all__ = ["main"]
