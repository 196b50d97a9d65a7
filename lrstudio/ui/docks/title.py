"""The title of a dock, in the application's letters: those of Qt's own title do not follow."""

from __future__ import annotations

from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget

from lrstudio.ui.look.theme import Theme, icon


class DockTitle(QWidget):
    """Its name, by which it is dragged, and a button that closes it where it can be closed."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 4, 0)
        layout.addWidget(QLabel(dock.windowTitle()), 1)
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setAccessibleName(self.tr("Close {name}").format(name=dock.windowTitle()))
        self._close.setToolTip(self._close.accessibleName())
        self._close.setVisible(bool(dock.features() & QDockWidget.DockWidgetFeature.DockWidgetClosable))
        self._close.clicked.connect(lambda _checked=False: dock.close())
        layout.addWidget(self._close)

    def set_theme(self, theme: Theme) -> None:
        self._close.setIcon(icon("close", theme))
