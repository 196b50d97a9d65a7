"""Offers what windows that did not end well have left."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDateTime, QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.files.questions import ask
from lrstudio.ui.look.plain import Label
from lrstudio.ui.session.jobs import Restored
from lrstudio.ui.session.recovery_files import Found


class RestoreDialog(QDialog):
    """A list of recovery points, which are restored, discarded or left for the next start. Blocks nothing."""

    restore_requested = Signal(object)
    discard_requested = Signal(object)

    def __init__(self, points: Sequence[Found], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Restore unsaved work"))
        text = Label(tr("LR Studio ended before this was saved. What you do not restore now is offered again."))
        text.setWordWrap(True)
        self.list = QTreeWidget()
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName(tr("Unsaved experiments"))
        self.list.setToolTip(tr("Choose what to restore or discard; Enter restores it"))
        self.list.setHeaderLabels([tr("Experiment"), tr("Last change"), tr("Steps"), tr("File")])
        self._points = list(points)
        self.list.addTopLevelItems([QTreeWidgetItem(_texts(found)) for found in points])
        for column in range(3):
            self.list.resizeColumnToContents(column)
        buttons = QDialogButtonBox()
        self.restore = buttons.addButton(tr("&Restore"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.discard = buttons.addButton(tr("&Discard…"), QDialogButtonBox.ButtonRole.DestructiveRole)
        self.later = buttons.addButton(tr("&Later"), QDialogButtonBox.ButtonRole.RejectRole)
        self.restore.setToolTip(tr("Show this experiment with its steps in the window"))
        self.discard.setToolTip(tr("Delete this experiment for good"))
        self.later.setToolTip(tr("Keep everything for the next start"))
        self.restore.setDefault(True)
        self.restore.clicked.connect(self._restore)
        self.discard.clicked.connect(self._discard)
        self.later.clicked.connect(self.reject)
        self.list.itemActivated.connect(self._restore)
        self.list.currentItemChanged.connect(self._update)
        layout = QVBoxLayout(self)
        layout.addWidget(text)
        layout.addWidget(self.list)
        layout.addWidget(buttons)
        letters = self.fontMetrics()
        self.resize(QSize(letters.averageCharWidth() * 90, letters.height() * 16))
        self.list.setCurrentIndex(self.list.model().index(0, 0))

    def remove_restored(self, restored: Restored) -> None:
        """Takes a point that is shown now from the list."""
        for row, found in enumerate(self._points):
            if found.source == restored.source:
                self._remove(row)
                return

    def _restore(self) -> None:
        self.restore_requested.emit(self._points[self._row()])

    def _discard(self) -> None:
        row, yes = self._row(), tr("Discard")
        text = tr("“{title}” is deleted for good.", title=_texts(self._points[row])[0])
        if ask(self, tr("Discard?"), text, "", yes) == yes:
            self.discard_requested.emit(self._points[row])
            self._remove(row)

    def _remove(self, row: int) -> None:
        del self._points[row]
        self.list.takeTopLevelItem(row)
        if not self._points:
            self.accept()

    def _row(self) -> int:
        return self.list.currentIndex().row()

    def _update(self) -> None:
        row = self._row()
        self.restore.setEnabled(0 <= row < len(self._points) and self._points[row].point is not None)


def _texts(found: Found) -> list[str]:
    """Returns the texts of a row."""
    point = found.point
    if point is None:
        return [tr("cannot be read"), "", "", found.problem]
    when = QDateTime.fromSecsSinceEpoch(int(point.saved)).toString("yyyy-MM-dd HH:mm")  # the same in every language
    file = tr("in no file yet") if point.path is None else str(point.path)
    return [point.title, when, f"{point.steps:,}", file]
