"""Milliseconds a frame while 8 curves of a million points grow, beside stock pyqtgraph curves of the same width.

python tests/benchmarks/curves.py [points] [pixels of width] [pixels of height]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from lrstudio.core.problems import Parabola
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.look.theme import LIGHT
from tests.paints import Paints

RUNS = 8
ROWS_A_FRAME = 1000
FRAMES = 40


def losses(points: int, noisy: bool) -> np.ndarray:
    """Falling losses (points, RUNS), smooth or with noise of a factor of ten."""
    step = np.arange(points)[:, None]
    smooth = 10.0 ** (1 - 6 * step / points * np.linspace(0.3, 1, RUNS))
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (points, RUNS)) if noisy else 0.0
    return smooth * 10.0**noise


def frames(advance: Callable[[int], None], count: int = FRAMES) -> float:
    """The median of the milliseconds that one of the last frames takes: taking the new rows and painting."""
    times = []
    for frame in range(FRAMES - count, FRAMES):
        began = perf_counter()
        advance(frame)
        QApplication.processEvents()
        times.append(1000 * (perf_counter() - began))
    return median(times)


def ours(values: np.ndarray, size: tuple[int, int]) -> tuple[float, float]:
    """Milliseconds to show the whole trace for the first time, and then per frame."""
    points = len(values)
    trace = Trace(RUNS, ("w",))
    trace.write("loss", 0, values)
    trace.publish(points - FRAMES * ROWS_A_FRAME)
    runs = tuple(Run(lr=0.1, color=color) for color in range(RUNS))
    canvas = LossCanvas(LIGHT)
    canvas.resize(*size)
    canvas.show()
    QApplication.processEvents()
    began = perf_counter()
    canvas.set_experiment(Experiment(problem=Parabola(), runs=runs, steps=points), trace)
    QApplication.processEvents()
    first = 1000 * (perf_counter() - began)

    def advance(frame: int) -> None:
        trace.publish(points - (FRAMES - 1 - frame) * ROWS_A_FRAME)
        canvas.refresh()

    paints = Paints([canvas])
    took = frames(advance)
    assert paints.count == FRAMES, "a frame is painted once"
    return first, took


def stock(values: np.ndarray, size: tuple[int, int]) -> float:
    """Milliseconds a frame of PlotDataItems with the same pens, with pyqtgraph's own downsampling and clipping."""
    widget = pg.PlotWidget(background="w")
    widget.resize(*size)
    widget.show()
    QApplication.processEvents()
    widget.setRange(xRange=(0, len(values)), yRange=(-6, 2))
    logs, steps = np.log10(values), np.arange(float(len(values)))
    curves = [pg.PlotDataItem(pen=pg.mkPen(LIGHT.runs[run], width=2)) for run in range(RUNS)]
    for curve in curves:
        curve.setDownsampling(auto=True, method="peak")
        curve.setClipToView(True)
        widget.addItem(curve)

    def advance(frame: int) -> None:
        stop = len(values) - (FRAMES - 1 - frame) * ROWS_A_FRAME
        for run, curve in enumerate(curves):
            curve.setData(steps[:stop], logs[:stop, run])

    return frames(advance, 2)


def main() -> None:
    given = [int(word) for word in sys.argv[1:4]]
    points, width, height = given + [1_000_000, 800, 400][len(given) :]
    application = QApplication.instance() or QApplication([])
    for noisy in (False, True):
        values = losses(points, noisy)
        first, mine = ours(values, (width, height))
        theirs = stock(values, (width, height))
        kind = "noisy" if noisy else "smooth"
        print(
            f"{RUNS} {kind} curves of {points:,} points, 2 px, {width}x{height}: {mine:.1f} ms a frame "
            f"(first {first:.0f} ms); stock pyqtgraph {theirs:.1f} ms; ratio {theirs / mine:.1f}"
        )
    del application


if __name__ == "__main__":
    main()
