"""Dock widgets with a title bar of their own, tabbed at the bottom of the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QToolButton, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.fields.actions import action
from lrstudio.ui.look.help import HelpButton, set_help
from lrstudio.ui.look.plain import Label, without_mnemonic
from lrstudio.ui.look.theme import Theme, icon


class DockTitle(QWidget):
    """A title bar in the application's font, which QDockWidget's own does not follow, with buttons for help and
    to close it."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 4, 0)
        layout.addWidget(Label(dock.windowTitle()), 1)
        layout.addWidget(HelpButton())
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setAccessibleName(tr("Close {name}", name=dock.windowTitle()))
        self._close.setToolTip(self._close.accessibleName())
        self._close.setVisible(bool(dock.features() & QDockWidget.DockWidgetFeature.DockWidgetClosable))
        self._close.clicked.connect(lambda _checked=False: dock.close())
        layout.addWidget(self._close)

    def set_theme(self, theme: Theme) -> None:
        self._close.setIcon(icon("close", theme))


class TabDock(QDockWidget):
    """Hidden at first. The action `shown`, for a menu, raises it, or closes it if it is in front."""

    def __init__(self, name: str, content: QWidget, window: QMainWindow, text: str, key: str, tip: str) -> None:
        super().__init__(without_mnemonic(text), window)
        self.setObjectName(name)
        set_help(self, f"tool/{name.split()[0]}")
        self._title = DockTitle(self)
        self.setTitleBarWidget(self._title)
        self.setWidget(content)
        self.in_front = False
        """Whether it is visible and the current tab."""
        self.shown: QAction = action(self, text, self._toggle, key, tip, checked=False)
        self.visibilityChanged.connect(self._show_visibility)
        others = window.findChildren(TabDock)
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self)
        if others[0] is not self:
            window.tabifyDockWidget(others[0], self)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self._title.set_theme(theme)

    def _show_visibility(self, in_front: bool) -> None:
        self.in_front = in_front
        self.shown.setChecked(in_front)

    def _toggle(self) -> None:
        in_front = not self.in_front
        self.setVisible(in_front)
        if in_front:
            self.raise_()
        self.shown.setChecked(in_front)
