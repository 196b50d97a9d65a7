"""The longest turn of the window's events with extreme numbers: python -m tests.benchmarks.extreme

Wheels, mouse moves and paints, in milliseconds of the window's CPU time: each plot shows each of the arrays of
tests/ui/canvases/test_extreme_numbers.py, linear and logarithmic, and is zoomed at random.
"""

from __future__ import annotations

import random
import sys
import time

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from lrstudio.ui.canvases.canvas import PlotCanvas, PlotOptions
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.look.theme import LIGHT
from lrstudio.ui.window.app import application
from tests.ui.canvases.test_extreme_numbers import ARRAYS, trace_of

ZOOMS, GOAL = 25, 33
_NONE, _PLAIN = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier


def turns(canvas: PlotCanvas, chance: random.Random) -> list[float]:
    """How long a wheel or a move of the mouse and what is painted after it took, in ms."""
    took, view = [], canvas.viewport()
    for _ in range(ZOOMS):
        at = QPointF(chance.randrange(view.width()), chance.randrange(view.height()))
        turn = QPoint(0, chance.choice((-(2**30), -1200, -120, 120, 1200, 2**30)))
        there = QPointF(view.mapToGlobal(at))
        phase = Qt.ScrollPhase.NoScrollPhase
        for event in (
            QWheelEvent(at, there, QPoint(), turn, _NONE, _PLAIN, phase, False),
            QMouseEvent(QEvent.Type.MouseMove, at, there, _NONE, _NONE, _PLAIN),
        ):
            begin = time.thread_time()
            QApplication.sendEvent(view, event)
            QApplication.processEvents()
            took.append(1000 * (time.thread_time() - begin))
    return took


def main() -> int:
    application()
    found: list[tuple[float, str]] = []
    for kind in (LossCanvas, RateCanvas, WeightsCanvas, LandscapeCanvas):
        for log in (True, False):
            for name, values in ARRAYS.items():
                canvas = kind(LIGHT)
                canvas.resize(840, 600)
                canvas.set_options(PlotOptions(log_loss=log, log_steps=log, smoothing=0.9))
                canvas.set_experiment(*trace_of(values))
                while canvas.refresh():
                    pass
                canvas.show()
                QApplication.processEvents()
                what = f"{kind.__name__}, {name}, {'logarithmic' if log else 'linear'}"
                found += [(took, what) for took in turns(canvas, random.Random(what))]
                canvas.close()
                canvas.deleteLater()
    times = [took for took, _what in found]
    p50, p99 = np.percentile(times, [50, 99])
    worst, what = max(found)
    print(f"{len(found):,} turns: p50 {p50:.1f}, p99 {p99:.1f}, max {worst:.1f} ms ({what}); goal at most {GOAL} ms")
    return int(worst > GOAL)


if __name__ == "__main__":
    sys.exit(main())
