"""Training logs that programs print: lines of names and numbers, such as `step 10 | loss 2.3 | lr 1e-4`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TextIO

import numpy as np

from lrstudio.core.language import tr
from lrstudio.store.atomic import Progress, part
from lrstudio.store.csv.format import decoded, guess_encoding
from lrstudio.store.logs.assemble import Found, Rows
from lrstudio.store.logs.model import RATE, LeftOut, Table
from lrstudio.store.logs.names import EPOCH, STEP, meaning
from lrstudio.store.logs.printed.lines import (
    ESCAPES,
    SHAPE,
    Kind,
    Lines,
    Span,
    begins_a_run,
    kind_of,
    number_of,
    rate_set,
)
from lrstudio.store.logs.printed.tables import Tables, is_plain, is_rule

SAMPLE = 2**16
_BLOCK, _LONGEST_LINE = 2**18, 2**14
"""Characters that are read at once, and maximum length of a line."""
_FEW_LINES, _MOST_OTHERS = 4, 2**14
_ENOUGH = 2
_COMMA, _POINT = re.compile(r"(?<=\d),(?=\d)"), re.compile(r"(?<![\d.])\d+\.\d+(?![\d.])")
_NAMED_COMMA = re.compile(r"(?<![\w.])([A-Za-z_][\w./-]{0,60})[ :=]{1,4}[+-]?(\d+),(\d+)(?![\d.]|,\d)")
_WITH_COMMA = re.compile(r"(?<=[\s:=])[+-]?(\d+),(\d+)(?![\d.]|,\d)")


def is_printed(sample: bytes) -> bool:
    """Whether a file has lines with a name and the value of a loss or a rate, or below such names between lines."""
    lines, found, tables = Lines(), _cleaned(decoded(sample, guess_encoding(sample))), Tables()
    told = below = sets = 0
    for line in found:
        kind = lines.kind(line, line.translate(SHAPE))[0]
        if kind.tells:
            told += 1
        elif rate_set(line) is not None:
            sets += 1
        elif not kind.is_row and not tables.begins(line):
            row = tables.row(line)
            below += tables.boxes(line) if row is None else row[0].tells
    if told >= _ENOUGH or (told and sets) or tables.boxed()[0].tells:
        return True
    return below >= _ENOUGH and not is_plain(found[:-1] if len(sample) == SAMPLE else found)


def read_printed(path: Path, progress: Progress | None = None) -> Found:
    """Reads the lines that have a loss, a rate or a measure; others are counted. Rows have the last epoch and step."""
    report, size = part(progress, 0, 1), max(1, path.stat().st_size)
    with path.open("rb") as binary:
        sample = binary.read(SAMPLE)
    encoding = guess_encoding(sample)
    commas = _decimal_commas(_cleaned(decoded(sample, encoding)))
    collected, done = _Collected(), 0
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        for block in _blocks(file):
            collected.add(_cleaned(block if commas is None else commas.sub(_with_point, block)))
            done += len(block)
            report(min(1.0, done / size))
    collected.end()
    found = Found(path.name, [collected.table(path.name)], "")
    found.left_out = [LeftOut(name, tr("is text")) for name in collected.tables.texts]
    if odd := collected.odd:
        found.left_out.append(LeftOut(tr("{odd} lines", odd=odd), tr("have no loss, rate or measure with a name")))
    return found


def _decimal_commas(lines: Sequence[str]) -> re.Pattern[str] | None:
    """Returns a pattern of the commas that are decimal marks; None where there are none.

    They are all those between digits if the numbers of lines with losses or rates have commas that part no thousands,
    and none has a point; else those of the names of which that holds.
    """
    known, found, points = Lines(), 0, False
    named: dict[str, int] = {}
    for line in lines:
        if "," in line and known.kind(line, line.translate(SHAPE))[0].tells:
            points = points or _POINT.search(line) is not None
            found += any(map(_parts_no_thousands, _WITH_COMMA.finditer(line)))
            for match in _NAMED_COMMA.finditer(line):
                named[match[1]] = named.get(match[1], 0) + _parts_no_thousands(match, 2)
    if found >= _ENOUGH and not points:
        return _COMMA
    text = "\n".join(lines)
    own = [name for name, count in named.items() if count >= _ENOUGH and not re.search(_point_of(name), text)]
    return re.compile(rf"{_after(own)}\d+,(?=\d)") if own else None


def _after(names: Sequence[str]) -> str:
    """Returns a pattern of names and what is between them and their numbers."""
    return rf"(?<![\w.])(?:{'|'.join(map(re.escape, names))})[ :=]{{1,4}}[+-]?"


def _point_of(name: str) -> str:
    return rf"{_after([name])}[\d,]{{1,20}}\.\d"


def _with_point(match: re.Match[str]) -> str:
    return f"{match[0][:-1]}."


def _parts_no_thousands(match: re.Match[str], group: int = 1) -> bool:
    """Whether the comma of a number is none between thousands, by the digits before it and after it."""
    before, after = match[group], match[group + 1]
    return before == "0" or len(before) > 3 or len(after) != 3


def _blocks(file: TextIO) -> Iterator[str]:
    """Yields the text of a file in blocks of whole lines; lines that are too long are cut."""
    rest = ""
    while block := file.read(_BLOCK):
        text = rest + block.replace("\r", "\n")
        whole = text.rfind("\n") + 1
        whole += (len(text) - whole) // _LONGEST_LINE * _LONGEST_LINE
        text, rest = text[:whole], text[whole:]
        lines = text.split("\n")
        if max(map(len, lines)) > _LONGEST_LINE:
            pieces = (line[at : at + _LONGEST_LINE] for line in lines for at in range(0, len(line), _LONGEST_LINE))
            text = "\n".join(pieces)
        yield text
    yield rest


def _cleaned(text: str) -> list[str]:
    """Returns the lines of a text that are not empty, without the colours and bars of a terminal.

    Those that end with backspaces were drawn again, as Keras does with its bars and the means so far.
    """
    text = text.replace("\r", "\n")
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    is_plain = text.isascii() and text.replace("\n", "").replace("\t", "").isprintable()
    if is_plain and max(map(len, lines), default=0) <= _LONGEST_LINE:
        return lines
    return [ESCAPES.sub(" ", line[:_LONGEST_LINE]) for line in lines if line[-1] != "\b"]


_NONE = kind_of(())
_NOTHING: tuple[Kind, tuple[Span, ...]] = _NONE, ()


class _Collected:
    """Collects the rows of lines: those with the same names, one after the other, at once."""

    def __init__(self) -> None:
        self.rows, self.odd = Rows(), 0
        self._lines, self._counts = Lines(), dict[str, float]()
        self._kind, self._texts = _NONE, list[str]()
        self.tables, self._set, self._fresh = Tables(), dict[str, float](), dict[str, float]()
        """`_set` are the rates that lines set, `_fresh` those of them that no row of the training has had yet."""
        self._ever = set[str]()
        """Names of rates that lines have set."""
        self._others: dict[str, tuple[Kind, tuple[Span, ...]]] = {}
        """For shapes of lines without pairs what they are below the names of the last table."""

    def add(self, lines: Sequence[str]) -> None:
        shapes = "\n".join(lines).translate(SHAPE).split("\n") if lines else ()
        known, texts, kind, others = self._lines.shapes, self._texts, self._kind, self._others
        for line, shape in zip(lines, shapes, strict=True):
            own, spans = known.get(shape) or self._lines.kind(line, shape)
            if own is not kind or not own.is_row:
                if not own.is_row:
                    own, spans = others.get(shape) or self._other(line, shape) or (own, spans)
                if own.is_odd:
                    self.odd += own is not _NONE
                    kind = self._kind
                    continue
                if own is not kind:
                    self._end_box()
                    self.flush()
                    self._kind = kind = own
            texts += [line[begin:end] for begin, end in spans]
        if len(texts) > _BLOCK:
            self.flush()

    def end(self) -> None:
        """Makes rows of what is left."""
        self._end_box()
        self.flush()

    def table(self, title: str) -> Table:
        """Returns what was read; of the rates that were set and those that rows have, the ones of more rows."""
        table = self.rows.table(title)
        rates = [column for column in table.columns if meaning(column.name).role == RATE]
        most = max((len(column.rows) for column in rates if column.name not in self._ever), default=0)
        is_set = any(column.name in self._ever and len(column.rows) > most for column in rates)
        left = {column.name for column in rates if (column.name in self._ever) != is_set}
        return replace(table, columns=tuple(column for column in table.columns if column.name not in left))

    def _other(self, line: str, shape: str) -> tuple[Kind, tuple[Span, ...]] | None:
        """Reads a line without pairs; returns it as a row of a table, or nothing of it; None if it is no such line."""
        if self.tables.box and self.tables.boxes(line):
            return _NOTHING
        rate = rate_set(line)
        if rate is not None:
            self.end()
            self._set |= [rate]
            if begins_a_run(line):
                self._fresh |= [rate]
            self._ever.add(rate[0])
            return _NOTHING
        if self.tables.box and is_rule(line):
            self._end_box()
            return _NOTHING
        if self.tables.begins(line):
            self._others.clear()
            if self.tables.is_other:
                self.flush()
                self.rows.breaks.append(self.rows.count)
            return _NOTHING
        row = self.tables.row(line)
        if row is None and self.tables.boxes(line):
            self.flush()
            self._kind = _NONE
            return _NOTHING
        if len(self._others) > _MOST_OTHERS:
            self._others.clear()
        if row is not None or not is_rule(line):
            self._others[shape] = row or self._lines.kind(line, shape)
        return row

    def _end_box(self) -> None:
        if self.tables.box:
            self._one(*self.tables.boxed())

    def flush(self) -> None:
        """Makes rows of the lines of a kind that were collected."""
        kind, texts = self._kind, self._texts
        if not texts:
            return
        numbers = list(map(number_of if any("," in text for text in texts) else float, texts))
        self._texts.clear()
        width = len(kind.names)
        if len(numbers) <= _FEW_LINES * width or (self._set and self._falls(kind, numbers)):
            for begin in range(0, len(numbers), width or 1):
                self._one(kind, dict(zip(kind.names, numbers[begin : begin + width], strict=True)))
            return
        columns = dict(zip(kind.names, np.array(numbers).reshape(-1, width).T, strict=True))
        size = len(numbers) // width
        fresh = size
        if EPOCH in columns:
            before = np.append(self._counts.get(EPOCH, np.nan), columns[EPOCH][:-1])
            fresh = int(np.append(columns[EPOCH] != before, True).argmax())
        for begin, end in ((0, fresh), (fresh, size)):
            if begin in (size, end):
                continue
            if begin == fresh:
                self._counts.clear()
            self._counts |= {name: float(columns[name][end - 1]) for name in kind.names if name in kind.counters}
            if kind.is_row:
                if kind.trains:
                    self._fresh.clear()
                shared = self._counts | (self._set if kind.trains else {})
                counts = {name: np.full(end - begin, count) for name, count in shared.items()}
                row = counts | {name: column[begin:end] for name, column in columns.items()}
                self.rows.extend(tuple(row), tuple(row.values()))

    def _starts_again(self, counted: dict[str, float]) -> bool:
        """Whether a count says that another run begins, to which rates that were set before say nothing."""
        name = EPOCH if EPOCH in self._counts else STEP
        return counted.get(name, np.inf) < self._counts.get(name, -np.inf)

    def _falls(self, kind: Kind, numbers: Sequence[float]) -> bool:
        name, width = EPOCH if EPOCH in kind.names else STEP, len(kind.names)
        if name not in kind.names:
            return False
        counts = numbers[kind.names.index(name) :: width]
        return any(count < before for before, count in pairwise([self._counts.get(name, -np.inf), *counts]))

    def _one(self, kind: Kind, pairs: dict[str, float]) -> None:
        counted = {name: value for name, value in pairs.items() if name in kind.counters}
        if self._starts_again(counted):
            self._set = {**self._fresh}
        if EPOCH in counted and counted[EPOCH] != self._counts.get(EPOCH):
            self._counts.clear()
        self._counts |= counted
        if kind.is_row:
            rates = self._set if kind.trains else {}
            if kind.trains:
                self._fresh.clear()
            self.rows.add(self._counts | rates | {name: value for name, value in pairs.items() if name not in counted})
