"""How long the window's thread is held by what is done to sixty runs: python -m tests.benchmarks.many_runs

Prints, for each change, the longest single event in milliseconds of the thread's own time, which other programs do not
lengthen much: a paint event is one, a turn of the frame timer another.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Run
from lrstudio.engine.training.pilot import State
from lrstudio.ui.window.app import wait_until
from lrstudio.ui.window.main_window import MainWindow

RUNS, ROUNDS = 60, 3


class Application(QApplication):
    """Measures the events that it delivers, those within others as part of them."""

    longest, inside = 0.0, False

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        if self.inside:
            return super().notify(receiver, event)
        self.inside, begin = True, time.thread_time()
        try:
            return super().notify(receiver, event)
        finally:
            self.inside = False
            self.took(receiver, time.thread_time() - begin)

    def took(self, receiver: QObject, seconds: float) -> None:
        """Notes the time of an event."""
        self.longest = max(self.longest, seconds)

    def during(self, act: Callable[[], object], seconds: float = 1.0) -> float:
        """The longest event of an act and of what follows from it, in seconds."""
        self._go_on(seconds / 2)  # what was done before may still have its consequences
        begin, self.longest = time.thread_time(), 0.0
        act()
        direct = time.thread_time() - begin
        self._go_on(seconds)
        return max(direct, self.longest)

    def _go_on(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.processEvents()


def main() -> int:
    app = Application([])
    window = MainWindow("light")
    window.resize(1280, 800)
    window.show()
    session = window.session
    wait_until(session.simulation_changed, lambda: session.trace is not None)
    lines = tuple(Run(lr=0.001 * (place + 1), color=place % 8) for place in range(RUNS))
    first = session.trace
    session.show(replace(EXAMPLES[0].experiment, runs=lines))
    wait_until(session.simulation_changed, lambda: session.trace is not first)
    window.transport.set_pace(None)
    window.run_actions.play.trigger()
    wait_until(session.state_changed, lambda: session.state in (State.FINISHED, State.DIVERGED))
    runs = session.experiment.runs
    changes: tuple[tuple[str, Callable[[], object]], ...] = (
        ("hide", lambda: session.arrange(session.arrangement.toggled(3))),
        ("show", lambda: session.arrange(session.arrangement.toggled(3))),
        ("duplicate", lambda: session.edit(replace(session.experiment, runs=(*runs, runs[-1])))),
        ("undo", session.history.undo),
        ("rename", lambda: session.edit(session.experiment.with_run(0, label="one"))),
        ("undo", session.history.undo),
        ("dark", lambda: window.set_theme("dark")),
        ("light", lambda: window.set_theme("light")),
        ("larger letters", lambda: window.font_size.change(1)),
        ("smaller letters", lambda: window.font_size.change(-1)),
    )
    app.during(lambda: None)
    found = [[app.during(act) for _, act in changes] for _ in range(ROUNDS)]
    for (name, _), times in zip(changes, zip(*found, strict=True), strict=True):
        print(f"{name:16s} {1000 * sorted(times)[ROUNDS // 2]:5.0f} ms")
    window.files.when_safe = lambda go_on: go_on()  # type: ignore[method-assign, assignment]
    window.close()
    wait_until(window.feed.stopped, lambda: not window.feed.alive)
    return 0


if __name__ == "__main__":
    sys.exit(main())
