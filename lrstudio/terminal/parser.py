"""The options of a command."""

from __future__ import annotations

from lrstudio.core.language import LANGUAGES, tr
from lrstudio.engine.argument_parser import Parser


class CommandParser(Parser):
    """Names --lang, which `cli.main` reads before the command does."""

    def __init__(self, *, prog: str, description: str) -> None:
        super().__init__(prog=prog, description=description)
        self.add_argument("--lang", choices=LANGUAGES, help=tr("the language, by default the system's"))
