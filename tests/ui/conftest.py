"""Experiments that have been run a little, and pictures of canvases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.training.simulation import Simulation

Started = Callable[[str, int], Simulation]


@pytest.fixture
def started() -> Started:
    """A ready example by its key, advanced by some steps."""

    def start(key: str, steps: int) -> Simulation:
        simulation = Simulation(next(example.experiment for example in EXAMPLES if example.key == key))
        simulation.advance(steps)
        return simulation

    return start


def picture(canvas: QWidget) -> np.ndarray:
    """The canvas as it is on the screen: (height, width, 3)."""
    canvas.resize(700, 420)
    canvas.show()
    QApplication.processEvents()
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return pixels[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def assert_same_picture(one: np.ndarray, other: np.ndarray) -> None:
    """Two pictures have the same colours, but for Qt's rounding, which depends on where they are in memory."""
    np.testing.assert_allclose(one.astype(int), other.astype(int), rtol=0, atol=8)
