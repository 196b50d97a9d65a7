"""The progress of the learners of a computer: a small file, written atomically; a damaged one is set aside."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from lrstudio.core.language import mark, tr
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import FileChangedError, locked, writing
from lrstudio.store.csv.cells import harmless, is_number
from lrstudio.store.fields import Fields, Json, dumps, loads

DEFAULT = mark("learner")
MAX_NAME = 60
_FORMAT, _VERSION = "lrstudio lesson progress", 1
_MAX_BYTES = 64 * 2**20
_MAX_TEXT, _MOST_DIGITS, _TRIES = 400, 4, 20
_COLUMNS = ("learner", "lesson", "step", "first answer", "right at once", "attempts", "hints used", "done at")


class ProgressError(ValueError):
    """A file of progress that cannot be read."""


@dataclass(frozen=True)
class Record:
    """What a learner did in a step: `right` is the first judgement, None before it; `done` a time, "" before it."""

    title: str = ""
    answer: str = ""
    right: bool | None = None
    attempts: int = 0
    hints: int = 0
    done: str = ""


Records = dict[tuple[str, int], Record]
"""By the id of the lesson and the index of the step."""


@dataclass(eq=False)
class Progress:
    """The records by learner, and the learner who was the last one."""

    learners: dict[str, Records]
    last: str = DEFAULT


def checked_name(name: str) -> str:
    """Returns the name of a learner without needless spaces; ValueError for one that cannot be shown."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise ValueError(tr("a name has 1 to {most} letters", most=MAX_NAME))
    return name


def progress_csv(progress: Progress) -> str:
    """Returns a row for each step that was begun; texts are written by `harmless`, steps count from 1."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for learner, records in sorted(progress.learners.items()):
        for (lesson, step), record in sorted(records.items()):
            answer = record.answer if is_number(record.answer, ".") else harmless(record.answer)
            right = "" if record.right is None else "yes" if record.right else "no"
            settings = [harmless(learner), harmless(lesson), str(step + 1), answer, right]
            writer.writerow([*settings, str(record.attempts), str(record.hints), harmless(record.done)])
    return text.getvalue().encode("utf-8", "replace").decode()  # JSON can hold halves of a character


class ProgressFile:
    """The file. Other windows may write to it too: each change is made to what the file has then."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set_aside: Path | None = None
        """Where the last damaged file was moved to."""

    def read(self) -> Progress:
        """Returns what the file has; a damaged one is set aside, and nothing is known. OSError if that fails."""
        return _decoded(self._content())

    def change(self, change: Callable[[Progress], object], tries: int = _TRIES) -> Progress:
        """Changes what the file has, and returns that; OSError if it cannot be written."""
        before = self._content()
        progress = _decoded(before)
        change(progress)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with locked(self.path), writing(self.path, lambda: self._check(before)) as write:
                write(_encoded(progress))
        except FileChangedError:
            if tries > 1:
                return self.change(change, tries - 1)
            raise
        return progress

    def _check(self, before: bytes | None) -> None:
        if self._bytes() != before:
            raise FileChangedError(self.path, None)

    def _bytes(self) -> bytes | None:
        try:
            with self.path.open("rb") as file:
                return file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return None

    def _content(self) -> bytes | None:
        """Returns the valid content of the file; None without one."""
        content = self._bytes()
        try:
            _decoded(content)
        except ProgressError:
            with locked(self.path):
                if self._bytes() == content:  # no other window has set it aside
                    self.set_aside = _free_name(self.path)
                    self.path.rename(self.set_aside)
            return self._content()
        return content


def _free_name(path: Path) -> Path:
    """Returns a name beside the file that no other one has."""
    names = (path.with_name(f"{path.stem}-damaged-{number}{path.suffix}") for number in range(1, 10**6))
    return next(name for name in names if not name.exists())


def _encoded(progress: Progress) -> bytes:
    learners: dict[str, Json] = {name: {} for name in progress.learners}
    for name, records in progress.learners.items():
        for (lesson, step), record in records.items():
            fields = {key: getattr(record, key) for key in Record.__dataclass_fields__}
            learners[name].setdefault(lesson, {})[str(step)] = fields
    return dumps({"format": _FORMAT, "version": _VERSION, "last": progress.last, "learners": learners})


def _decoded(content: bytes | None) -> Progress:
    """Returns the progress of a file's content; ProgressError if it is damaged or of another version."""
    if content is None:
        return Progress({})
    if len(content) > _MAX_BYTES:
        raise ProgressError(tr("is longer than {most} MiB", most=_MAX_BYTES // 2**20))
    try:
        fields = Fields(loads(content), "")
        if fields.text("format") != _FORMAT or fields.integer("version", 0) != _VERSION:
            raise ProgressError(tr("is of another kind or version"))
        learners = fields.part("learners")
        return Progress(
            {checked_name(name): _records(learners.part(name)) for name in learners.names()},
            checked_name(fields.text("last")),
        )
    except ValueError as error:
        raise ProgressError(str(error)) from None


def _records(lessons: Fields) -> Records:
    records: Records = {}
    for lesson in lessons.names():
        steps = lessons.part(lesson)
        for step in steps.names():
            if not (step.isascii() and step.isdecimal() and len(step) <= _MOST_DIGITS):
                raise ProgressError(tr("{lesson}: {step!r} is no number of a step", lesson=lesson, step=step))
            records[lesson, int(step)] = _record(steps.part(step))
    return records


def _record(fields: Fields) -> Record:
    right = None if fields.take_null("right") else fields.take("right")
    if right is not None and not isinstance(right, bool):
        raise ProgressError(tr("right: must be true, false or null"))
    title, answer, done = (fields.text(name)[:_MAX_TEXT] for name in ("title", "answer", "done"))
    attempts, hints = (fields.integer(name, 0) for name in ("attempts", "hints"))
    return Record(title, answer, right, attempts, hints, done)
