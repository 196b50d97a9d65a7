"""Errors in paint methods are reported and do not abort the program."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QTransform
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.drawing.pixels import PixelItem
from lrstudio.ui.look.theme import LIGHT


class Broken(PixelItem):
    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        raise ZeroDivisionError


def test_an_error_is_reported_and_the_other_items_are_painted(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: errors.append(error))
    canvas = LossCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.addItem(Broken())
    canvas.show()
    canvas.grab()
    assert errors
    assert all(isinstance(error, ZeroDivisionError) for error in errors)
