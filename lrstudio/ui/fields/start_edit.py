"""Where a run's parameters start, as numbers with commas."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from lrstudio.ui.fields.form import keep_field_width


class StartEdit(QLineEdit):
    """A number for each parameter. `entered` brings them as a tuple of floats."""

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        keep_field_width(self)
        self._names: Sequence[str] = ()
        self._shown: tuple[object, tuple[float, ...]] | None = None
        self.editingFinished.connect(self._enter)

    def show_start(self, owner: object, names: Sequence[str], start: tuple[float, ...]) -> None:
        """Show the start of a run, the `owner`; text that the user is typing for the same start stays."""
        self._names = names
        if (owner, start) != self._shown or not self.isModified():
            self._shown = owner, start
            self._show()

    def _show(self) -> None:
        self.setText(", ".join(f"{value:.12g}" for value in self._shown[1]) if self._shown else "")

    def _enter(self) -> None:
        if not self.isModified():
            return
        self.setModified(False)
        try:
            start = tuple(float(part) for part in self.text().split(","))
        except ValueError:
            names = ", ".join(self._names)
            self.refused.emit(self.tr("start: must be numbers for {names}, with commas").format(names=names))
            self._show()
        else:
            self.entered.emit(start)
