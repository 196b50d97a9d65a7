"""Who learns at this computer, and what each has done: kept in a file, without a widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from lrstudio.core.language import tr
from lrstudio.engine.lessons import Lesson, Step
from lrstudio.store.lessons.progress import DEFAULT, Progress, ProgressFile, Record, checked_name
from lrstudio.ui.session.bench import Bench, Work
from lrstudio.ui.session.jobs import reason

Change = Callable[[Progress], object]


class Learners(QObject):
    """The learners; without a file nothing is kept. The file is read and written in the background."""

    changed = Signal()
    """Another learner, or other progress."""
    learner_changed = Signal()
    """What was shown of the last learner is not of this one."""
    told = Signal(str)
    """A sentence for the status line."""
    failed = Signal(str, str)

    def __init__(self, bench: Bench, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._file = bench, None if path is None else ProgressFile(path)
        self._progress = Progress({})
        self._waiting: list[Change] = []
        self._work: Work | None = None
        self._being_written: list[Change] = []
        self._failing = False
        self.known = path is None
        """Whether the file has been read, as far as it can be."""

    @property
    def name(self) -> str:
        return self._progress.last

    @property
    def names(self) -> list[str]:
        """All learners, by name."""
        return sorted({*self._progress.learners, self.name, DEFAULT}, key=str.casefold)

    @property
    def progress(self) -> Progress:
        return self._progress

    def read(self) -> None:
        """Reads the file; `changed` follows."""
        if self._file is not None and not self.known and self._work is None:
            self._start(self._file.read, self._show)

    def choose(self, name: str) -> None:
        """Makes somebody the learner; ValueError for a name that cannot be shown."""
        name = checked_name(name)
        if name != self.name:
            self._change(partial(_choose, name))
            self.learner_changed.emit()

    def start_over(self) -> None:
        """Forgets what the learner has done."""
        self._change(partial(_forget, self.name))
        self.learner_changed.emit()

    def forget_all(self) -> None:
        """Forgets all learners."""
        self._change(_forget_all)
        self.learner_changed.emit()

    def record(self, lesson: Lesson, index: int) -> Record:
        """Returns what the learner has done in a step, as long as the step is the same."""
        record = self._progress.learners.get(self.name, {}).get((lesson.id, index), Record())
        changed = lesson.folder and record.title and record.title != lesson.steps[index].title
        return Record() if changed else record

    def answered(self, lesson: Lesson, index: int, answer: str) -> None:
        """Notes the first answer to a step."""
        record = self.record(lesson, index)
        if not record.answer:
            self._put(lesson, index, replace(record, answer=answer))

    def hinted(self, lesson: Lesson, index: int) -> None:
        """Counts a hint, while the step is not done."""
        record = self.record(lesson, index)
        if not record.done:
            self._put(lesson, index, replace(record, hints=record.hints + 1))

    def judged(self, lesson: Lesson, index: int, right: bool, *, done: bool) -> None:
        """Counts an attempt, while the step is not done; `done` says whether the step is with it."""
        record = self.record(lesson, index)
        if not record.done:
            first = right if record.right is None else record.right
            now = datetime.now().astimezone().isoformat(timespec="seconds") if done else ""
            self._put(lesson, index, replace(record, right=first, attempts=record.attempts + 1, done=now))

    def count(self, lesson: Lesson) -> tuple[int, int]:
        """Returns how many steps of a lesson that ask something are done, and how many there are."""
        asking = sum(map(asks, lesson.steps))
        return asking - len(self.unanswered(lesson)), asking

    def unanswered(self, lesson: Lesson) -> list[int]:
        """Returns the indices of the steps that ask something and are not done."""
        asking = (index for index, step in enumerate(lesson.steps) if asks(step))
        return [index for index in asking if not self.record(lesson, index).done]

    def done(self, lesson: Lesson) -> bool:
        """Whether every step of a lesson that asks something is done."""
        done, asked = self.count(lesson)
        return bool(asked) and done == asked

    def begun(self, lesson: Lesson) -> bool:
        return any(self.record(lesson, index) != Record() for index in range(len(lesson.steps)))

    def next_step(self, lesson: Lesson) -> int:
        """Returns the index of the step after the last one that is done; 0 of a lesson that is not begun or is done."""
        done = [index for index in range(len(lesson.steps)) if self.record(lesson, index).done]
        asking = [index for index, step in enumerate(lesson.steps) if asks(step)]
        return done[-1] + 1 if done and not set(asking) <= set(done) and done[-1] + 1 < len(lesson.steps) else 0

    def close(self) -> None:
        """Writes what has not been written."""
        waiting, self._waiting = [*self._being_written, *self._waiting], []
        if self._work is not None:
            self._work.cancel()
        if self._file is not None and waiting:
            try:
                self._file.change(partial(_apply, waiting))
            except OSError as error:
                self.failed.emit(tr("The progress of the lessons could not be kept"), reason(error))

    def _put(self, lesson: Lesson, index: int, record: Record) -> None:
        record = replace(record, title=lesson.steps[index].title)
        self._change(partial(_put, self.name, (lesson.id, index), record))

    def _change(self, change: Change) -> None:
        change(self._progress)
        self._waiting.append(change)
        self._write()
        self.changed.emit()

    def _write(self) -> None:
        file, waiting = self._file, self._waiting
        if file is None:
            waiting.clear()
        elif self._work is None and waiting:
            self._being_written, self._waiting = waiting, []

            self._start(lambda: file.change(partial(_apply, waiting)), self._show)

    def _start(self, job: Callable[[], Progress], done: Callable[[Progress], None]) -> None:
        self._work = self._bench.start(lambda _work: job(), done=done, failed=self._fail)

    def _show(self, progress: Progress) -> None:
        """Shows what the file has, with what it has not yet."""
        assert self._file is not None
        self._work, self._being_written, self.known, self._failing = None, [], True, False
        before = self.name
        _apply(self._waiting, progress)
        self._progress = progress
        if self._file.set_aside is not None:
            text = tr("The progress of the lessons was damaged; it is kept as {path}, and a new one has begun")
            self.told.emit(text.format(path=self._file.set_aside))
            self._file.set_aside = None
        self._write()
        self.changed.emit()
        if self.name != before:
            self.learner_changed.emit()

    def _fail(self, why: str) -> None:
        """Keeps what could not be written for the next try, at the next change or in the end."""
        self._work, self.known = None, True
        self._waiting, self._being_written = [*self._being_written, *self._waiting], []
        if not self._failing:
            self._failing = True
            self.failed.emit(tr("The progress of the lessons could not be kept"), why)
        self.changed.emit()


def asks(step: Step) -> bool:
    """Whether a step asks for a prediction or sets a task."""
    return step.prediction is not None or step.task is not None


def _apply(changes: list[Change], progress: Progress) -> None:
    for change in changes:
        change(progress)


def _choose(name: str, progress: Progress) -> None:
    progress.last = name
    progress.learners.setdefault(name, {})


def _forget(name: str, progress: Progress) -> None:
    progress.learners.pop(name, None)


def _forget_all(progress: Progress) -> None:
    progress.learners.clear()
    progress.last = DEFAULT


def _put(name: str, key: tuple[str, int], record: Record, progress: Progress) -> None:
    progress.learners.setdefault(name, {})[key] = record
