"""How late the window's own 60 Hz timer is while eight runs train flat out: python -m tests.benchmarks.responsiveness

Prints the median, the 99th percentile and the greatest delay in milliseconds, the frames painted and the steps
reached, beside what the same simulation reaches alone in the same sitting.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import PROBLEMS
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.window.app import application
from lrstudio.ui.window.main_window import MainWindow
from tests.paints import Paints

RUNS = 8


def experiment(key: str) -> Experiment:
    """Eight runs of two kinds, with rates that last."""
    problem = next(kind for kind in PROBLEMS if kind.key == key)()
    runs = tuple(
        Run(lr=0.0005 * (place + 1), optimizer=Adam() if place % 2 else SGD(momentum=0.5), color=place)
        for place in range(RUNS)
    )
    return Experiment(problem=problem, runs=runs, steps=4_000_000)


def alone(chosen: Experiment, seconds: float) -> float:
    """Steps a second without a window."""
    simulation, begin = Simulation(chosen), time.monotonic()
    while time.monotonic() - begin < seconds:
        simulation.advance(200)
    return simulation.step / (time.monotonic() - begin)


def in_window(app: QApplication, chosen: Experiment, seconds: float) -> tuple[np.ndarray, float, int]:
    """Delays (ms) of a 60 Hz timer, steps a second and frames painted."""
    window = MainWindow("light")
    window.resize(1280, 800)
    window.show()
    loop, paints = QEventLoop(), Paints(window.views.canvases)
    window.session.simulation_changed.connect(loop.quit)
    loop.exec()
    window.session.show(chosen)
    loop.exec()
    window.transport.set_pace(None)
    window.run_actions.play.trigger()
    QTimer.singleShot(500, loop.quit)
    loop.exec()
    delays, probe = [], QTimer()
    probe.setTimerType(Qt.TimerType.PreciseTimer)
    interval = 1000 / 60
    begin = last = time.perf_counter()
    first, paints.count = window.session.steps_done, 0

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        delays.append(1000 * (now - last) - 17)
        last = now

    probe.timeout.connect(tick)
    probe.start(round(interval))
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()
    speed = (window.session.steps_done - first) / (time.perf_counter() - begin)
    window.session.feed.stopped.connect(loop.quit)
    window.close()
    loop.exec()
    app.processEvents()
    return np.maximum(np.array(delays), 0), speed, paints.count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--problem", default="proportional")
    args = parser.parse_args()
    app, chosen = application(), experiment(args.problem)
    free = alone(replace(chosen), 2)
    delays, speed, frames = in_window(app, chosen, args.seconds)
    p50, p99 = np.percentile(delays, [50, 99])
    print(f"{args.problem}, {RUNS} runs, {args.seconds:g} s: {len(delays)} ticks of a 60 Hz timer")
    print(f"late by p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {delays.max():.1f} ms")
    print(f"{frames / args.seconds:.0f} canvases painted a second")
    print(f"{speed:,.0f} steps/s in the window, {free:,.0f} alone: ratio {speed / free:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
