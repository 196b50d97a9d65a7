"""Paint methods whose errors do not abort the program."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget


def guarded(paint: Callable[..., None]) -> Callable[..., None]:
    """Decorates a paint method to report errors by sys.excepthook: PySide aborts on errors that pass through it."""

    @wraps(paint)
    def painting(*args: Any) -> None:
        try:
            paint(*args)
        except BaseException:  # noqa: BLE001 - reported
            sys.excepthook(*sys.exc_info())

    return painting


class PaintedWidget(QWidget):
    """A widget that is painted by `draw`, which figures use as well."""

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.draw(painter)
        painter.end()

    def draw(self, painter: QPainter) -> None:
        """Draws the widget at the origin of a painter."""
        raise NotImplementedError
