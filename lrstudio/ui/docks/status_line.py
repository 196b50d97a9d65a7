"""The status line: the last message, and the progress of a file task."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QProgressBar, QStatusBar, QToolButton, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.look.help import set_help
from lrstudio.ui.look.plain import Label, plain
from lrstudio.ui.session.jobs import Task


class StatusLine(QStatusBar):
    """Shows messages and the progress of a task, which it can cancel."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "window/time")
        self.note = Note()
        self._bar, self._cancel = QProgressBar(), QToolButton()
        self._bar.setRange(0, 1000)
        self._bar.setMaximumWidth(200)
        self._bar.setAccessibleName(tr("Progress of the file"))
        self._bar.setToolTip(tr("How much of the file is done"))
        self._cancel.setText(tr("Cancel"))
        self._cancel.setAccessibleName(tr("Cancel"))
        self._cancel.setToolTip(tr("Stop this; the file stays as it is"))
        self._cancel.clicked.connect(self.cancelled)
        self.addWidget(self.note, 1)
        self.addPermanentWidget(self._bar)
        self.addPermanentWidget(self._cancel)

    def show_message(self, text: str, color: str = "") -> None:
        """Shows a text, in bold if it has a color."""
        palette, font = QPalette(), QFont()
        if color:
            palette.setColor(QPalette.ColorRole.WindowText, QColor(color))
            font.setBold(True)
        self.note.setPalette(palette)
        self.note.setFont(font)
        self.note.setText(text)
        self.note.setToolTip(plain(text))

    def show_task(self, task: Task | None) -> None:
        for widget in (self._bar, self._cancel):
            widget.setVisible(task is not None)
        if task is not None:
            self._bar.setValue(int(1000 * task.fraction))


class Note(Label):
    """A label that elides its text and never widens the window."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.style().drawItemText(
            painter, self.rect(), Qt.AlignmentFlag.AlignVCenter, self.palette(), True, text, self.foregroundRole()
        )
        painter.end()
