"""How late the window's own 60 Hz timer is while eight runs train flat out: python -m tests.benchmarks.responsiveness

Prints the median, the 99th percentile and the greatest delay in milliseconds, before and during the training, the
canvases painted and the steps reached, beside what the same simulation reaches alone in the same sitting.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import PROBLEMS
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.window.app import application
from lrstudio.ui.window.main_window import MainWindow
from tests.paints import Paints

RUNS, STEPS = 8, 4_000_000


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


def watched(seconds: float) -> list[float]:
    """How late the ticks of so many seconds of the event loop are."""
    probe, loop = Probe(), QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
    return probe.late


def percentiles(late: list[float]) -> dict[str, float]:
    return dict(zip(("p50", "p99", "max"), np.percentile(late, [50, 99, 100]).tolist(), strict=True))


def experiment(key: str) -> Experiment:
    """Eight runs of two kinds, with rates that last."""
    problem = next(kind for kind in PROBLEMS if kind.key == key)()
    runs = tuple(
        Run(lr=0.0005 * (place + 1), optimizer=Adam() if place % 2 else SGD(momentum=0.5), color=place)
        for place in range(RUNS)
    )
    return Experiment(problem=problem, runs=runs, steps=STEPS)


def alone(chosen: Experiment, seconds: float) -> float:
    """Steps a second without a window."""
    simulation, stretch, made = Simulation(chosen), 64, 0
    begin = last = time.monotonic()
    while last - begin < seconds:
        made += simulation.advance(stretch)
        now = time.monotonic()
        stretch, last = stretch * (2 if now - last < 0.02 else 1), now
        if simulation.done:
            simulation = Simulation(chosen)
    return made / (last - begin)


class Endless:
    """Trains an experiment in the window, and anew as often as it ends."""

    def __init__(self, window: MainWindow, chosen: Experiment) -> None:
        self._window, self._chosen, self._before = window, chosen, 0
        window.session.state_changed.connect(self._again)
        window.session.simulation_changed.connect(self._play)
        window.session.show(chosen)

    @property
    def steps(self) -> int:
        return self._before + self._window.session.steps_done

    def _again(self) -> None:
        if self._window.session.state is State.FINISHED:
            self._before += self._window.session.steps_done
            self._window.session.show(self._chosen)

    def _play(self) -> None:
        self._window.run_actions.play.trigger()


def in_window(app: QApplication, chosen: Experiment, seconds: float) -> dict[str, object]:
    """Delays (ms) of a 60 Hz timer, idle and while training; steps a second and canvases painted a second."""
    window = MainWindow("light")
    window.resize(1280, 800)
    window.show()
    loop, paints = QEventLoop(), Paints(window.views.canvases)
    window.session.simulation_changed.connect(loop.quit)
    loop.exec()
    window.session.simulation_changed.disconnect(loop.quit)
    watched(1.0)  # what the start leaves to do
    idle = watched(3.0)
    window.transport.set_pace(None)
    training = Endless(window, chosen)
    watched(1.0)
    begin, first, paints.count = time.perf_counter(), training.steps, 0
    late = watched(seconds)
    took = time.perf_counter() - begin
    found = {
        "idle": percentiles(idle),
        "training": percentiles(late),
        "ticks": len(late),
        "painted": paints.count / took,
        "speed": (training.steps - first) / took,
    }
    window.files.when_safe = lambda go_on: go_on()  # type: ignore[method-assign, assignment]
    window.session.feed.stopped.connect(loop.quit)
    window.close()
    loop.exec()
    app.processEvents()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--problem", default="proportional")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    app, chosen = application(), experiment(args.problem)
    alone(chosen, 0.2)
    free = alone(chosen, 2)
    found = in_window(app, chosen, args.seconds) | {"free": free}
    if args.json:
        print(json.dumps(found))
        return 0
    print(f"{args.problem}, {RUNS} runs, {args.seconds:g} s: {found['ticks']} ticks of a 60 Hz timer")
    for name in ("idle", "training"):
        print("{}: late by p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {max:.1f} ms".format(name, **found[name]))  # type: ignore[arg-type]
    print(f"{found['painted']:.0f} canvases painted a second")
    share = found["speed"] / free  # type: ignore[operator]
    print(f"{found['speed']:,.0f} steps/s in the window, {free:,.0f} alone: ratio {share:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
