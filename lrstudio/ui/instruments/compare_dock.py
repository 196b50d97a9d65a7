"""The dock of the comparison, which shares its place with the step table."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow

from lrstudio.ui.actions import action
from lrstudio.ui.dock_title import DockTitle
from lrstudio.ui.instruments.bench import Bench
from lrstudio.ui.instruments.compare import Compare
from lrstudio.ui.open_session import OpenSession
from lrstudio.ui.theme import Theme


class CompareDock(QDockWidget):
    """Has an action for a menu, which brings it to the front or, where it is there, closes it."""

    def __init__(self, session: OpenSession, bench: Bench, window: QMainWindow) -> None:
        super().__init__(window)
        self.setObjectName("compare")
        self.setWindowTitle(self.tr("Compare"))
        self._title = DockTitle(self)
        self.setTitleBarWidget(self._title)
        self.compare = Compare(session, bench)
        self.setWidget(self.compare)
        tip = self.tr("A table of all runs: steps to target, losses, smoothness, verdicts")
        self.shown: QAction = action(self, self.tr("&Compare runs"), self._toggle, "Ctrl+K", tip, checked=False)
        self.visibilityChanged.connect(self.shown.setChecked)  # also where another tab covers it
        self.visibilityChanged.connect(self.compare.set_seen)

    def set_theme(self, theme: Theme) -> None:
        self._title.set_theme(theme)
        self.compare.set_theme(theme)

    def _toggle(self) -> None:
        in_front = self.compare.seen
        self.setVisible(not in_front)
        if not in_front:
            self.raise_()
        self.shown.setChecked(not in_front)
