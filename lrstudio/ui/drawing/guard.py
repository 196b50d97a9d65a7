"""Painting that cannot take the program down."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget


def guarded(paint: Callable[..., None]) -> Callable[..., None]:
    """A paint method whose errors are told like any other that nobody caught: PySide aborts when one passes through."""

    @wraps(paint)
    def painting(*args: Any) -> None:
        try:
            paint(*args)
        except Exception:  # noqa: BLE001 - whatever it is, it is told
            sys.excepthook(*sys.exc_info())

    return painting


class PaintedWidget(QWidget):
    """A widget that paints itself by `draw`, which figures use as well."""

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.draw(painter)
        painter.end()

    def draw(self, painter: QPainter) -> None:
        """Draw the widget at the origin of a painter."""
        raise NotImplementedError
