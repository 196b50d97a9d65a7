"""How late the window's 60 Hz timer is while a map is computed and shown: python -m tests.benchmarks.map_window

The map is that of `proportional`, rate x momentum. Prints milliseconds to the first picture, seconds to the last one,
how many pictures there were, and the median, the 99th percentile and the greatest delay of the timer.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from lrstudio.ui.instruments.map.presets import presets
from lrstudio.ui.instruments.map.request import MapResult
from lrstudio.ui.instruments.map.window import MapWindow
from lrstudio.ui.session.bench import Work
from lrstudio.ui.window.app import application
from lrstudio.ui.window.main_window import MainWindow
from tests.paints import Paints


class Probe:
    """Ticks every 16 ms and notes how late (ms) each tick is."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._last = time.perf_counter()
        self._timer.start(16)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, 1000 * (now - self._last) - 16))
        self._last = now


def quiet(loop: QEventLoop, milliseconds: int) -> np.ndarray:
    """How late the timer is while nothing is computed."""
    probe = Probe()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
    return np.array(probe.late)


def mapped(app: QApplication, side: int, steps: int) -> None:
    """Open the window, compute the map, print the figures."""
    window, loop = MainWindow("light"), QEventLoop()
    window.resize(1280, 800)
    window.show()
    window.session.simulation_changed.connect(loop.quit)
    loop.exec()
    window.tools.show(MapWindow)
    opened = window.tools.opened[MapWindow]
    assert isinstance(opened, MapWindow)
    opened.cancel()
    before = quiet(loop, 2000)
    asked = presets()[0].request
    asked = replace(asked, side=side, experiment=replace(asked.experiment, steps=steps))
    shown: list[float] = []
    paints = Paints([opened.canvas])
    probe, began = Probe(), time.perf_counter()
    compute = opened.compute

    def timed(request: object, job: Callable[[Work], Any], done: Callable[[Any], None], show: Any) -> bool:
        def note(result: MapResult) -> None:
            show(result)
            shown.append(time.perf_counter())

        def end(result: MapResult | None) -> None:
            done(result)
            loop.quit()

        return compute(request, job, end, note)

    with patch.object(opened, "compute", timed):
        opened.show_map(asked)
    loop.exec()
    took = time.perf_counter() - began
    late = np.array(probe.late)
    print(f"{side} x {side} runs of {steps} steps: first picture {1000 * (shown[0] - began):.0f} ms, all {took:.1f} s")
    print(f"{len(shown)} pictures, {paints.count} times painted, {len(late)} ticks of the timer")
    print("late by p50 {:.1f} ms, p99 {:.1f} ms, max {:.1f} ms".format(*np.percentile(late, [50, 99, 100])))
    print("before it, with nothing to do: p50 {:.1f} ms, p99 {:.1f} ms".format(*np.percentile(before, [50, 99])))
    window.files.when_safe = lambda go_on: go_on()  # type: ignore[method-assign, assignment]
    window.session.feed.stopped.connect(loop.quit)
    window.close()
    loop.exec()
    app.processEvents()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--steps", type=int, default=200)
    args = parser.parse_args()
    mapped(application(), args.side, args.steps)
    return 0


if __name__ == "__main__":
    sys.exit(main())
