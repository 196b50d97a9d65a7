"""The training logs of a session file: what was read from other programs' files, in the manifest and one array.

`logs.npy` has the counts and values of all series one after the other; a series whose counts are those of an earlier
one of its run stores them once. The paths are texts: nothing opens them when the session is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.fields import Fields, Json, SessionError, at, dumps
from lrstudio.store.logs.model import ROLES, ROW, TEST, TRAIN, VALIDATION, LeftOut, Log, Question, Run, Series
from lrstudio.store.logs.names import BATCH, EPOCH, SAMPLES, STEP, TIME
from lrstudio.store.manifest import LOGS

MOST_LOGS, MOST_RUNS, MOST_SERIES = 50, 1000, 5000
MOST_VALUES = 2**23
"""64 MB of numbers."""
_MOST_FILES, _MOST_ITEMS, _MOST_TEXT = 100, 500, 4000
_MOST_JSON = 2**21
_PARTS = (TRAIN, VALIDATION, TEST)
_COUNTERS = (STEP, BATCH, EPOCH, SAMPLES, TIME, ROW)


@dataclass(frozen=True, eq=False)
class SavedLog:
    """A log as it is saved: the texts of its files' paths, its description as JSON of `size` bytes, and its numbers."""

    paths: tuple[str, ...]
    log: Log
    document: dict[str, Json]
    size: int
    numbers: tuple[Array, ...]

    @property
    def values(self) -> int:
        return sum(map(len, self.numbers))


def saved_log(paths: Sequence[str], log: Log) -> SavedLog:
    """Returns a log for a session file; SessionError if one cannot hold it."""
    texts = tuple(path.encode(errors="backslashreplace").decode() for path in paths)
    shared = replace(log, runs=tuple(map(_sharing, log.runs)), bad=(), bad_total=0)
    saved = _saved(texts, shared, tuple(part for run in shared.runs for part in _numbers(run)))
    read_logs([saved.document], _joined([saved]))
    return saved


def _saved(paths: tuple[str, ...], log: Log, numbers: tuple[Array, ...]) -> SavedLog:
    document: dict[str, Json] = {
        "paths": list(paths),
        "title": log.title,
        "producer": log.producer,
        "notes": list(log.notes),
        "left_out": [[left.name, left.why] for left in log.left_out],
        "questions": [_question(question) for question in log.questions],
        "runs": [_run(run) for run in log.runs],
    }
    return SavedLog(paths, log, document, len(dumps(document)), numbers)


def fitting(logs: Sequence[SavedLog]) -> list[SavedLog]:
    """Returns the first logs that fit into one session file."""
    kept = list[SavedLog]()
    for log in logs:
        try:
            _check_room([*kept, log])
        except SessionError:
            continue
        kept.append(log)
    return kept


def encode_logs(logs: Sequence[SavedLog]) -> tuple[list[Json], Array]:
    """Returns the JSON of the manifest and the array; SessionError if it is too much for a file."""
    _check_room(logs)
    return [log.document for log in logs], _joined(logs)


def read_logs(value: Json, numbers: Array) -> tuple[SavedLog, ...]:
    """Returns the logs of a manifest and the array (n,); SessionError unless these are logs, and all of the array."""
    holder = Fields({"logs": value}, "")
    reader = _Reader(numbers)
    logs = tuple(reader.log(part) for part in holder.parts("logs", MOST_LOGS))
    if unknown := holder.unknown_paths():
        raise SessionError(tr("{path} does not belong there", path=unknown[0]))
    if reader.position != len(numbers):
        raise SessionError(
            tr("{name} has {count} values: its series have {expected}", name=LOGS, count=len(numbers),
               expected=reader.position)
        )  # fmt: skip
    _check_room(logs)
    return logs


def _check_room(logs: Sequence[SavedLog]) -> None:
    runs = sum(len(log.log.runs) for log in logs)
    series = sum(len(run.series) for log in logs for run in log.log.runs)
    for what, count, most in (
        (tr("logs"), len(logs), MOST_LOGS),
        (tr("runs"), runs, MOST_RUNS),
        (tr("series"), series, MOST_SERIES),
        (tr("values"), sum(log.values for log in logs), MOST_VALUES),
        (tr("bytes of texts"), sum(log.size for log in logs), _MOST_JSON),
    ):
        if count > most:
            raise SessionError(
                tr("training logs: {count:,} {what}; a session file has at most {most:,}",
                   count=count, what=what, most=most)
            )  # fmt: skip


def _joined(logs: Sequence[SavedLog]) -> Array:
    numbers = [part for log in logs for part in log.numbers]
    return np.concatenate(numbers, dtype=np.float64) if numbers else np.empty(0)


def _question(question: Question) -> dict[str, Json]:
    return {
        "key": question.key,
        "text": question.text,
        "readings": [list(reading) for reading in question.readings],
        "chosen": question.chosen,
        "answered": question.answered,
    }


def _sharing(run: Run) -> Run:
    """Returns the run with one array in place of equal counts."""
    counts = dict[bytes, Array]()
    series = [
        replace(each, at=counts.setdefault(hashlib.sha256(np.ascontiguousarray(each.at).data).digest(), each.at))
        for each in run.series
    ]
    return replace(run, series=tuple(series))


