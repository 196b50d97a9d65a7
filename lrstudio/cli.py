"""The fixed door for other programs: `lrstudio.cli.main(argv)` returns the exit code."""

from lrstudio.terminal.cli import main

__all__ = ["main"]
