"""The main window, which only creates its parts and connects them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from lrstudio.core.language import tr
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.training.pilot import State
from lrstudio.ui.docks.experiment import ExperimentDock
from lrstudio.ui.docks.status_line import StatusLine
from lrstudio.ui.docks.step_table import StepTable
from lrstudio.ui.docks.tab_dock import TabDock
from lrstudio.ui.docks.transport import Transport
from lrstudio.ui.fields.behavior import press
from lrstudio.ui.files.actions import FileActions
from lrstudio.ui.files.drops import FileDrops
from lrstudio.ui.files.recent import RecentFiles
from lrstudio.ui.instruments.compare.dock import Compare
from lrstudio.ui.instruments.explain.dock import ExplainDock
from lrstudio.ui.instruments.tools import Tools
from lrstudio.ui.instruments.window import first_size
from lrstudio.ui.look.font_size import FontSize
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.look.theme import LIGHT, named_theme
from lrstudio.ui.ruler.zones import RateZones
from lrstudio.ui.runs.panel import RunsPanel
from lrstudio.ui.runs.verdicts import RunVerdicts
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.cursor import Cursor
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.session.run_feed import RunFeed
from lrstudio.ui.views.views import Views
from lrstudio.ui.window.error_bar import ErrorBar
from lrstudio.ui.window.errors import ErrorLog
from lrstudio.ui.window.figure_actions import FigureActions
from lrstudio.ui.window.lessons import PlotRoom, lesson_dock
from lrstudio.ui.window.memory import NarrowDock, ViewState, WindowMemory
from lrstudio.ui.window.menus import Menus
from lrstudio.ui.window.modes import Presentation, SimpleMode
from lrstudio.ui.window.next_steps import NextStepsFeed
from lrstudio.ui.window.progress import Progress
from lrstudio.ui.window.run_actions import RunActions


class MainWindow(FileDrops, QMainWindow):
    """The main window; without `settings` nothing is remembered between sessions. Its bar shows `errors`.

    In the folder `recovery` it keeps what a crash would lose, and offers what others have left there. `progress` is the
    file of what learners did, `opened` what the session of a window before has handed over.
    """

    language_chosen = Signal(str)

    def __init__(
        self, theme: str = "system", settings: QSettings | None = None, recovery: Path | None = None, *,
        errors: ErrorLog | None = None, opened: dict[str, Any] | None = None, progress: Path | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.error_bar = ErrorBar(errors or ErrorLog(parent=self))
        self.settings = Settings(settings)
        self.font_size = FontSize(self.settings, self)
        self.feed = RunFeed(self)
        self.bench = Bench(self.feed.wait_for_painting, self)
        self.bench.hold()
        self.session = OpenSession(self.feed, EXAMPLES[0].experiment)
        self.files = FileActions(self, self.session, self.bench, recovery)
        self.recent = RecentFiles(self.session, self.files, self.settings)
        self.time_cursor = Cursor(self)
        self.run_actions = RunActions(self, self.session, self.time_cursor)
        self.runs = RunsPanel(LIGHT)
        self.verdicts = RunVerdicts(self.session, self.time_cursor, self.runs, self.bench)
        self.dock = ExperimentDock(self.runs, self)
        self._narrow = NarrowDock(self, self.dock)
        self.rate_zones = RateZones(self.dock.ruler, self.bench, lambda: self.session.state is State.RUNNING, self)
        self.transport = Transport(self.run_actions.actions(), self)
        self.views = Views(self.session, self.bench, self.time_cursor, LIGHT, self.settings.layout)
        self.table = StepTable()
        tip = tr("Show or hide the table of all steps")
        self.table_dock = TabDock("step table", self.table, self, tr("Step table"), "Ctrl+T", tip)
        self.figures = FigureActions(self, self.session, self.views, self.files)
        self.compare = Compare(self.session, self.bench)
        tip = tr("A table of all runs: steps to target, losses, smoothness, verdicts")
        self.compare_dock = TabDock("compare", self.compare, self, tr("&Compare runs"), "Ctrl+K", tip)
        self.explain = ExplainDock(self.session, self.time_cursor, self.bench, self.views, self)
        self.tools = Tools(self, self.session, self.bench, (self.compare_dock, self.explain), self.settings)
        self.files.logs_found.connect(self.tools.open_logs)
        parts = (self.files, self.run_actions, self.dock, self.transport, self.views, self.settings, progress)
        self.lessons = lesson_dock(self, self.session, self.bench, *parts)
        self.lessons.course.concealed.connect(self.verdicts.conceal)
        self.simple = SimpleMode(self, self.dock, self.views, self.settings)
        self.presentation = Presentation(self, self.dock, self.lessons, self.views, self.font_size, self.simple)
        NextStepsFeed(self.session, self.time_cursor, self.dock, self.tools, self.lessons.course)
        self.menus = Menus(
            self,
            session=self.session,
            bench=self.bench,
            files=self.files,
            recent=self.recent,
            run_actions=self.run_actions,
            dock=self.dock,
            transport=self.transport,
            views=self.views,
            figures=self.figures,
            table=self.table_dock,
            tools=self.tools,
            lessons=self.lessons,
            font_size=self.font_size,
            reset_layout=self._reset_layout,
            modes=(self.simple.shown, self.presentation.shown),
            choose_language=self.language_chosen.emit,
        )
        self.view_state = ViewState(self.runs, self.transport)
        self._assemble()
        shown = (self.transport, self.runs, self.dock.data_panel, self.table, self.compare, self.status)
        self._progress = Progress(self.session, self.time_cursor, *shown)
        self._connect()
        self.memory = WindowMemory(self, self.settings)
        self.set_theme(self.settings.theme or theme)
        self._closing = self._painted = False
        self.menus.language.show(self.settings.language or "system")
        self.memory.restore()
        self.simple.show(bool(self.settings.simple))
        self.dock.show()  # no menu entry would show them
        self.transport.show()
        self.views.area.changed.connect(self._keep_layout)
        self.feed.start()
        self.transport.set_pace(50)  # steps a second
        if opened is None:
            self.session.show(EXAMPLES[0].experiment)
        else:
            self.files.recovery.take(opened.pop("recovery"))
            self.session.take(opened)
        self.runs.view.setFocus()  # arrows select a run, Tab moves on to its rate

    def set_theme(self, name: str) -> None:
        """Applies a theme: light, dark or system."""
        self._theme_name = name
        self._theme = theme = self.presentation.adapt(named_theme(name))
        QApplication.setPalette(theme.palette())
        self.files.theme = theme
        parts = (self.run_actions, self.transport, self.runs, self.views, self.dock.ruler, self.table_dock)
        for part in (*parts, self.compare, self.tools, self.views.question, self.error_bar, self.lessons):
            part.set_theme(theme)
        self.menus.theme.show(name)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.UpdateRequest:  # something in the window is about to be painted
            self.feed.hold()
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._narrow.after_layout()
        return done

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:  # the first of all jobs take as long as the window
            self._painted = True
            QTimer.singleShot(0, self.bench.release)
            QTimer.singleShot(0, self, lambda: self.files.recovery.look(self.recent.paths))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return presses the focused control, since Space runs and pauses."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not press(self.focusWidget()):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Asks about unsaved changes and stops the worker; closes once it has ended."""
        if self.feed.alive and not self._closing:
            self.files.when_safe(self._leave)
        event.setAccepted(not self.feed.alive)  # it may have ended while the question stood

    @property
    def closing(self) -> bool:
        """Whether it stops its work, or has."""
        return self._closing

    def take_files(self, paths: list[Path]) -> None:
        self.files.open_dropped(paths)

    def _paint_once(self) -> None:
        """Suspends painting until the pending layout is done."""
        self.setUpdatesEnabled(False)
        QTimer.singleShot(0, self, lambda: self.setUpdatesEnabled(True))

    def end(self) -> None:
        """Closes without a question, as the program is ended from outside; the next start offers what is unsaved."""
        self.files.recovery.flush()
        while (dialog := QApplication.activeModalWidget()) is not None and dialog.close():
            pass
        if self.feed.alive and not self._closing:
            self._leave(keep_recovery=True)

    def _leave(self, *, keep_recovery: bool = False) -> None:
        self.files.recovery.close(keep=keep_recovery)
        self.session.close()
        self.stop()

    def stop(self) -> None:
        """Stops all work and saves the window's state; it closes once the worker has ended."""
        self._closing = True
        for end in (self.presentation.end, self.lessons.close_all, self.memory.save, self.tools.close, self.bench.stop):
            end()
        self.feed.stopped.connect(self.close)
        self.feed.stop()

    def _assemble(self) -> None:
        self.setCentralWidget(self.error_bar.above(self.views))
        self.addToolBar(self.transport)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.dock)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # Qt's own would hide the transport
        self.resize(first_size(self, 1280, 800))
        self.status = StatusLine(self)
        self.status.cancelled.connect(self.session.cancel_task)
        self.setStatusBar(self.status)

    def _connect(self) -> None:
        session, runs = self.session, self.runs
        self.font_size.changing.connect(self._paint_once)
        self.font_size.changing.connect(self._narrow.before_font_change)
        session.experiment_changed.connect(self._show_experiment)
        session.simulation_changed.connect(self._show_simulation)
        session.state_changed.connect(self._progress.renew)
        session.title_changed.connect(self._show_title)
        session.view_state = self.view_state.to_save
        session.view_opened.connect(self.view_state.show)
        session.message.connect(self.status.show_message)
        session.failed.connect(self.show_error)
        self.dock.edited.connect(session.edit)
        self.dock.dragged.connect(session.drag)
        self.dock.drag_finished.connect(session.end_drag)
        self.runs.selected.connect(self.explain.select)
        self.dock.refused.connect(self.status.show_message)
        self.dock.message.connect(self.status.show_message)
        self.dock.data_panel.import_requested.connect(self.files.import_data)
        session.arrangement_changed.connect(self._progress.renew)
        runs.edited.connect(session.edit)
        runs.arranged.connect(session.arrange)
        runs.refused.connect(self.status.show_message)
        runs.selected.connect(lambda run: self.views.set_options(run=run))
        runs.selected.connect(self.tools.select)
        self.time_cursor.moved.connect(self._progress.show)
        self.table.row_chosen.connect(self.time_cursor.go)
        self.table.refused.connect(self.status.show_message)
        self.table_dock.visibilityChanged.connect(self._progress.renew)
        self.compare_dock.visibilityChanged.connect(self.compare.set_seen)
        self.compare.run_chosen.connect(runs.select)
        runs.selected.connect(self.compare.select)
        self.compare.message.connect(self.status.show_message)
        self.compare.export_requested.connect(self.files.export_comparison)
        self.transport.timeline.scrubbed.connect(self.time_cursor.go)
        self.transport.pace_changed.connect(self.feed.pilot.set_pace)
        self.files.pace_chosen.connect(self.transport.set_pace)
        self.views.theme_chosen.connect(self._choose_theme)
        self.feed.frame.connect(self._progress.show)
        self.presentation.changed.connect(self._renew_theme)
        self.presentation.changed.connect(PlotRoom(self.lessons, self.views, session).renew)
        QApplication.styleHints().colorSchemeChanged.connect(self._renew_theme)

    def _show_simulation(self) -> None:
        self.time_cursor.extend(self.session.steps_done)
        self.time_cursor.go(None)
        self._show_experiment()

    def _show_experiment(self) -> None:
        session = self.session
        self.dock.show_experiment(session.experiment)
        self.menus.show_experiment(session.experiment)
        self.table.show_trace(session.experiment, session.trace)
        self._progress.renew()
        self.views.set_options(run=self.runs.current)

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.files.title}[*] - LR Studio")
        self.setWindowModified(self.session.modified)

    def _reset_layout(self) -> None:
        self.views.area.reset()
        self.memory.reset()

    def _keep_layout(self) -> None:
        self.settings.layout = self.views.area.layout_of_views.to_save()

    def _choose_theme(self, name: str) -> None:
        self.settings.theme = name
        self.set_theme(name)

    def _renew_theme(self) -> None:
        self.set_theme(self._theme_name)

    def show_error(self, what: str, why: str) -> None:
        """Shows a failed action and its error in the status line."""
        self.status.show_message(tr("{what}: {why}", what=what, why=why), self._theme.warning)
