"""How much of the window is shown: all of it, the simple one for beginners, and the one for a projector."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.docks.experiment import ExperimentDock
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.fields.actions import action
from lrstudio.ui.look.font_size import FontSize
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.views.views import Views

_POINTS, _THICK = 20.0, 2.2
"""Font size and factor of line widths for a projector."""
_SPOT = 120


class SimpleMode(QObject):
    """Shows problem, rate, runs and two plots alone; the choice is saved."""

    def __init__(self, window: QMainWindow, dock: ExperimentDock, views: Views, settings: Settings) -> None:
        super().__init__(window)
        self._dock, self._views, self._settings = dock, views, settings
        tip = tr("Problem, rate, runs and two plots alone; everything else is one click away")
        self.shown = action(self, tr("S&imple window"), self._toggle, "F6", tip)
        self.shown.setCheckable(True)
        dock.simple_chosen.connect(self.choose)

    def show(self, simple: bool) -> None:
        """Shows the simple window or the whole one."""
        self.shown.setChecked(simple)
        self._dock.set_simple(simple)
        self._views.set_simple(simple)

    def choose(self, simple: bool) -> None:
        """Shows the simple window or the whole one, also at the next start."""
        self._settings.simple = simple
        self.show(simple)

    def _toggle(self) -> None:
        self.choose(self.shown.isChecked())


class Presentation(QObject):
    """Large letters and lines, the plots, the transport and the rate alone, and a spotlight around the pointer.

    A lesson that is open stays, since Run may wait for a prediction.

    The window is as before when it ends; nothing is saved.
    """

    changed = Signal()
    """It began or ended: the theme is another."""

    def __init__(
        self,
        window: QMainWindow,
        dock: ExperimentDock,
        lessons: QDockWidget,
        views: Views,
        font_size: FontSize,
        simple: SimpleMode,
    ) -> None:
        super().__init__(window)
        self._window, self._dock, self._views = window, dock, views
        self._kept = dock, lessons
        self._font_size, self._simple = font_size, simple
        tip = tr("For a projector: large letters and lines, only plots, transport and rate (Esc ends it)")
        self.shown = action(self, tr("&Presentation"), self._toggle, "F5", tip)
        self.shown.setCheckable(True)
        self._leave = QShortcut(QKeySequence("Esc"), window, self.end)
        self._leave.setEnabled(False)
        self._before: tuple[QByteArray, float, list[QDockWidget], bool] | None = None
        self._spotlight: Spotlight | None = None

    @property
    def on(self) -> bool:
        """Whether it is shown now."""
        return self._before is not None

    def adapt(self, theme: Theme) -> Theme:
        """Returns a theme with the thick lines of a presentation while there is one."""
        return replace(theme, thick=_THICK) if self.on else theme

    def start(self) -> None:
        """Shows the presentation in the whole screen."""
        window = self._window
        if self.on:
            return
        docks = [dock for dock in window.findChildren(QDockWidget) if dock.isVisible() and dock not in self._kept]
        self._before = window.saveState(), self._font_size.points, docks, window.isMaximized()
        for dock in docks:
            dock.hide()
        window.menuBar().hide()
        window.statusBar().hide()
        self._dock.show_rate_alone(True)
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self._dock)
        self._views.set_simple(True)
        self._views.question.set_allowed(False)
        self._font_size.show(_POINTS)
        self._spotlight = Spotlight(window)
        self._changed(True)
        window.showFullScreen()

    def end(self) -> None:
        """Shows the window as it was before."""
        window, before = self._window, self._before
        if before is None:
            return
        state, points, docks, maximized = before
        self._before = None
        if self._spotlight is not None:
            self._spotlight.end()
            self._spotlight = None
        self._font_size.show(points)
        self._views.set_simple(self._simple.shown.isChecked())
        self._views.question.set_allowed(True)
        self._dock.show_rate_alone(False)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self._dock)
        for dock in docks:
            dock.show()
        window.restoreState(state)
        window.menuBar().show()
        window.statusBar().show()
        self._changed(False)
        (window.showMaximized if maximized else window.showNormal)()

    def _changed(self, on: bool) -> None:
        self.shown.setChecked(on)
        self._leave.setEnabled(on)
        self.changed.emit()

    def _toggle(self) -> None:
        (self.start if self.shown.isChecked() else self.end)()


class Spotlight(QWidget):
    """A ring around the pointer, which is small on a projector; it takes no events."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.resize(_SPOT, _SPOT)
        self._window = window
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def end(self) -> None:
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            at = self._window.mapFromGlobal(event.globalPosition().toPoint())
            self.move(at - QPoint(_SPOT // 2, _SPOT // 2))
            self.raise_()
            self.show()
        return False

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        glow = QColor("#FFC400")
        painter.setPen(QPen(glow, 4))
        glow.setAlphaF(0.25)
        painter.setBrush(glow)
        painter.drawEllipse(self.rect().adjusted(4, 4, -4, -4))
