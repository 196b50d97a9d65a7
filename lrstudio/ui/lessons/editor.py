"""The dialog in which a teacher makes a step of a lesson of the experiment that is shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons.draft import Rehearsal, Rehearsed, setup_of
from lrstudio.engine.lessons.redraft import draft_of
from lrstudio.engine.lessons.writer import StepError
from lrstudio.store.lessons.folder import new_file
from lrstudio.ui.fields.rows import add_row, choice_combo, form_layout, heading
from lrstudio.ui.lessons.lesson_target import LessonTarget
from lrstudio.ui.lessons.outline import Filler, Outline
from lrstudio.ui.lessons.parts import push_button, reading_area
from lrstudio.ui.lessons.preview import Preview, PreviewPane, preview_of, saved_step
from lrstudio.ui.lessons.step_form import StepForm
from lrstudio.ui.look.plain import Label
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.session.bench import Bench, LatestJob, Work
from lrstudio.ui.session.open_session import OpenSession

_WAIT_MS = 250
"""From the last letter to the next preview."""
_PACES = ("2", "5", "20", "100", "fastest")
_MAX_SHARE = 0.9


def _shown_now() -> str:
    return tr("The experiment that is shown")


class StepEditor(QDialog):
    """Makes steps of what is shown, and changes those that exist. Keeps what was typed, also beyond the program's end.

    `places` are what a step can point at, by the names of engine.lessons.LOOKS.
    """

    tried = Signal(Path)
    """The file of the lesson that the teacher wants to walk."""

    def __init__(
        self, session: OpenSession, bench: Bench, settings: Settings, places: Mapping[str, str], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._settings, self._places = session, settings, places
        self._changed: int | None = None
        """The index of the step that is changed; None for a new one."""
        self._experiment: Experiment | None = None
        self._rehearsal = Rehearsal()
        self._looking, self._saving = LatestJob[object](bench), LatestJob[object](bench)
        self._saved = ""
        self.setWindowTitle(tr("Make a lesson step"))
        self._assemble()
        self._outline = Outline(self.target, bench, self)
        self._outline.left.connect(self._leave_step)
        self._outline.failed.connect(partial(self._show_error, "lesson"))
        filler = Filler(self.form, self._rehearsal, bench, lambda: (self._experiment, self._draft()))
        filler.failed.connect(partial(self._show_error, ""))
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(self._look)
        self.form.changed.connect(self._timer.start)
        session.experiment_changed.connect(self._follow)
        draft = settings.lesson_draft
        self.form.show_values(draft)
        if os.path.isdir(folder := draft.get("folder", "")):  # noqa: PTH112 - False also for a name that is too long
            self.target.choose_folder(Path(folder))
        size = QSize(self.fontMetrics().averageCharWidth() * 140, self.fontMetrics().height() * 52)
        self.resize(size.boundedTo(self.screen().availableSize() * _MAX_SHARE))

    def open_for_step(self) -> None:
        """Shows the dialog for the experiment that is shown now."""
        self.show()
        if self._changed is None:
            self._take(self._session.experiment)
        else:
            self._look()
        self.target.show_files(self.target.existing)
        self.raise_()
        self.activateWindow()
        self.form.fields["title"].setFocus()

    def keep_draft(self) -> None:
        """Keeps what was typed and the folder for the next start."""
        typed = {place: text for place, text in self.form.values().items() if text}
        kept = typed if any(place != "kind" for place in typed) and self._changed is None else {}
        folder = self.target.folder
        self._settings.lesson_draft = kept | ({} if folder is None else {"folder": str(folder)})

    def _follow(self) -> None:
        """Takes the experiment that is shown for a new step."""
        if self.isVisible() and self._changed is None:
            self._take(self._session.experiment)

    def _take(self, experiment: Experiment) -> None:
        """Makes the step one about an experiment."""
        self._experiment = experiment
        try:
            self.words.setText(setup_of(experiment).words)
            self.words_note.hide()
        except StepError as error:
            self.words.setText("")
            self.words_note.setText(str(error))
            self.words_note.show()
        self._look()

    def _take_shown(self) -> None:
        self._goes_on = False
        self._take(self._session.experiment)

    def done(self, result: int) -> None:
        self.keep_draft()
        self._looking.cancel()
        self._rehearsal.forget()
        super().done(result)

    def _assemble(self) -> None:
        self.form, self.target = StepForm(self._places), LessonTarget()
        self.target.failed.connect(partial(self._show_error, "folder"))
        self.target.edit_requested.connect(self._change)
        self._goes_on = False
        self.words, self.words_note = Label(), Label()
        for label in (self.words, self.words_note):
            label.setWordWrap(True)
            label.setMinimumWidth(1)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setAccessibleName(_shown_now())
        self.words.setToolTip(tr("The text can be selected and copied"))
        paces = {pace: tr("{pace} steps a second", pace=pace) for pace in _PACES}
        paces["fastest"] = tr("as fast as it goes")
        self.pace = choice_combo(_PACES, lambda _pace: self._timer.start(), tuple(paces.values()))
        self.pace.setCurrentIndex(_PACES.index("20"))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(heading(tr("The lesson")))
        column.addWidget(self.target)
        self.words_heading = heading(_shown_now())
        column.addWidget(self.words_heading)
        column.addWidget(self.words)
        column.addWidget(self.words_note)
        rows = form_layout()
        add_row(rows, tr("Speed"), self.pace, tr("How fast the learner's run goes"))
        column.addLayout(rows)
        tip = tr("Makes the step one about the experiment that is shown in the window now")
        self.take_button = push_button(tr("Take the experiment that is shown"), tip, self._take_shown)
        self.take_button.hide()
        column.addWidget(self.take_button)
        self.step_heading = heading(tr("A new step"))
        column.addWidget(self.step_heading)
        column.addWidget(self.form)
        column.addStretch()
        self.area = reading_area(left)
        self.area.setAccessibleName(tr("The step"))
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the focused field is scrolled to
        self.shown = PreviewPane(self.form.names)
        middle = QHBoxLayout()
        middle.addWidget(self.area, 3)
        middle.addWidget(self.shown, 2)
        self.note = Label()
        self.note.setWordWrap(True)
        tip = tr("Writes the step into the lesson; then comes the next one")
        self.save_button = push_button(tr("Save step"), tip, self._save)
        self.try_button = push_button(tr("Try the lesson"), tr("Begins the lesson as learners do"), self._try)
        self.try_button.setEnabled(False)
        self.clear_button = push_button(tr("Clear"), tr("Empties all fields, for a new step"), self._renew)
        self.close_button = push_button(tr("Close"), tr("What you have typed stays here"), self.close)
        row = QHBoxLayout()
        row.addWidget(self.note, 1)
        for button in (self.clear_button, self.close_button, self.try_button, self.save_button):
            row.addWidget(button)
        outer = QVBoxLayout(self)
        outer.addLayout(middle, 1)
        outer.addLayout(row)

    def _draft(self) -> dict[str, str]:
        goes_on = "yes" if self._goes_on else ""
        return self.form.values() | {"pace": str(self.pace.currentData()), "goes on": goes_on}

    def _look(self) -> None:
        """Shows what a learner would see, and what is not right yet; a closed window looks again when it opens."""
        experiment, draft = self._experiment, self._draft()
        if experiment is None or self.isHidden():
            return
        self.keep_draft()
        self.shown.show_waiting()

        def job(work: Work) -> tuple[Preview, Rehearsed]:
            try:
                setup = setup_of(experiment, draft["pace"])
            except StepError as error:
                return Preview({}, "", error.place, str(error)), Rehearsed("", (), ())
            return preview_of(draft, experiment, self._rehearsal, work, self._places), self._rehearsal.suggestions(
                setup.experiment, work.stop
            )

        self._looking.ask(None, job, self._show_preview, failed=partial(self._show_error, ""))

    def _show_preview(self, found: tuple[Preview, Rehearsed]) -> None:
        preview, rehearsed = found
        self.shown.show_preview(preview)
        self.form.offer(rehearsed)
        setup_only = self.form.empty and preview.place != "setup"
        self._show_error(preview.place, "" if setup_only else preview.error)

    def _save(self) -> None:
        """Saves the step; an error leads to its field."""
        self._timer.stop()
        experiment, draft, folder, file = self._experiment, self._draft(), self.target.folder, self.target.existing
        if experiment is None:
            return
        if folder is None:
            self._lead_to("folder", tr("choose the folder of your lessons first"))
            return
        heading, at = self.target.heading if file is None else None, self._changed

        def job(work: Work) -> Path | StepError:
            path = file or new_file(folder, "" if heading is None else heading.title)
            return saved_step(draft, experiment, self._rehearsal, work, path, heading, at)

        self.save_button.setEnabled(False)
        self._saving.ask(None, job, self._show_saved, failed=lambda why: self._show_saved(StepError("", why)))

    def _show_saved(self, result: Path | StepError) -> None:
        self.save_button.setEnabled(True)
        if isinstance(result, StepError):
            self._lead_to(result.place, str(result))
            return
        was_new = self._changed is None
        self._renew()
        self.target.show_files(result)
        text = tr("✓ The step was added to {name}.") if was_new else tr("✓ The step was changed in {name}.")
        self._saved = text.format(name=result.name)
        self.note.setText(self._saved)

    def _renew(self) -> None:
        """Begins a new step about the experiment that is shown."""
        self._show_step(None)
        self._take(self._session.experiment)

    def _show_step(self, index: int | None, draft: dict[str, str] | None = None) -> None:
        """Shows the draft of a step that exists, or empty fields."""
        draft = draft or {}
        self._changed, self._goes_on = index, bool(draft.get("goes on"))
        self.form.show_values(draft)
        self.pace.setCurrentIndex(max(0, self.pace.findData(draft.get("pace", "20"))))
        text = tr("A new step") if index is None else tr("Step {number}, to be changed", number=index + 1)
        self.step_heading.setText(text)
        self.words_heading.setText(_shown_now() if index is None else tr("The experiment of the step"))
        self.take_button.setHidden(index is None)
        self.save_button.setText(tr("Save step") if index is None else tr("Save changes"))

    def _leave_step(self) -> None:
        """Begins a new step where one was changed that is not there any more."""
        self.try_button.setEnabled(self.target.existing is not None)
        if self._changed is not None:
            self._renew()

    def _try(self) -> None:
        if self.target.existing is not None:
            self.close()
            self.tried.emit(self.target.existing)

    def _change(self, index: int) -> None:
        """Shows a step of the lesson in the fields."""
        try:
            draft, experiment = draft_of(self._outline.steps[index], self._session.experiment)
        except StepError as error:
            self._show_error("lesson", str(error))
            return
        if self.pace.findData(draft["pace"]) < 0:
            self.pace.addItem(tr("{pace} steps a second", pace=draft["pace"]), draft["pace"])
        self._show_step(index, draft)
        self._take(experiment)
        self.form.fields["title"].setFocus()
        self.area.ensureWidgetVisible(self.form.fields["title"])

    def _lead_to(self, place: str, why: str) -> None:
        self._show_error(place, why)
        field = {**self.form.fields, "lesson": self.target.title, "folder": self.target.button}.get(place)
        if field is not None:
            field.setFocus()
            self.area.ensureWidgetVisible(field)

    def _show_error(self, place: str, why: str) -> None:
        names = {**self.form.names, "lesson": tr("Lesson"), "folder": tr("Folder"), "setup": tr("Experiment")}
        text = tr("{field}: {error}", field=names[place], error=why) if place in names else why
        self.note.setText(f"⚠ {text}" if why else self._saved)
