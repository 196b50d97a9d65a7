"""The dialog in which a teacher makes a step of a lesson of the experiment that is shown."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons import LessonError
from lrstudio.engine.lessons.draft import Rehearsal, Rehearsed, setup_of, step_of
from lrstudio.engine.lessons.writer import StepError
from lrstudio.store.lessons.folder import add_step, new_file
from lrstudio.ui.fields.rows import add_row, choice_combo, form_layout, heading
from lrstudio.ui.lessons.lesson_target import LessonTarget
from lrstudio.ui.lessons.preview import Preview, PreviewPane, check_step, preview_of
from lrstudio.ui.lessons.step_form import StepForm
from lrstudio.ui.look.plain import Label
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.session.bench import Bench, LatestJob, Work
from lrstudio.ui.session.open_session import OpenSession

_WAIT_MS = 250
"""From the last letter to the next preview."""
_PACES = ("2", "5", "20", "100", "fastest")
_MAX_SHARE = 0.9


class StepEditor(QDialog):
    """Keeps what was typed until it is saved, also beyond the end of the program."""

    saved = Signal(Path)
    """The lesson's file."""

    def __init__(self, session: OpenSession, bench: Bench, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self._experiment: Experiment | None = None
        self._rehearsal = Rehearsal()
        self._looking, self._saving = LatestJob[object](bench), LatestJob[object](bench)
        self._preview: Preview | None = None
        self.setWindowTitle(tr("Make a lesson step"))
        self._assemble()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._look)
        self.form.changed.connect(self._timer.start)
        self.form.show_values(settings.lesson_draft)
        size = QSize(self.fontMetrics().averageCharWidth() * 140, self.fontMetrics().height() * 52)
        self.resize(size.boundedTo(self.screen().availableSize() * _MAX_SHARE))

    def open_for_step(self) -> None:
        """Shows the dialog for the experiment that is shown now."""
        self._experiment = self._session.experiment
        try:
            self.words.setText(setup_of(self._experiment).words)
            self.words_note.hide()
        except StepError as error:
            self.words.setText("")
            self.words_note.setText(str(error))
            self.words_note.show()
        self.target.show_files()
        self._look()
        self.show()
        self.raise_()
        self.activateWindow()
        self.form.fields["title"].setFocus()

    def keep_draft(self) -> None:
        """Keeps what was typed for the next start."""
        typed = {place: text for place, text in self.form.values().items() if text}
        self._settings.lesson_draft = typed if any(place != "kind" for place in typed) else {}

    def closeEvent(self, event: QCloseEvent) -> None:
        self.keep_draft()
        super().closeEvent(event)

    def done(self, result: int) -> None:
        self.keep_draft()
        super().done(result)

    def _assemble(self) -> None:
        self.form, self.target = StepForm(), LessonTarget()
        self.target.failed.connect(partial(self._show_error, "folder"))
        self.words, self.words_note = Label(), Label()
        for label in (self.words, self.words_note):
            label.setWordWrap(True)
            label.setMinimumWidth(1)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        paces = {pace: tr("{pace} steps a second", pace=pace) for pace in _PACES}
        paces["fastest"] = tr("as fast as it goes")
        self.pace = choice_combo(_PACES, lambda _pace: self._timer.start(), tuple(paces.values()))
        self.pace.setCurrentIndex(_PACES.index("20"))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(heading(tr("The experiment that is shown")))
        column.addWidget(self.words)
        column.addWidget(self.words_note)
        rows = form_layout()
        add_row(rows, tr("Speed"), self.pace, tr("How fast the learner's run goes"))
        column.addLayout(rows)
        column.addWidget(heading(tr("The step")))
        column.addWidget(self.form)
        column.addWidget(heading(tr("The lesson")))
        column.addWidget(self.target)
        column.addStretch()
        self.area = QScrollArea()
        self.area.setWidget(left)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.shown = PreviewPane(self.form.names)
        middle = QHBoxLayout()
        middle.addWidget(self.area, 3)
        middle.addWidget(self.shown, 2)
        self.note = Label()
        self.note.setWordWrap(True)
        self.save_button = QPushButton(tr("Save step"))
        self.save_button.setToolTip(tr("Writes the step to the end of the lesson, and shows the lesson"))
        self.save_button.clicked.connect(lambda _checked=False: self._save())
        self.clear_button = QPushButton(tr("Clear"))
        self.clear_button.setToolTip(tr("Empties all fields of the step"))
        self.clear_button.clicked.connect(lambda _checked=False: self.form.show_values({}))
        self.close_button = QPushButton(tr("Close"))
        self.close_button.setToolTip(tr("What you have typed stays here"))
        self.close_button.clicked.connect(lambda _checked=False: self.close())
        row = QHBoxLayout()
        row.addWidget(self.note, 1)
        for button in (self.clear_button, self.close_button, self.save_button):
            button.setAutoDefault(False)
            button.setMinimumHeight(28)
            row.addWidget(button)
        outer = QVBoxLayout(self)
        outer.addLayout(middle, 1)
        outer.addLayout(row)

    def _draft(self) -> dict[str, str]:
        return self.form.values() | {"pace": str(self.pace.currentData())}

    def _look(self) -> None:
        """Shows what a learner would see, and what is not right yet."""
        if self._experiment is None:
            return
        experiment, draft = self._experiment, self._draft()
        self.keep_draft()
        self.shown.show_waiting()

        def job(work: Work) -> tuple[Preview, Rehearsed]:
            try:
                setup = setup_of(experiment, draft["pace"])
            except StepError as error:
                return Preview({}, "", error.place, str(error)), Rehearsed("", (), ())
            return preview_of(draft, experiment, self._rehearsal, work), self._rehearsal.suggestions(
                setup.experiment, work.stop
            )

        self._looking.ask(None, job, self._show_preview, failed=partial(self._show_error, ""))

    def _show_preview(self, found: tuple[Preview, Rehearsed]) -> None:
        self._preview, rehearsed = found
        self.shown.show_preview(self._preview)
        self.form.offer(rehearsed)
        self._show_error(self._preview.place, self._preview.error)

    def _save(self) -> None:
        """Saves the step; an error leads to its field."""
        self._timer.stop()
        experiment, draft, folder, file = self._experiment, self._draft(), self.target.folder, self.target.existing
        if experiment is None:
            return
        if folder is None:
            self._lead_to("folder", tr("choose the folder of your lessons first"))
            return
        heading = self.target.heading if file is None else None

        def job(work: Work) -> Path | StepError:
            try:
                step = step_of(draft, experiment)
                check_step(step)
                self._rehearsal.rehearse(step, work.stop)
                path = file or new_file(folder, "" if heading is None else heading.title)
                add_step(path, step, heading)
            except StepError as error:
                return error
            except LessonError as error:
                return StepError("lesson", str(error))
            return path

        self.save_button.setEnabled(False)
        self._saving.ask(None, job, self._show_saved, failed=lambda why: self._show_saved(StepError("", why)))

    def _show_saved(self, result: Path | StepError) -> None:
        self.save_button.setEnabled(True)
        if isinstance(result, StepError):
            self._lead_to(result.place, str(result))
            return
        self.form.show_values({})
        self.target.show_files(result)
        self.close()
        self._session.message.emit(tr("The step was added to {name}", name=result.name))
        self.saved.emit(result)

    def _lead_to(self, place: str, why: str) -> None:
        self._show_error(place, why)
        fields = {**self.form.fields, "lesson": self.target.title, "folder": self.target.button}
        field = fields.get(place)
        if field is not None:
            field.setFocus()
            self.area.ensureWidgetVisible(field)

    def _show_error(self, place: str, why: str) -> None:
        names = {
            **self.form.names,
            "lesson": tr("Lesson"),
            "folder": tr("Folder"),
            "setup": tr("Experiment"),
        }
        text = tr("{field}: {error}", field=names[place], error=why) if place in names else why
        self.note.setText(f"⚠ {text}" if why else "")
