"""The time cursor that all views, the step table and the readouts share."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Cursor(QObject):
    """The selected step; None follows the newest step."""

    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.step: int | None = None
        self._last = 0

    @property
    def position(self) -> int:
        """Selected step, or the newest one."""
        return self._last if self.step is None else self.step

    @property
    def newest(self) -> int:
        """Newest step."""
        return self._last

    def extend(self, last: int) -> None:
        """Sets the newest step; a cursor beyond it follows again."""
        self._last = last
        if self.step is not None and self.step > last:
            self.go(None)

    def go(self, step: int | None) -> None:
        """Selects a step; at the newest one or beyond the cursor follows."""
        step = None if step is None or step >= self._last else max(0, step)
        if step != self.step:
            self.step = step
            self.moved.emit()

    def shift(self, by: int) -> None:
        """Moves by a number of steps."""
        self.go(self.position + by)
