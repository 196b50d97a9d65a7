"""Tables between printed lines: a line of names above rows of numbers, or boxes with a name and a number a line."""

from __future__ import annotations

import re
from itertools import pairwise

from lrstudio.core.record import dataclass
from lrstudio.store.logs.model import COUNTER, LOSS, RATE
from lrstudio.store.logs.names import EPOCH, STEP, meaning
from lrstudio.store.logs.printed.lines import VALUE, Kind, Span, kind_of, known_name, number_of

_SHORT = {"#": STEP, "E": EPOCH}
"""Names of spaCy's columns."""
_NAME = re.compile(r"#|[A-Za-z][\w ./@()%'#-]{0,39}", re.ASCII)
_NUMBER = re.compile(rf"({VALUE})(?:%|s|ms|us|m|/\d+)?:?", re.ASCII)
_WORD, _CELL = re.compile(r"\S+"), re.compile(r"\S+(?: \S+)*")
_BOX = re.compile(r"\s{0,8}\|([^|]{1,100})\|([^|]{0,100})\|\s{0,8}")
_RULES = frozenset(" \t|+:=-")
"""Signs of the rule below names, or around a box."""
_MOST_COLUMNS = 100
_TIMESTEPS = "total_timesteps"
"""What all boxes of Stable-Baselines3 count; those of an evaluation have no iterations."""


@dataclass(frozen=True)
class _Heads:
    """The names of a table, the places of its columns, and the sign between them: a bar, a tab, or none but blanks."""

    names: tuple[str, ...]
    places: tuple[Span, ...]
    sign: str


class Tables:
    """Knows the table in which a line stands. Lines are read in their order."""

    def __init__(self) -> None:
        self._heads: _Heads | None = None
        self.is_other = False
        """Whether the table that began with the last line has other values than the one before."""
        self._group = ""
        self._columns: dict[str, bool] = {}
        """For the names of all tables, whether a number was below."""
        self._kinds: dict[tuple[str, ...], Kind] = {}
        self.box: dict[str, float] = {}
        """The numbers by name of a box that is not at its end."""

    def begins(self, line: str) -> bool:
        """Whether a line has the names of a table, one of which is that of a loss or a rate; or is the rule below."""
        sign = _sign(line)
        self.is_other = False
        if self._heads is not None and is_rule(line):
            places = tuple(match.span() for match in _WORD.finditer(line))
            if not sign and len(places) == len(self._heads.names):
                self._heads = _Heads(self._heads.names, places, sign)
            return True
        places = _cells(line, sign) if sign else tuple(match.span() for match in _CELL.finditer(line))
        names = tuple(line[begin:end] for begin, end in places)
        filled = [name for name in names if name or not sign]
        if not 2 <= len(filled) <= len(names) <= _MOST_COLUMNS or not all(map(_NAME.fullmatch, filled)):
            return False
        if any(name.endswith(".") or _NUMBER.fullmatch(name) for name in names) or len({*names}) < len(names):
            return False
        if not any(meaning(name).role in (RATE, LOSS) for name in names):
            return False
        before = () if self._heads is None else self._heads.names
        self.is_other = bool(before) and _values(before).isdisjoint(names)
        self._heads = _Heads(names, places, sign)
        return True

    def row(self, line: str) -> tuple[Kind, tuple[Span, ...]] | None:
        """Returns the kind of a row of the table, and the places of its numbers; None for another line."""
        heads = self._heads
        if heads is None or heads.sign != _sign(line):
            return None
        if heads.sign:
            places = dict(enumerate(_cells(line, heads.sign)))
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
        matches = {column: _NUMBER.fullmatch(line, *place) for column, place in places.items() if place[0] < place[1]}
        for column, match in matches.items():
            name = _SHORT.get(heads.names[column]) or known_name(heads.names[column])
            if match is not None and name not in numbers:
                numbers[name] = match.span(1)
        if 2 * len(numbers) < len(matches) or not numbers:
            return None
        for column, match in matches.items():
            self._columns[heads.names[column]] = self._columns.get(heads.names[column], False) or match is not None
        return self._kinds.setdefault(tuple(numbers), kind_of(tuple(numbers))), tuple(numbers.values())

    @property
    def texts(self) -> list[str]:
        """The names with text alone below."""
        return [name for name, has_numbers in self._columns.items() if not has_numbers]

    def boxes(self, line: str) -> bool:
        """Whether a line is one of a box: a bar, a name, a bar and a number, or a name of what follows."""
        found = _BOX.fullmatch(line)
        if found is None:
            return False
        name, cell = found[1].strip(), found[2].strip()
        match = _NUMBER.fullmatch(cell)
        if not _NAME.fullmatch(name):
            return False
        if match is None:
            self._group = name if name.endswith("/") and not cell else self._group
            return True
        name = self._group + name if found[1].startswith("  ") else name
        self.box.setdefault(name, number_of(match[1]))
        return True

    def boxed(self) -> tuple[Kind, dict[str, float]]:
        """Returns the kind and the numbers of the box that is at its end, and forgets it."""
        names = dict[str, str]()
        for name in sorted(self.box, key=lambda name: not name.endswith(_TIMESTEPS)):
            known = known_name(name)
            names[name] = name if known in names.values() else known
        box = {names[name]: number for name, number in self.box.items()}
        self.box, self._group = {}, ""
        return self._kinds.setdefault(tuple(box), kind_of(tuple(box))), box


def _values(names: tuple[str, ...]) -> frozenset[str]:
    """Returns the names of what is no counter."""
    return frozenset(name for name in names if meaning(_SHORT.get(name) or name).role != COUNTER)


def is_rule(line: str) -> bool:
    return _RULES.issuperset(line) and ("---" in line or "===" in line)


def _sign(line: str) -> str:
    """Returns the sign between the cells of a line: a bar where the line is between two, a tab, or none."""
    if line.lstrip()[:1] == "|" and line.rstrip()[-1:] == "|":
        return "|"
    return "\t" if "\t" in line.strip() else ""


def _cells(line: str, sign: str) -> tuple[Span, ...]:
    """Returns the places of what is between the bars or the tabs of a line, without blanks."""
    found = [place for place, own in enumerate(line) if own == sign]
    places = []
    for left, right in pairwise(found if sign == "|" else [-1, *found, len(line)]):
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
    """Whether all lines have as many words, or as many tabs, and none is a rule: a table without lines around it."""
    if any(map(is_rule, lines)):
        return False
    tabs = {line.count("\t") for line in lines}
    return len({len(line.split()) for line in lines}) == 1 or (len(tabs) == 1 and tabs != {0})
