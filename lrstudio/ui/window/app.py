"""The application: the window, its self-test, and a run of the first example without a display."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QEventLoop,
    QMessageLogContext,
    Qt,
    QTimer,
    QtMsgType,
    SignalInstance,
    qInstallMessageHandler,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from lrstudio import __version__
from lrstudio.core.kernel.host import backend
from lrstudio.core.language import sentences, tr
from lrstudio.engine.examples import EXAMPLES, Example
from lrstudio.engine.recorded_bits import differing
from lrstudio.engine.training.pilot import State
from lrstudio.store.atomic import writing
from lrstudio.store.csv.table import write_csv
from lrstudio.ui.figures.figure import png
from lrstudio.ui.files.drops import OpenedFiles
from lrstudio.ui.look.targets import LargeTargets
from lrstudio.ui.look.theme import icon, named_theme
from lrstudio.ui.window.display import hindrance
from lrstudio.ui.window.main_window import MainWindow
from lrstudio.ui.window.program import Program, missing_font, tell_glibc

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3
_LARGE = 1 << 21
"""Bytes from which an array gets pages of its own, which are returned when it is freed."""
_TIMEOUT_MS = 60_000
_ENDED = (State.FINISHED, State.DIVERGED)


def selftest(screenshots: str | None) -> int:
    """Opens, runs, pauses, steps, saves, reopens, exports and closes the window; returns 0 on success."""
    if screenshots is not None:
        Path(screenshots).mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    sys.excepthook = lambda kind, error, _trace: failures.append(f"{kind.__name__}: {error}")
    window = MainWindow("light")
    window.show()
    with tempfile.TemporaryDirectory() as folder:
        for name in _checks(window, Path(folder)):
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
    """Trains an example in the window without a speed limit and saves a picture of it."""
    window.show()
    session = window.session
    session.show(example.experiment)
    wait_until(session.state_changed, lambda: session.steps_done == 0 and session.state is State.IDLE)
    window.transport.set_pace(None)
    window.run_actions.play.trigger()
    wait_until(session.state_changed, lambda: session.state in _ENDED)
    settle(window)
    content = png(window.grab().toImage())
    with writing(path) as write:
        write(content)


def settle(window: MainWindow) -> None:
    """Waits until the worker is idle and every view has been drawn."""
    wait_until(window.feed.job_done, lambda: not window.feed.busy)
    for _ in window.views.canvases:
        wait_for(window.feed.frame)
    QApplication.processEvents()


def _checks(window: MainWindow, folder: Path) -> Iterator[str]:
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
        text = tr("{file}: has {steps} steps, not {expected}", file=file, steps=session.steps_done, expected=before + 1)
        raise ValueError(text)
    yield "reopen"
    session.export_csv(folder / "selftest.csv")
    wait_until(session.message, (folder / "selftest.csv").exists)
    yield "export"
    if wrong := differing():
        names = ", ".join([*wrong[:8], *["…"] * (len(wrong) > 8)])
        raise ValueError(tr("other numbers than recorded: {names}", names=names))
    yield "the recorded numbers"
    native = backend().kind == "native"
    yield "native code" if native else f"without native code ({backend().reason})"


def wait_for(signal: SignalInstance) -> None:
    """Waits for a signal; raises TimeoutError after a minute."""
    loop, timer = QEventLoop(), QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(lambda: loop.exit(1))
    signal.connect(loop.quit)
    timer.start(_TIMEOUT_MS)
    timed_out = loop.exec()
    signal.disconnect(loop.quit)
    if timed_out:
        raise TimeoutError(tr("the window did not answer"))


def wait_until(signal: SignalInstance, condition: Callable[[], bool]) -> None:
    """Waits for a signal repeatedly until a condition holds."""
    while not condition():
        wait_for(signal)


def application() -> QApplication:
    """Returns the QApplication, which is created if there is none."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    tell_glibc("mallopt", _M_ARENA_MAX, 1)  # of several arenas each keeps what a thread once needed
    tell_glibc("mallopt", _M_MMAP_THRESHOLD, _LARGE)  # glibc's own grows to 32 MB, and small objects hold the gaps
    QCoreApplication.setApplicationName("LR Studio")
    QCoreApplication.setOrganizationName("LR Studio")
    QCoreApplication.setApplicationVersion(__version__)
    entry = os.environ.get("FLATPAK_ID", "lrstudio")
    QGuiApplication.setDesktopFileName(entry)  # Wayland derives the window's icon from it
    qInstallMessageHandler(_relay)
    app = QApplication([sys.argv[0]])
    app.setStyle(LargeTargets())
    app.setWindowIcon(icon("app", named_theme("light")))
    if problem := missing_font():
        print("lrstudio:", problem, file=sys.stderr)
    return app


def _relay(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Passes on what Qt says, without its complaints that offscreen there is no window manager."""
    if not text.startswith("This plugin does not support"):
        print(text, file=sys.stderr)


def run_window(path: str | None, language: str | None = None) -> int:
    """Opens the window, with a session or lessons if `path` is not None; returns the exit code.

    Without a `language` it is the one that was chosen in the window before, else the system's.
    """
    if why := hindrance():
        if path is not None:
            hint = tr("{path!r} is not opened; lrstudio run works without a display", path=path)
            raise ValueError(sentences(why, hint))
        return without_display(why)
    app = application()
    program = Program(language)
    for session_ends in (app.commitDataRequest, app.saveStateRequest):
        session_ends.connect(program.flush, Qt.ConnectionType.DirectConnection)
    if sys.platform == "darwin":  # a filter sees every event: only where it is needed
        app.installEventFilter(OpenedFiles(app, program.open_path))
    if path is not None:
        program.open_path(Path(path))
    return program.run(app)


def without_display(why: str) -> int:
    """Trains the first example offscreen and writes its CSV and its picture to the folder of `folder_for_results`."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    example = EXAMPLES[0]
    folder = folder_for_results()
    table, image = folder / f"lrstudio-{example.key}.csv", folder / f"lrstudio-{example.key}.png"
    print("lrstudio:", why, file=sys.stderr)
    print("lrstudio:", tr("training “{title}” without one ...", title=tr(example.title)), file=sys.stderr)
    app = application()
    window = MainWindow("light")
    picture(window, example, image)
    assert window.session.trace is not None
    write_csv(table, example.experiment, window.session.trace)
    window.close()
    app.processEvents()
    print(f"{table}\n{image}")
    return 0


def folder_for_results() -> Path:
    """Returns the current folder; within the program's own sources, which shall stay clean, that of the user."""
    current, sources = Path.cwd(), Path(__file__).resolve().parents[3]
    if sources in (current, *current.parents) and os.access(Path.home(), os.W_OK):
        return Path.home()
    return current


def run_selftest(screenshots: str | None) -> int:
    """Runs the self-test of the window, offscreen if there is no display."""
    if hindrance():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application()
    return selftest(screenshots)
