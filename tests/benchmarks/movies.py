"""How long the window's thread is held while moving pictures are drawn: python -m tests.benchmarks.movies [EXAMPLE...]

For each plot of each ready example, alone and with the others, the handle of the steps is moved all the while. Prints
the longest piece of the drawing and the longest other event, in milliseconds of the thread's own time. The goal of both
is below one frame of 60 Hz.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from PySide6.QtCore import QObject, QSize, QTimer
from PySide6.QtGui import QImage

from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.training.pilot import State
from lrstudio.ui.figures.dialog import FigureOptions
from lrstudio.ui.figures.movie_dialog import rgb
from lrstudio.ui.window.app import wait_until
from lrstudio.ui.window.main_window import MainWindow
from tests.benchmarks.many_runs import Application

FRAMES, GOAL = 6, 16
SIZES = (QSize(800, 450), QSize(1920, 1080))


class Drawing(Application):
    """Notes the longest event for the timer that draws, and of all others, in milliseconds."""

    drawing: QObject | None = None
    drawn, other = 0.0, 0.0

    def took(self, receiver: QObject, seconds: float) -> None:
        if receiver is self.drawing:
            self.drawn = max(self.drawn, 1000 * seconds)
        else:
            self.other = max(self.other, 1000 * seconds)

    def draw(self, window: MainWindow, options: FigureOptions) -> tuple[float, float]:
        """Returns the longest piece and the longest other event while some frames are drawn and the handle moves."""
        last = window.session.steps_done
        frames = window.figures.figure(options).frames([last * index // (FRAMES - 1) for index in range(FRAMES)])
        turn, mouse, done, moves = QTimer(interval=0), QTimer(interval=16), [False], iter(range(10**9))
        turn.timeout.connect(lambda: done.__setitem__(0, _drawn(frames)))
        mouse.timeout.connect(lambda: window.time_cursor.go(last * (next(moves) % 20) // 20))
        self.drawing, self.drawn, self.other = turn, 0.0, 0.0
        turn.start()
        mouse.start()
        while not done[0]:
            self.processEvents()
        return self.drawn, self.other


def _drawn(frames: Iterator[QImage | None]) -> bool:
    """Draws a piece; returns whether there are no more."""
    try:
        image = next(frames)
    except StopIteration:
        return True
    if image is not None:
        rgb(image)
    return False


def figures(window: MainWindow) -> Iterator[tuple[str, FigureOptions]]:
    """Yields the figures that the dialog offers, with their names."""
    keys = [frame.view.key for frame in window.views.area.frames.values() if frame.isVisible()]
    for size in SIZES:
        for index, key in enumerate(("all", *keys)):
            name = f"{key} {size.width()}×{size.height()}"
            yield name, FigureOptions(None if index == 0 else index - 1, size)


def main() -> int:
    app = Drawing([])
    window = MainWindow("light")
    window.resize(1280, 800)
    window.show()
    session = window.session
    wait_until(session.simulation_changed, lambda: session.trace is not None)
    found: list[tuple[float, float]] = []
    for example in EXAMPLES:
        if sys.argv[1:] and example.key not in sys.argv[1:]:
            continue
        first = session.trace
        session.show(example.experiment)
        wait_until(session.simulation_changed, lambda first=first: session.trace is not first)  # type: ignore[misc]
        window.transport.set_pace(None)
        window.run_actions.play.trigger()
        wait_until(session.state_changed, lambda: session.state in (State.FINISHED, State.DIVERGED))
        for in_space in (False, True):
            window.views.set_options(in_space=in_space)
            for name, options in figures(window):
                if in_space and not name.startswith("landscape"):
                    continue
                found.append(app.draw(window, options))
                drawn, other = found[-1]
                where = "in space" * in_space
                print(f"{example.key:18s} {name:24s} {where:8s} {drawn:5.1f} {other:5.1f}", flush=True)
    drawn, other = (max(times) for times in zip(*found, strict=True))
    print(f"longest piece {drawn:.1f} ms, other event {other:.1f} ms; goal below {GOAL}")
    window.files.when_safe = lambda go_on: go_on()  # type: ignore[method-assign, assignment]
    window.close()
    wait_until(window.feed.stopped, lambda: not window.feed.alive)
    return int(max(drawn, other) >= GOAL)


if __name__ == "__main__":
    sys.exit(main())
