"""Asks for what is to be followed: a log that grows, or a folder of logs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.language import tr
from lrstudio.ui.look.plain import Label, without_mnemonic

_WIDTH_CHARS = 48


class FollowDialog(QDialog):
    """`chosen` carries the path of a file or a folder that is there; `recent` ones are offered."""

    chosen = Signal(object)

    def __init__(self, recent: Sequence[Path], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Follow a training log"))
        self.path, self.note = QComboBox(), Label()
        self.path.setEditable(True)
        self.path.addItems([str(path) for path in recent])
        self.path.setMinimumContentsLength(_WIDTH_CHARS)
        self.path.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.path.setToolTip(tr("The path of the file or the folder"))
        label = Label(tr("&What grows: a log, or a folder with logs of which new ones are added"))
        label.setBuddy(self.path)
        self.path.setAccessibleName(without_mnemonic(label.text()))
        self.file, self.folder = QPushButton(tr("&File…")), QPushButton(tr("F&older…"))
        for button, tip, slot in (
            (self.file, tr("Choose a file"), self._choose_file),
            (self.folder, tr("Choose a folder"), self._choose_folder),
        ):
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setAutoDefault(False)
            button.clicked.connect(slot)
        self.note.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.ok = self.buttons.addButton(tr("Fo&llow"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.ok.setToolTip(tr("Read it now, and again as it grows"))
        self.ok.setAccessibleName(without_mnemonic(self.ok.text()))
        self.ok.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        for widget in (self.path, self.file, self.folder):
            row.addWidget(widget)
        row.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.addWidget(label)
        layout.addLayout(row)
        layout.addWidget(self.note)
        layout.addWidget(self.buttons)
        self.path.setFocus()

    def accept(self) -> None:
        text = self.path.currentText().strip()
        path = Path(text).expanduser() if text else Path("\0")
        try:
            path.stat()
        except (OSError, ValueError):
            self.note.setText(tr("There is no file and no folder at this path: {path}", path=text) if text else "")
            self.path.setFocus()
            return
        super().accept()
        self.chosen.emit(path.absolute())

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Follow a training log"), self._begin(), tr("All files (*)"))
        self._show(name)

    def _choose_folder(self) -> None:
        self._show(QFileDialog.getExistingDirectory(self, tr("Follow a folder of logs"), self._begin()))

    def _begin(self) -> str:
        """Returns the folder in which a dialog begins."""
        text = self.path.currentText().strip()
        return str(Path(text).expanduser().parent) if text else ""

    def _show(self, name: str) -> None:
        if name:
            self.path.setEditText(name)
            self.note.setText("")
