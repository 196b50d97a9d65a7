"""The Tools menu and the windows that it opens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.proposals import Instrument
from lrstudio.ui.docks.tab_dock import TabDock
from lrstudio.ui.fields.actions import action
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.look.help import set_help
from lrstudio.ui.look.theme import LIGHT, Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession

if TYPE_CHECKING:
    from lrstudio.store.logs.training_log import TrainingLog
    from lrstudio.ui.instruments.log.window import LogWindow
    from lrstudio.ui.instruments.map.window import MapWindow
    from lrstudio.ui.instruments.range_test.window import RangeTestWindow
    from lrstudio.ui.instruments.sweep.window import SweepWindow

Window = TypeVar("Window", bound=InstrumentWindow)


class Tools(QObject):
    """Creates the window of each instrument when it is first opened."""

    def __init__(self, window: QMainWindow, session: OpenSession, bench: Bench, docks: Sequence[TabDock]) -> None:
        super().__init__(window)
        self._window, self._session, self._bench = window, session, bench
        self._docks = docks
        self._theme = LIGHT
        self.opened: dict[object, InstrumentWindow] = {}
        self.run = 0
        """Index of the selected run."""

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
        known = _log() in self.opened
        window = self.show(_log())
        if not known:
            window.range_test_requested.connect(self._show_range_test)
        window.opener.choose_files()

    def _show_range_test(self, log: TrainingLog) -> None:
        """Shows a log whose rates rise in the window of the range test."""
        self.show(_range_test()).show_training_log(log)

    def show(self, kind: Callable[[OpenSession, Bench, Theme, QWidget], Window]) -> Window:
        """Shows the window of an instrument in front of the others."""
        window = self.opened.get(kind)
        if window is None:
            window = self.opened[kind] = kind(self._session, self._bench, self._theme, self._window)
            set_help(window, f"tool/{kind.__module__.split('.')[-2]}")  # that of the folder
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
