"""Training logs that programs print: lines of names and numbers, such as `step 10 | loss 2.3 | lr 1e-4`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress, part
from lrstudio.store.csv.format import decoded, guess_encoding
from lrstudio.store.logs.assemble import Found, Rows
from lrstudio.store.logs.model import COUNTER, LOSS, RATE, LeftOut
from lrstudio.store.logs.names import BATCH, EPOCH, STEP, meaning

SAMPLE = 2**16
_BLOCK, _LONGEST_LINE = 2**18, 2**14
"""Characters that are read at once, and maximum length of a line."""
_MOST_SHAPES = 2**22
"""Maximum length of all shapes of lines that are kept, in characters."""
_ENOUGH = 2
_VALUE = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|NaN|inf|Inf|Infinity)\b"
_PAIR = re.compile(
    r"(?<![A-Za-z0-9_.])([A-Za-z_][\w./@-]{0,60}(?:(?:'s)? (?!(?:nan|inf)\b)[A-Za-z_][\w./@-]{0,40})?)['\"]?"
    rf"(?:\s{{0,4}}[:=]\s{{0,8}}|\s{{1,4}}|\s?\[)(?:tensor|np\.float\d\d)?[\['\"(]{{0,3}}({_VALUE})(?!\w|:\d|\.\d)",
    re.ASCII,
)
_UNITS = re.compile(r"(?<=\d)(?:ms|us|s|m|%)(?![\w])")
_ESCAPES = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]|[\x00-\x08\x0e-\x1f\u2500-\u25ff]+")
_OF_EPOCH = re.compile(
    r"\bEpoch\b[^\d\[\]]{0,20}\[\s{0,8}(\d+)(?:/\d+)?\]\s?\[\s{0,8}(\d+)\s?/\s?\d+\]?", re.IGNORECASE
)
"""Epoch [1][ 50/1000], as the examples of PyTorch and MMEngine print it."""
_OF_SAMPLES = re.compile(
    r"(?:\bTrain )?\bEpoch\b[^\d\[\]]{0,20}(\d+)\s{0,4}\[\s{0,8}(\d+)\s?/\s?\d+[^\]]{0,20}\]?", re.IGNORECASE
)
"""Train Epoch: 1 [640/60000 (1%)]."""
_OF_ROUND = re.compile(r"^\s{0,4}\[(\d+)\]\s{1,8}(?=\D)")
"""[0]<tab>train-logloss:0.5, as XGBoost and LightGBM print it."""
_OF_ITERATIONS = re.compile(r"\bIter(?:ation)?\b[^\d\[\]]{0,20}\[\s{0,8}(\d+)\s?/\s?\d+", re.IGNORECASE)
_OF_BAR = re.compile(r"\b(\d+)/\d+ \[\d+:")
"""50/100 [00:10<00:10, as the bars of tqdm show it."""
_PLACES = (
    (_OF_EPOCH, (EPOCH, BATCH)),
    (_OF_SAMPLES, (EPOCH, BATCH)),
    (_OF_ITERATIONS, (STEP,)),
    (_OF_ROUND, (STEP,)),
    (_OF_BAR, (STEP,)),
)
_NOISE = {"eta", "version", "seed", "gpu", "rank", "port", "pid", "it/s", "s/it"}
_MEASURES = re.compile(r"acc|auc|f1|mae|mse|bleu|map|top|dice|iou|perplexity|ppl|precision|recall|error|grad|r2|score")


_SHAPE = {ord(digit): "0" for digit in "123456789"}
_FEW_LINES = 4
Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class _Kind:
    """What lines with the same names are: the names of their numbers, and those of them that count."""

    names: tuple[str, ...]
    counters: frozenset[str]
    tells: bool
    """Whether a name is that of a loss or a rate."""
    is_row: bool

    @property
    def is_odd(self) -> bool:
        return not self.is_row and not self.counters


@dataclass(frozen=True)
class _Pair:
    """A name and the places of it and of its number in a line."""

    name: str
    at: Span
    number: Span


class _Lines:
    """Finds the names and the numbers of lines.

    The patterns take one digit for another. So lines of one shape, in which all digits are 0, have names and numbers at
    the same places, and only the first of a shape is searched, or of those whose names have digits.
    """

    def __init__(self) -> None:
        self.shapes: dict[str, tuple[_Kind, tuple[Span, ...]]] = {}
        """For shapes of which no name has digits the kind, and the places of the numbers."""
        self._named: dict[str, tuple[Span, ...]] = {}
        self._kinds: dict[tuple[str, ...], _Kind] = {}
        self._size = 0

    def kind(self, line: str, shape: str) -> tuple[_Kind, tuple[Span, ...]]:
        """Returns the kind of a line and the places of its numbers."""
        named = self._named.get(shape)
        key = shape if named is None else "\n".join([shape, *(line[begin:end] for begin, end in named)])
        if (known := self.shapes.get(key)) is not None:
            return known
        pairs = _pairs(line)
        if named is None and (named := tuple(pair.at for pair in pairs if any(map(str.isdigit, pair.name)))):
            self._named[shape] = named
            return self.kind(line, shape)
        numbers = dict[str, Span]()
        for pair in pairs:
            if pair.name.lower() not in _NOISE and pair.name.lower().split(" ")[-1] not in _NOISE:
                kind = meaning(pair.name).kind
                numbers.setdefault(kind if kind in (EPOCH, STEP, BATCH) else pair.name, pair.number)
        names, places = tuple(numbers), tuple(numbers.values())
        found = self._kinds.setdefault(names, _kind(names)), places
        self._size += len(key)
        if self._size > _MOST_SHAPES:
            self.shapes.clear()
            self._named.clear()
            self._size = len(key)
        self.shapes[key] = found
        return found


def _kind(names: tuple[str, ...]) -> _Kind:
    counters = frozenset(name for name in names if meaning(name).role == COUNTER)
    tells = any(meaning(name).role in (RATE, LOSS) for name in names)
    return _Kind(
        names, counters, tells, tells or any(_MEASURES.search(name.lower()) for name in names if name not in counters)
    )


def _pairs(line: str) -> list[_Pair]:
    """Returns the names and numbers of a line; of counts in a place of their own, as [1][50/90], the kinds."""
    found, text, places = list[_Pair](), line, list(range(len(line) + 1))
    for pattern, kinds in _PLACES if "[" in line else ():
        match = pattern.search(line)
        if match is not None:
            found = [_Pair(kind, (0, 0), match.span(group)) for group, kind in enumerate(kinds, 1)]
            text, places = _blanked(text, places, match.span())
            break
    for match in list(_UNITS.finditer(text))[::-1]:
        text, places = _blanked(text, places, match.span())
    for match in _PAIR.finditer(text):
        (begin, end), (first, last) = match.span(1), match.span(2)
        found.append(
            _Pair(match[1].strip(), (places[begin], places[end - 1] + 1), (places[first], places[last - 1] + 1))
        )
    return found


def _blanked(text: str, places: list[int], span: Span) -> tuple[str, list[int]]:
    """Returns a text with a blank instead of a part, and for each character its place in the line."""
    begin, end = span
    return f"{text[:begin]} {text[end:]}", [*places[: begin + 1], *places[end:]]


def is_printed(sample: bytes) -> bool:
    """Whether a file has lines with a name and the value of a loss or a rate."""
    lines, found = _Lines(), _cleaned(decoded(sample, guess_encoding(sample)))
    return sum(lines.kind(line, line.translate(_SHAPE))[0].tells for line in found) >= _ENOUGH


def read_printed(path: Path, progress: Progress | None = None) -> Found:
    """Reads the lines that have a loss, a rate or a measure; others are counted. Rows have the last epoch and step."""
    report, size = part(progress, 0, 1), max(1, path.stat().st_size)
    with path.open("rb") as binary:
        encoding = guess_encoding(binary.read(SAMPLE))
    collected, done = _Collected(), 0
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        for block in _blocks(file):
            collected.add(_cleaned(block))
            done += len(block)
            report(min(1.0, done / size))
    collected.flush()
    found = Found(path.name, [collected.rows.table(path.name)], "")
    if odd := collected.odd:
        found.left_out.append(LeftOut(tr("{odd} lines", odd=odd), tr("have no loss, rate or measure with a name")))
    return found


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
    """Returns the lines of a text that are not empty, without the colours and bars of a terminal."""
    text = text.replace("\r", "\n")
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    is_plain = text.isascii() and text.replace("\n", "").replace("\t", "").isprintable()
    if is_plain and max(map(len, lines), default=0) <= _LONGEST_LINE:
        return lines
    return [_ESCAPES.sub(" ", line[:_LONGEST_LINE]) for line in lines]


class _Collected:
    """Collects the rows of lines: those with the same names, one after the other, at once."""

    def __init__(self) -> None:
        self.rows, self.odd = Rows(), 0
        self._lines, self._counts = _Lines(), dict[str, float]()
        self._kind, self._texts = _kind(()), list[str]()

    def add(self, lines: Sequence[str]) -> None:
        shapes = "\n".join(lines).translate(_SHAPE).split("\n") if lines else ()
        known, texts, kind = self._lines.shapes, self._texts, self._kind
        for line, shape in zip(lines, shapes, strict=True):
            own, spans = known.get(shape) or self._lines.kind(line, shape)
            if own is not kind:
                if own.is_odd:
                    self.odd += 1
                    continue
                self.flush()
                self._kind = kind = own
            texts += [line[begin:end] for begin, end in spans]
        if len(texts) > _BLOCK:
            self.flush()

    def flush(self) -> None:
        """Makes rows of the lines of a kind that were collected."""
        kind, numbers = self._kind, list(map(float, self._texts))
        self._texts.clear()
        width = len(kind.names)
        if len(numbers) <= _FEW_LINES * width:
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
                counts = {name: np.full(end - begin, count) for name, count in self._counts.items()}
                row = counts | {name: column[begin:end] for name, column in columns.items()}
                self.rows.extend(tuple(row), tuple(row.values()))

    def _one(self, kind: _Kind, pairs: dict[str, float]) -> None:
        counted = {name: value for name, value in pairs.items() if name in kind.counters}
        if EPOCH in counted and counted[EPOCH] != self._counts.get(EPOCH):
            self._counts.clear()
        self._counts |= counted
        if kind.is_row:
            self.rows.add(self._counts | {name: value for name, value in pairs.items() if name not in counted})
