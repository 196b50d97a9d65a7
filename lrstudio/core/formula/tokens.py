"""Splits a formula into tokens: numbers, names and signs with their columns."""

from __future__ import annotations

import re

from lrstudio.core.formula.remedies import unfit
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass

_TOKEN = re.compile(
    r"[ \t]*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|[-+*/^()<>,=])|(?P<end>\Z)|(?P<bad>.))",
    re.ASCII | re.DOTALL,
)


class FormulaError(ValueError):
    """A formula that cannot be parsed; has the position (line, column from 1) and the remedy."""

    def __init__(self, message: str, column: int, line: int | None = None) -> None:
        if line is None:
            super().__init__(tr("column {column}: {message}", column=column, message=message))
        else:
            super().__init__(tr("line {line}, column {column}: {message}", line=line, column=column, message=message))
        self.message, self.column, self.line = message, column, line


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    column: int


def tokens_of(text: str) -> list[Token]:
    tokens = []
    position = 0
    while True:
        match = _TOKEN.match(text, position)
        assert match is not None and match.lastgroup is not None
        kind, column = match.lastgroup, match.start(match.lastgroup) + 1
        if kind == "bad":
            raise FormulaError(unfit(match[kind]), column)
        tokens.append(Token(kind, match[kind], column))
        if kind == "end":
            return tokens
        position = match.end()
