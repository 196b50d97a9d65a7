"""The Tools menu and the windows that it opens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.proposals import Instrument
from lrstudio.ui.docks.tab_dock import TabDock
from lrstudio.ui.fields.actions import action
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.look.help import add_help_key, set_help
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.look.theme import LIGHT, Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession

if TYPE_CHECKING:
    from lrstudio.store.logs.training_log import TrainingLog
    from lrstudio.ui.instruments.log.window import LogWindow
    from lrstudio.ui.instruments.map.window import MapWindow
    from lrstudio.ui.instruments.range_test.window import RangeTestWindow
    from lrstudio.ui.instruments.sweep.window import SweepWindow

_MOST_FOLLOWED = 8
Window = TypeVar("Window", bound=InstrumentWindow)


class Tools(QObject):
    """Creates the window of each instrument when it is first opened."""

    def __init__(
        self, window: QMainWindow, session: OpenSession, bench: Bench, docks: Sequence[TabDock], settings: Settings
    ) -> None:
        super().__init__(window)
        self._settings = settings
        self._window, self._session, self._bench = window, session, bench
        self._docks = docks
        self._theme = LIGHT
        self.opened: dict[object, InstrumentWindow] = {}
        self.run = 0
        """Index of the selected run."""
        session.logs.opened.connect(self._show_logs)

    def fill(self, menu: QMenu) -> None:
        """Adds an entry for each instrument."""
        menu.setToolTipsVisible(True)
        menu.addActions([dock.shown for dock in self._docks])
        menu.addSeparator()
        tip = tr("The rate grows from batch to batch, and the loss is watched: which rate to choose")
        show = lambda: self.show(_range_test())  # noqa: E731
        menu.addAction(action(self, tr("&Range test…"), show, "Ctrl+Shift+R", tip))
        tip = tr("A loss against hundreds of rates, for several optimizers at once")
        menu.addAction(action(self, tr("&Sweep…"), lambda: self.show(_sweep()), "Ctrl+Alt+W", tip))
        tip = tr("Two numbers of a run, such as rate and momentum, and what becomes of every pair of them")
        menu.addAction(action(self, tr("&Map…"), lambda: self.show(_map()), "Ctrl+Alt+M", tip))
        menu.addSeparator()
        tip = tr("The losses, metrics and rates of a training elsewhere, with a diagnosis of its rate")
        menu.addAction(action(self, tr("Import training &log…"), self.import_log, "Ctrl+Shift+I", tip))

    def show_instrument(self, name: Instrument) -> None:
        """Shows the instrument that a proposal names."""
        self.show(_sweep() if name == "sweep" else _range_test())

    def import_log(self) -> None:
        """Lets the user choose the files of a log and shows it in the window of logs."""
        self.log_window().opener.choose_files()

    def open_logs(self, paths: Sequence[Path]) -> None:
        """Opens the files of a log, or a folder of logs, in the window of logs."""
        self.log_window().opener.begin(paths)

    def follow(self) -> None:
        """Asks for a file or a folder and follows it in the window of logs."""
        from lrstudio.ui.instruments.log.follow_dialog import FollowDialog

        dialog = FollowDialog(self._settings.followed, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._follow)
        dialog.open()

    def _follow(self, path: Path) -> None:
        others = [other for other in self._settings.followed if other != path]
        self._settings.followed = [path, *others][:_MOST_FOLLOWED]
        self.log_window().follow_path(path)

    def log_window(self) -> LogWindow:
        """Shows the window of logs."""
        known = _log() in self.opened
        window = self.show(_log())
        if not known:
            window.range_test_requested.connect(self._show_range_test)
        return window

    def _show_logs(self) -> None:
        """Shows the logs of a session that was opened, and hides those of the one before."""
        logs, window = self._session.logs, self.opened.get(_log()) if self.opened else None
        shown = bool(logs.state.logs) and logs.place.get("shown") is True
        if window is not None:
            window.keeper.show_session()  # type: ignore[attr-defined]
            if not shown:
                window.close()
        if shown:
            self.log_window()

    def _show_range_test(self, log: TrainingLog) -> None:
        """Shows a log whose rates rise in the window of the range test."""
        self.show(_range_test()).show_training_log(log)

    def show(self, kind: Callable[[OpenSession, Bench, Theme, QWidget], Window]) -> Window:
        """Shows the window of an instrument in front of the others."""
        window = self.opened.get(kind)
        if window is None:
            window = self.opened[kind] = kind(self._session, self._bench, self._theme, self._window)
            set_help(window, f"tool/{kind.__module__.split('.')[-2]}")  # that of the folder
            add_help_key(window)
            window.select(self.run)
        window.bring_to_front()
        return window  # type: ignore[return-value]

    def select(self, run: int) -> None:
        """Passes the selected run on to the instruments."""
        self.run = run
        for opened in self.opened.values():
            opened.select(run)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for dock in self._docks:
            dock.set_theme(theme)
        for opened in self.opened.values():
            opened.set_theme(theme)

    def close(self) -> None:
        """Closes all windows."""
        for opened in self.opened.values():
            opened.close()


# The windows are imported when they are opened: they would take a tenth of the program's start.


def _range_test() -> type[RangeTestWindow]:
    from lrstudio.ui.instruments.range_test.window import RangeTestWindow

    return RangeTestWindow


def _sweep() -> type[SweepWindow]:
    from lrstudio.ui.instruments.sweep.window import SweepWindow

    return SweepWindow


def _map() -> type[MapWindow]:
    from lrstudio.ui.instruments.map.window import MapWindow

    return MapWindow


def _log() -> type[LogWindow]:
    from lrstudio.ui.instruments.log.window import LogWindow

    return LogWindow
