"""A window of an instrument: a form at the left, plots at the right, a message below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import MAX_FAMILY, free_color
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.fields.rows import Column
from lrstudio.ui.look.help import HelpButton
from lrstudio.ui.look.plain import Label
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench, LatestJob, Work
from lrstudio.ui.session.open_session import OpenSession

_SHARED = {item.name for item in fields(Experiment)} - {"runs", "steps", "target_loss", "horizon"}
"""Fields that all runs of an experiment share, apart from the session's steps and target."""
_PROGRESS_MS = 50
_SIDE_CHARS = 40


class _Side(Column):
    """The column of the form at its least width."""

    def sizeHint(self) -> QSize:
        return QSize(self.minimumWidth(), super().sizeHint().height())


_FRAME = QSize(16, 48)
"""Largest frame in pixels that a system draws around a window."""


def first_size(window: QWidget, width: int, height: int) -> QSize:
    """Returns this size, or the available size of the screen where that is less."""
    return QSize(width, height).boundedTo(window.screen().availableSize() - _FRAME)


class InstrumentWindow(QWidget):
    """A form, plots, a message and one computation at a time, which closing cancels."""

    def __init__(self, title: str, session: OpenSession, bench: Bench, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(title)
        self.session, self.theme = session, theme
        self.side = QVBoxLayout()
        self.plots = QSplitter(Qt.Orientation.Vertical)
        self.job = LatestJob[object](bench)
        self._progress_timer = QTimer(self)
        self._progress_timer.setInterval(_PROGRESS_MS)
        self._progress_timer.timeout.connect(self._show_progress)
        self._arrange()
        self.resize(first_size(self, 1240, 780))
        for keys in (QKeySequence.StandardKey.Close, QKeySequence(Qt.Key.Key_Escape)):
            QShortcut(keys, self, self.close)

    def set_theme(self, theme: Theme) -> None:
        """Changes all colours."""
        self.theme = theme
        for plot in self.findChildren(Plot):
            plot.set_theme(theme)

    def select(self, run: int) -> None:
        """Reacts to the selection of another run in the main window."""

    def bring_to_front(self) -> None:
        """Shows the window in front of the others."""
        self.show()
        self.raise_()
        self.activateWindow()

    @property
    def busy(self) -> bool:
        """Whether a computation runs."""
        return self.job.busy

    def compute(
        self,
        request: object,
        job: Callable[[Work], Any],
        done: Callable[[Any], None],
        partial: Callable[[Any], None] = lambda _result: None,
    ) -> bool:
        """Starts a job in place of the running one, as `LatestJob.ask` does; shows its error as a message."""
        started = self.job.ask(
            request, job, lambda result: self._finish(done, result), partial=partial, failed=self._fail
        )
        if started:
            self.show_message("")
            self._progress.setValue(0)
            self._progress_timer.start()
            self._show_running(True)
        return started

    def cancel(self) -> None:
        """Cancels the computation; the results so far stay."""
        self.job.cancel()
        self._show_running(False)

    def open_run(self, experiment: Experiment, index: int | None) -> bool:
        """Adds the run of an experiment to the session, or replaces the run at an index; returns False on an error."""
        try:
            self.session.edit(with_opened_run(self.session.experiment, experiment, index, len(self.theme.runs)))
        except ValueError as error:
            self.show_message(str(error), warning=True)
            return False
        return True

    def show_message(self, text: str, *, warning: bool = False) -> None:
        """Shows a message below the plots."""
        self.note.setText(text)
        self.note.setStyleSheet(f"color: {self.theme.warning}; font-weight: bold" if warning else "")

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.UpdateRequest:  # a widget of the window is about to be painted
            self.session.feed.hold()
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.busy:  # what is complete is not computed again when the window is shown again
            self.cancel()
        super().closeEvent(event)

    def _finish(self, done: Callable[[Any], None], result: Any) -> None:
        self._show_running(False)
        done(result)

    def _fail(self, why: str) -> None:
        self._show_running(False)
        self.show_message(why, warning=True)

    def _show_progress(self) -> None:
        if self.job.fraction is not None:
            self._progress.setValue(round(1000 * self.job.fraction))

    def _show_running(self, running: bool) -> None:
        for widget in (self._progress, self.cancel_button):
            widget.setVisible(running)
        if not running:
            self._progress_timer.stop()

    def _arrange(self) -> None:
        self.note = Label()
        self.note.setWordWrap(True)
        self._progress, self.cancel_button = QProgressBar(), QPushButton(tr("Cancel"))
        self._progress.setRange(0, 1000)
        self._progress.setMaximumWidth(240)
        self._progress.setAccessibleName(tr("Progress"))
        self._progress.setToolTip(tr("How much of it is computed"))
        self.cancel_button.setToolTip(tr("Stop computing; the results so far stay"))
        self.cancel_button.setAccessibleName(self.cancel_button.text())
        self.cancel_button.clicked.connect(lambda _checked=False: self.cancel())
        below = QHBoxLayout()
        below.addWidget(self.note, 1)
        below.addWidget(self._progress)
        below.addWidget(self.cancel_button)
        below.addWidget(HelpButton())
        form = QWidget()
        form.setLayout(self.side)
        self.side.setContentsMargins(0, 0, 0, 0)
        column = _Side(form, chars=_SIDE_CHARS)
        column.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        whole = QHBoxLayout()
        whole.addWidget(column)
        whole.addWidget(self.plots, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(whole, 1)
        layout.addLayout(below)
        self._show_running(False)


def with_opened_run(session: Experiment, opened: Experiment, index: int | None, palette: int) -> Experiment:
    """Returns the session's experiment with the run of `opened` added, or in place of the run at an index.

    If `opened` has another problem, precision, gradient or seed, or uses all data where the session has batches, it
    replaces the whole experiment.
    Raises ValueError where there are too many runs.
    """
    run = opened.runs[0].bare()
    if opened.batch_size is not None and opened.batch_size != session.batch_size:
        run, opened = replace(run, batch_size=opened.batch_size), replace(opened, batch_size=session.batch_size)
    if any(getattr(session, name) != getattr(opened, name) for name in _SHARED):
        return replace(opened, batch_size=run.batch_size or opened.batch_size).bare()
    if index is not None and index < len(session.runs):
        return session.with_run(index, **(vars(run) | {"color": session.runs[index].color}))
    if any(run == other.bare() for other in session.runs):
        return session
    if len(session.runs) >= MAX_FAMILY:
        raise ValueError(tr("there are {count} runs: at most {most}", count=len(session.runs), most=MAX_FAMILY))
    added = replace(run, color=free_color(session.runs, palette))
    return replace(session, runs=(*session.runs, added))
