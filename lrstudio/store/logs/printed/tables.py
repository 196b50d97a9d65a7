"""Tables between printed lines: a line of names above rows of numbers, or boxes with a name and a number a line."""

from __future__ import annotations

import re
from itertools import pairwise

from lrstudio.core.record import dataclass
from lrstudio.store.logs.model import LOSS, RATE
from lrstudio.store.logs.names import EPOCH, STEP, meaning
from lrstudio.store.logs.printed.lines import VALUE, Kind, Span, kind_of, known_name, number_of

_SHORT = {"#": STEP, "E": EPOCH}
"""Names of spaCy's columns."""
_NAME = re.compile(r"#|[A-Za-z][\w ./@()%'#-]{0,39}", re.ASCII)
_NUMBER = re.compile(rf"({VALUE})(?:%|s|ms|us|m|/\d+)?:?", re.ASCII)
_WORD, _CELL = re.compile(r"\S+"), re.compile(r"\S+(?: \S+)*")
_RULES = frozenset(" \t|+:=-")
"""Signs of the rule below names, or around a box."""
_MOST_COLUMNS = 100


@dataclass(frozen=True)
class _Heads:
    """The names of a table and the places of its columns; `bars` are between the columns, or only blanks."""

    names: tuple[str, ...]
    places: tuple[Span, ...]
    bars: bool


class Tables:
    """Knows the table in which a line stands. Lines are read in their order."""

    def __init__(self) -> None:
        self._heads: _Heads | None = None
        self._group = ""
        self._columns: dict[str, bool] = {}
        """For the names of all tables, whether a number was below."""
        self._kinds: dict[tuple[str, ...], Kind] = {}
        self.box: dict[str, float] = {}
        """The numbers by name of a box that is not at its end."""

    def begins(self, line: str) -> bool:
        """Whether a line has the names of a table, one of which is that of a loss or a rate; or is the rule below."""
        bars = _has_bars(line)
        if self._heads is not None and is_rule(line):
            places = tuple(match.span() for match in _WORD.finditer(line))
            if not bars and len(places) == len(self._heads.names):
                self._heads = _Heads(self._heads.names, places, bars)
            return True
        places = _cells(line) if bars else tuple(match.span() for match in _CELL.finditer(line))
        names = tuple(line[begin:end] for begin, end in places)
        filled = [name for name in names if name or not bars]
        if not 2 <= len(filled) <= len(names) <= _MOST_COLUMNS or not all(map(_NAME.fullmatch, filled)):
            return False
        if any(name.endswith(".") or _NUMBER.fullmatch(name) for name in names) or len({*names}) < len(names):
            return False
        if not any(meaning(name).role in (RATE, LOSS) for name in names):
            return False
        self._heads = _Heads(names, places, bars)
        return True

    def row(self, line: str) -> tuple[Kind, tuple[Span, ...]] | None:
        """Returns the kind of a row of the table, and the places of its numbers; None for another line."""
        heads = self._heads
        if heads is None or heads.bars != _has_bars(line):
            return None
        if heads.bars:
            places = dict(enumerate(_cells(line)))
            if len(places) != len(heads.names):
                return None
        else:
            words = [match.span() for match in _WORD.finditer(line)]
            if not words or not _NUMBER.fullmatch(line, *words[0]):
                return None
            if len(words) > (last := len(heads.names) - 1) and line[words[last][1] - 1] == ":":
                words = words[: last + 1]
            places = _in_columns(words, heads.places)
        numbers = dict[str, Span]()
        for column, (begin, end) in places.items():
            match = _NUMBER.fullmatch(line, begin, end)
            self._columns[heads.names[column]] = self._columns.get(heads.names[column], False) or match is not None
            name = _SHORT.get(heads.names[column]) or known_name(heads.names[column])
            if match is not None and name not in numbers:
                numbers[name] = match.span(1)
        if 2 * len(numbers) < len(places) or not numbers:
            return None
        return self._kinds.setdefault(tuple(numbers), kind_of(tuple(numbers))), tuple(numbers.values())

    @property
    def texts(self) -> list[str]:
        """The names with text alone below."""
        return [name for name, has_numbers in self._columns.items() if not has_numbers]

    def boxes(self, line: str) -> bool:
        """Whether a line is one of a box: a bar, a name, a bar and a number, or a name of what follows."""
        places = _cells(line) if _has_bars(line) else ()
        if len(places) != 2:
            return False
        name, cell = (line[begin:end] for begin, end in places)
        match = _NUMBER.fullmatch(cell)
        if not _NAME.fullmatch(name):
            return False
        if match is None:
            self._group = name if name.endswith("/") and not cell else self._group
            return True
        name = self._group + name if places[0][0] > line.index("|") + 2 else name
        known = known_name(name)
        self.box.setdefault(name if known in self.box else known, number_of(match[1]))
        return True

    def boxed(self) -> tuple[Kind, dict[str, float]]:
        """Returns the kind and the numbers of the box that is at its end, and forgets it."""
        box, self.box, self._group = self.box, {}, ""
        return self._kinds.setdefault(tuple(box), kind_of(tuple(box))), box


def is_rule(line: str) -> bool:
    return _RULES.issuperset(line) and ("---" in line or "===" in line)


def _has_bars(line: str) -> bool:
    return line.lstrip()[:1] == "|" and line.rstrip()[-1:] == "|"


def _cells(line: str) -> tuple[Span, ...]:
    """Returns the places of what is between the bars of a line, without blanks."""
    bars = [place for place, sign in enumerate(line) if sign == "|"]
    places = []
    for left, right in pairwise(bars):
        cell = line[left + 1 : right]
        begin = left + 1 + len(cell) - len(cell.lstrip())
        places.append((min(begin, right), min(begin, right) + len(cell.strip())))
    return tuple(places)


def _in_columns(words: list[Span], columns: tuple[Span, ...]) -> dict[int, Span]:
    """Returns the words by their columns: one after the other, or where some are missing as they stand below names."""
    if len(words) == len(columns):
        return dict(enumerate(words))
    found = dict[int, Span]()
    for word in words if len(words) < len(columns) else ():
        below = [place for place, (begin, end) in enumerate(columns) if word[0] < end and begin < word[1]]
        if len(below) != 1 or below[0] in found:
            return {}
        found[below[0]] = word
    return found


def is_plain(lines: list[str]) -> bool:
    """Whether each line has as many words as the first, and none is a rule: a table without lines around it."""
    return len({len(line.split()) for line in lines}) == 1 and not any(map(is_rule, lines))
