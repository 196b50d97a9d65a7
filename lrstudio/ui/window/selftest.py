"""`lrstudio selftest`: the real window, tried from run to close, and pictures of the ready examples."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer, SignalInstance
from PySide6.QtWidgets import QApplication

from lrstudio.engine.examples import EXAMPLES, Example
from lrstudio.engine.training.pilot import State
from lrstudio.ui.window.main_window import MainWindow

_TIMEOUT_MS = 60_000
_ENDED = (State.FINISHED, State.DIVERGED)


def selftest(screenshots: str | None) -> int:
    """Open, run, pause, step, save, reopen, export and close the window; 0 when all of it worked."""
    if screenshots is not None:
        Path(screenshots).mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    sys.excepthook = lambda kind, error, _trace: failures.append(f"{kind.__name__}: {error}")
    window = MainWindow("light")
    window.show()
    with tempfile.TemporaryDirectory() as folder:
        for name in _trials(window, Path(folder)):
            print(f"{name}: ok")
        if screenshots is not None:
            for theme in ("light", "dark"):
                window.set_theme(theme)
                for example in EXAMPLES:
                    picture(window, example, Path(screenshots) / f"{example.key}-{theme}.png")
    window.close()
    wait_until(window.feed.stopped, lambda: not window.feed.alive)
    print("close: ok")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def picture(window: MainWindow, example: Example, path: Path) -> None:
    """Train an example in the window as fast as it goes and leave a picture of it."""
    window.show()
    session = window.session
    session.show(example.experiment)
    wait_until(session.simulation_changed, lambda: session.steps_done == 0)
    window.transport.set_pace(None)
    window.run_actions.play.trigger()
    wait_until(session.state_changed, lambda: session.state in _ENDED)
    settle(window)
    if not window.grab().save(str(path)):
        raise OSError(f"could not write {path}")


def settle(window: MainWindow) -> None:
    """Let everything that is known be drawn: wait for the worker to be through and then for a round of frames."""
    wait_until(window.feed.job_done, lambda: not window.feed.busy)
    for _ in window.views.canvases:
        wait_for(window.feed.frame)
    QApplication.processEvents()


def _trials(window: MainWindow, folder: Path) -> Iterator[str]:
    session, file = window.session, folder / "selftest.lrs"
    wait_until(session.simulation_changed, lambda: session.trace is not None)
    yield "open"
    window.run_actions.play.trigger()
    wait_until(window.feed.frame, lambda: session.steps_done > 3)
    yield "run"
    window.run_actions.play.trigger()
    wait_until(session.state_changed, lambda: session.state is State.PAUSED)
    yield "pause"
    before = session.steps_done
    window.run_actions.step.trigger()
    wait_until(window.feed.frame, lambda: session.steps_done == before + 1)
    yield "step"
    session.save(file)
    wait_until(session.saved, lambda: session.path == file)
    yield "save"
    old = session.trace
    session.open(file)
    wait_until(session.simulation_changed, lambda: session.trace is not old)
    if session.steps_done != before + 1:
        raise ValueError(f"{file}: has {session.steps_done} steps, not {before + 1}")
    yield "reopen"
    session.export_csv(folder / "selftest.csv")
    wait_until(session.message, (folder / "selftest.csv").exists)
    yield "export"


def wait_for(signal: SignalInstance) -> None:
    """Wait until a signal comes; TimeoutError after a minute."""
    loop, timer = QEventLoop(), QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(lambda: loop.exit(1))
    signal.connect(loop.quit)
    timer.start(_TIMEOUT_MS)
    timed_out = loop.exec()
    signal.disconnect(loop.quit)
    if timed_out:
        raise TimeoutError("the window did not answer")


def wait_until(signal: SignalInstance, true: Callable[[], bool]) -> None:
    """Wait for a signal again and again until a condition holds."""
    while not true():
        wait_for(signal)
