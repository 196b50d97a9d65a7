"""The bar above the views that says how many errors there were, until it is closed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.docks.status_line import Note
from lrstudio.ui.look.help import set_help
from lrstudio.ui.look.plain import plain
from lrstudio.ui.look.theme import Theme, icon, mix
from lrstudio.ui.window.errors import ErrorLog

_TINT = 0.15
"""Share of the warning's colour in the background."""


class ErrorBar(QFrame):
    """Number of errors and the last one, with buttons that copy their details and close the bar; hidden without."""

    def __init__(self, errors: ErrorLog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "guide/trouble")
        self._errors = errors
        self.note = Note()
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.note.setAccessibleName(tr("Errors"))
        self.copy = QPushButton(tr("Copy &details"))
        self.copy.setToolTip(tr("What happened and where, as text for a report"))
        self.copy.clicked.connect(self._copy)
        self.copy.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Space still runs and pauses after a click
        self.close_button = QToolButton()
        self.close_button.setAutoRaise(True)
        self.close_button.setAccessibleName(tr("Close"))
        self.close_button.setToolTip(tr("Close this; the errors stay in the log file"))
        self.close_button.clicked.connect(errors.clear)
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 4, 4)
        layout.addWidget(self.note, 1)
        layout.addWidget(self.copy)
        layout.addWidget(self.close_button)
        self.setAutoFillBackground(True)
        errors.changed.connect(self.show_errors)
        self.show_errors()

    def show_errors(self) -> None:
        """Shows the number of errors and the last one, or hides the bar."""
        errors = self._errors
        texts = list(errors.notices)
        if errors.count == 1:
            texts.append(tr("An error in the program: {error}", error=errors.last))
        elif errors.count:
            text = tr("{count} errors in the program, the last one: {error}")
            texts.append(text.format(count=f"{errors.count:,}", error=errors.last))
        text = "; ".join(texts)
        self.note.setText(text)
        where = "" if errors.path is None else tr("Log: {path}", path=errors.path)
        self.note.setToolTip(plain("\n".join(filter(None, (text, where)))))
        self.setVisible(bool(text))

    def above(self, widget: QWidget) -> QWidget:
        """Returns a widget of this bar and another one below it."""
        both = QWidget()
        rows = QVBoxLayout(both)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self)
        rows.addWidget(widget, 1)
        return both

    def set_theme(self, theme: Theme) -> None:
        palette = self.palette()
        palette.setColor(palette.ColorRole.Window, mix(theme.surface, theme.warning, _TINT))
        palette.setColor(palette.ColorRole.WindowText, theme.foreground)
        self.setPalette(palette)
        self.close_button.setIcon(icon("close", theme))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._errors.details())
