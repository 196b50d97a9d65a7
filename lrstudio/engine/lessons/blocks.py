"""Parses the front matter and the fenced blocks of a lesson into fields, each with its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass


class LessonError(ValueError):
    """A lesson that cannot be read; says file, line and what to do. `why` is the message without file and `line`."""

    def __init__(self, message: str, line: int = 1, why: str = "") -> None:
        super().__init__(message)
        self.line, self.why = line, why or message


@dataclass(frozen=True)
class Line:
    number: int
    text: str


@dataclass(frozen=True)
class Field:
    """A named value of a block; the text before the first name has the name "", an entry of a list "-"."""

    name: str
    value: str
    line: int


@dataclass(frozen=True)
class Block:
    """A fenced block: its kind, and its fields in their order."""

    kind: str
    line: int
    fields: tuple[Field, ...]


class Source:
    """The lines of a lesson's file, and errors that name it."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.lines = [Line(number, line.rstrip()) for number, line in enumerate(text.split("\n"), 1)]

    def fail(self, line: int, message: object) -> NoReturn:
        text = tr("{name}, line {line}: {message}", name=self.name, line=line, message=message)
        raise LessonError(text, line, str(message))

    def front(self) -> tuple[dict[str, Field], list[Line]]:
        """Returns the fields between the first two lines of ---, and the lines after them."""
        ends = [index for index, line in enumerate(self.lines) if line.text == "---"][:2]
        if len(ends) < 2 or ends[0] != 0:
            self.fail(1, tr("the file begins with a line ---, then title, path, order and minutes, then another ---"))
        inside, rest = self.lines[1 : ends[1]], self.lines[ends[1] + 1 :]
        fields: dict[str, Field] = {}
        for line in inside:
            name, colon, value = (part.strip() for part in line.text.partition(":"))
            if not colon or not value:
                self.fail(line.number, tr("{typed!r}: write “name: value”", typed=line.text))
            if name in fields:
                self.fail(line.number, tr("{name} is given twice", name=name))
            fields[name] = Field(name, value, line.number)
        return fields, rest

    def block(self, kind: str, first: int, lines: Sequence[Line], names: Sequence[str]) -> Block:
        """Returns the fields of a block; a line that begins with no name goes on with the one before."""
        found = [Field("", "", first)]
        for line in lines:
            text = line.text.strip()
            name, colon, value = (part.strip() for part in text.partition(":"))
            if text.startswith("- "):
                found.append(Field("-", text[2:].strip(), line.number))
            elif colon and name in names:
                found.append(Field(name, value, line.number))
            elif text:
                last = found.pop()
                found.append(Field(last.name, f"{last.value} {text}".strip(), last.line))
        return Block(kind, first, tuple(field for field in found if field.name or field.value))