def _owners(run: Run) -> list[int]:
    """Returns for each series the first one with the same array of counts."""
    first = dict[int, int]()
    return [first.setdefault(id(each.at), number) for number, each in enumerate(run.series)]


def _numbers(run: Run) -> Iterator[Array]:
    for number, (each, owner) in enumerate(zip(run.series, _owners(run), strict=True)):
        if owner == number:
            yield each.at
        yield each.values


def _run(run: Run) -> dict[str, Json]:
    series = [
        {"name": each.name, "role": each.role, "data": each.part, "count": len(each.values), "counts_of": owner}
        for each, owner in zip(run.series, _owners(run), strict=True)
    ]
    return {"title": run.title, "counter": run.counter, "series": series}


class _Reader:
    """Takes the numbers of series one after the other."""

    def __init__(self, numbers: Array) -> None:
        self._numbers = numbers
        self.position = 0

    def log(self, fields: Fields) -> SavedLog:
        begin, where = self.position, fields.where
        paths = _texts(fields, "paths", _MOST_FILES)
        title, producer = _text(fields, "title"), _text(fields, "producer")
        notes, left = _texts(fields, "notes", _MOST_ITEMS), _pairs(fields, "left_out")
        questions = tuple(_read_question(part) for part in fields.parts("questions", _MOST_ITEMS))
        runs = tuple(self.run(part) for part in fields.parts("runs", MOST_RUNS))
        if not paths or not runs:
            raise SessionError(tr("{where}: must have a path and a run", where=where))
        log = Log(title, runs, producer, questions, notes, tuple(LeftOut(*pair) for pair in left))
        return _saved(paths, log, (self._numbers[begin : self.position],))

    def run(self, fields: Fields) -> Run:
        title, counter = _text(fields, "title"), _one_of(fields, "counter", _COUNTERS)
        series = list[Series]()
        for part in fields.parts("series", MOST_SERIES):
            series.append(self.series(part, series))
        if not series:
            raise SessionError(tr("{where}: must have a series", where=fields.where))
        return Run(title, counter, tuple(series))

    def series(self, fields: Fields, before: Sequence[Series]) -> Series:
        name, role, part = _text(fields, "name"), _one_of(fields, "role", ROLES), _one_of(fields, "data", _PARTS)
        count, place = fields.integer("count", 1), fields.integer("counts_of", 0)
        if place > len(before):
            raise SessionError(tr("{where}.counts_of: must be an earlier series, or itself", where=fields.where))
        counts = self._take(count, fields.where) if place == len(before) else before[place].at
        if len(counts) != count:
            raise SessionError(tr("{where}.count: must be that of its counts", where=fields.where))
        if place == len(before) and not (np.isfinite(counts).all() and (counts[1:] >= counts[:-1]).all()):
            raise SessionError(tr("{where}: its counts must be finite and never fall", where=fields.where))
        return Series(name, role, part, counts, self._take(count, fields.where))

    def _take(self, count: int, where: str) -> Array:
        begin, self.position = self.position, self.position + count
        if self.position > len(self._numbers):
            raise SessionError(tr("{where}: {name} ends before its values", where=where, name=LOGS))
        return self._numbers[begin : self.position]


def _read_question(fields: Fields) -> Question:
    key, text, chosen = (_text(fields, name) for name in ("key", "text", "chosen"))
    readings, answered = _pairs(fields, "readings"), fields.take("answered")
    if not isinstance(answered, bool) or chosen not in dict(readings):
        raise SessionError(tr("{where}: must have a reading that was chosen, and whether by an answer",
                              where=fields.where))  # fmt: skip
    return Question(key, text, readings, chosen, answered)


def _text(fields: Fields, name: str) -> str:
    return _checked(fields.text(name), fields.where, name)


def _checked(text: str, where: str, name: str) -> str:
    with at(f"{where}.{name}"):
        text.encode()  # half a surrogate pair is no text
    if len(text) > _MOST_TEXT:
        raise SessionError(
            tr("{where}.{name}: has {count:,} characters; at most {most:,}", where=where, name=name, count=len(text),
               most=_MOST_TEXT)
        )  # fmt: skip
    return text


def _texts(fields: Fields, name: str, most: int) -> tuple[str, ...]:
    texts = fields.texts(name)
    if len(texts) > most:
        raise SessionError(
            tr("{path} has {count:,} items: must have at most {most:,}", path=f"{fields.where}.{name}",
               count=len(texts), most=most)
        )  # fmt: skip
    return tuple(_checked(text, fields.where, name) for text in texts)


def _pairs(fields: Fields, name: str) -> tuple[tuple[str, str], ...]:
    value = fields.take(name)
    pairs = value if isinstance(value, list) and len(value) <= _MOST_ITEMS else [value]
    if not all(isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
               for pair in pairs):  # fmt: skip
        raise SessionError(
            tr("{path}: must be at most {most:,} pairs of texts", path=f"{fields.where}.{name}", most=_MOST_ITEMS)
        )
    first, second = ([_checked(pair[side], fields.where, name) for pair in pairs] for side in (0, 1))
    return tuple(zip(first, second, strict=True))


def _one_of(fields: Fields, name: str, allowed: Sequence[str]) -> str:
    value = fields.text(name)
    if value not in allowed:
        raise SessionError(
            tr("{where}.{name}: must be one of {allowed}", where=fields.where, name=name, allowed=", ".join(allowed))
        )
    return value
