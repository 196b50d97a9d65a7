"""The actions that run, step and reset, and those that move the time cursor."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from lrstudio.core.language import tr
from lrstudio.engine.memory import first_kept
from lrstudio.engine.training.pilot import State
from lrstudio.ui.fields.actions import action
from lrstudio.ui.look.theme import Theme, icon
from lrstudio.ui.session.cursor import Cursor
from lrstudio.ui.session.open_session import OpenSession

_LARGE = 0.5
"""Size in GB of a trace that is worth a remark."""


class RunActions(QObject):
    """Actions of the run and the time cursor, shared by the menu and the tool bar."""

    def __init__(self, window: QWidget, session: OpenSession, cursor: Cursor) -> None:
        super().__init__(session)
        self._session, self._cursor = session, cursor
        self.first = action(self, tr("First step"), lambda: cursor.go(0), "Home", tr("Look at the start"))
        self.back = action(self, tr("Step back"), lambda: cursor.shift(-1), "Left", tr("Look one step back"))
        self.play = action(self, tr("Run"), self._toggle, "Space", tr("Run or pause"))
        self.play.setAutoRepeat(False)
        self.over = QShortcut(QKeySequence("Space"), window, self._show_over)
        """Replaces `play` after the end of a run, so that Space does not press the focused control."""
        self.step = action(self, tr("Step"), self._step, "Right", tr("One step forward or, at the end, one more"))
        self.last = action(self, tr("Newest step"), lambda: cursor.go(None), "End", tr("Follow the run"))
        self.reset = action(self, tr("Reset"), session.restart, "Ctrl+R", tr("Start again"))
        self._theme: Theme | None = None
        self._size = 0.0
        self._held = ""
        session.state_changed.connect(self._show_state)
        session.experiment_changed.connect(self._show_size)
        cursor.moved.connect(self._show_state)

    def actions(self) -> list[QAction]:
        return [self.first, self.back, self.play, self.step, self.last, self.reset]

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        names = {self.first: "first", self.back: "step-back", self.step: "step", self.last: "last", self.reset: "reset"}
        for entry, name in names.items():
            entry.setIcon(icon(name, theme))
        self._show_state()

    def hold(self, reason: str) -> None:
        """Disables running and stepping until it is called without a reason; Space shows the reason."""
        self._held = reason
        self._show_state()

    def _step(self) -> None:
        if self._cursor.step is None:
            self._session.feed.pilot.step()
        else:
            self._cursor.shift(1)

    def _toggle(self) -> None:
        running = self._session.state is State.RUNNING
        (self._session.feed.pilot.pause if running else self._session.feed.pilot.play)()

    def _show_size(self) -> None:
        """Says before the start how much memory a large trace takes, and from where on some rows are kept only."""
        experiment = self._session.experiment
        size, every = experiment.trace_bytes / 1e9, experiment.kept_every
        if size == self._size:
            return
        self._size, tip = size, tr("Run or pause")
        if size >= _LARGE:
            text = tr("The trace of all steps takes {size:.1f} GB of memory; fewer steps or runs take less", size=size)
            first = first_kept(experiment.trace_bytes, experiment.steps, every)
            if first is not None:
                text = tr(
                    "The trace of all steps would take {size:.1f} GB of memory: from step {first:,} on every"
                    " {every:,}th step is kept, and those between are computed again where you look at them",
                    size=size,
                    first=first,
                    every=every,
                )
            self._session.message.emit(text)
            tip = f"{tip}. {text}"
        self.play.setStatusTip(tip)
        self.play.setToolTip(f"{tip} ({self.play.shortcut().toString()})")

    def _show_over(self) -> None:
        self._session.message.emit(self._held or tr("The run is over; Ctrl+R starts again"))

    def _show_state(self) -> None:
        running = self._session.state is State.RUNNING
        self.play.setText(tr("Pause") if running else tr("Run"))
        if self._theme is not None:
            self.play.setIcon(icon("pause" if running else "play", self._theme, self._theme.on_accent))
        can_go = not self._held and self._session.state in (State.IDLE, State.PAUSED, State.RUNNING)
        self.play.setEnabled(can_go)
        self.over.setEnabled(not can_go)
        self.step.setEnabled(can_go or self._cursor.step is not None)
