"""The one time cursor that all views, the table and the readouts share."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Cursor(QObject):
    """The step that is looked at; None follows the newest."""

    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.step: int | None = None
        self._last = 0

    @property
    def place(self) -> int:
        """The step that is looked at, as a number."""
        return self._last if self.step is None else self.step

    @property
    def newest(self) -> int:
        """The newest step."""
        return self._last

    def extend(self, last: int) -> None:
        """Say what the newest step is; a cursor that is beyond it follows again."""
        self._last = last
        if self.step is not None and self.step > last:
            self.go(None)

    def go(self, step: int | None) -> None:
        """Look at a step; at the newest one or beyond it the cursor follows."""
        step = None if step is None or step >= self._last else max(0, step)
        if step != self.step:
            self.step = step
            self.moved.emit()

    def shift(self, by: int) -> None:
        """Go forward or back by some steps."""
        self.go(self.place + by)
