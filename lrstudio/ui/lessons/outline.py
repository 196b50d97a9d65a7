"""Reads and rearranges the lesson that a teacher has chosen, and fills the fields of a step with proposals."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons import Lesson, Step, read_lesson
from lrstudio.engine.lessons.draft import Draft, Rehearsal
from lrstudio.engine.lessons.questions import printed_table, question_of
from lrstudio.engine.lessons.writer import with_order
from lrstudio.store.lessons.folder import change_lesson, read_text
from lrstudio.ui.lessons.lesson_target import LessonTarget
from lrstudio.ui.lessons.step_form import StepForm
from lrstudio.ui.session.bench import Bench, LatestJob, Work


class Outline(QObject):
    """The steps of the lesson that is chosen in a target, in the list of which they are moved and deleted."""

    left = Signal()
    """Another lesson was chosen, or its steps are others: none of them is changed any more."""
    failed = Signal(str)

    def __init__(self, target: LessonTarget, bench: Bench, parent: QObject) -> None:
        super().__init__(parent)
        self._target = target
        self.steps: tuple[Step, ...] = ()
        self._reading, self._writing = LatestJob[object](bench), LatestJob[object](bench)
        target.chosen.connect(self._read)
        target.order_requested.connect(self._order)

    def _read(self, file: Path | None) -> None:
        self.steps = ()
        self.left.emit()
        self._reading.cancel()
        if file is not None:
            show = partial(self._show, 0)
            self._reading.ask(
                None, lambda _work: read_lesson(read_text(file), file.stem), show, failed=self.failed.emit
            )

    def _show(self, current: int, lesson: Lesson) -> None:
        self.steps = lesson.steps
        self._target.show_steps([step.title for step in lesson.steps], current)

    def _order(self, order: list[int]) -> None:
        """Writes the steps in another order, or without one of them."""
        file, row = self._target.existing, self._target.steps.currentRow()
        if file is not None:
            self.left.emit()

            def job(_work: Work) -> Lesson:
                return change_lesson(file, lambda text, key: with_order(text, key, order))

            self._writing.ask(None, job, partial(self._show, row), failed=self.failed.emit)


class Filler(QObject):
    """Fills empty fields with what can be asked and said about the run; `drafted` returns experiment and draft."""

    failed = Signal(str)

    def __init__(
        self, form: StepForm, rehearsal: Rehearsal, bench: Bench, drafted: Callable[[], tuple[Experiment | None, Draft]]
    ) -> None:
        super().__init__(form)
        self._form, self._rehearsal, self._drafted = form, rehearsal, drafted
        self._job = LatestJob[object](bench)
        form.question_requested.connect(partial(self._fill, self._question))
        form.table_requested.connect(partial(self._fill, self._table))

    def _fill(self, texts: Callable[[Experiment, Draft, Work], dict[str, str]]) -> None:
        experiment, draft = self._drafted()
        if experiment is not None:
            self._job.ask(None, lambda work: texts(experiment, draft, work), self._form.fill, failed=self.failed.emit)

    def _question(self, experiment: Experiment, draft: Draft, work: Work) -> dict[str, str]:
        asked = question_of(draft["kind"], self._rehearsal.outcome(experiment, work.stop))
        if not asked:
            raise ValueError(tr("there is no proposal for this run"))
        if draft["kind"] == "task":
            asked["rate"] = self._rehearsal.solved({**draft, **asked, "title": "x"}, experiment, work.stop)
        return asked

    def _table(self, experiment: Experiment, _draft: Draft, work: Work) -> dict[str, str]:
        return {"table": printed_table(self._rehearsal.outcome(experiment, work.stop))}
