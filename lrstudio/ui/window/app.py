"""The application: the window, its self-test, and a run of the first example without a display."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, QLocale, QSettings, Qt, QTimer, SignalInstance
from PySide6.QtGui import QFontDatabase, QFontInfo, QGuiApplication
from PySide6.QtWidgets import QApplication

from lrstudio import __version__
from lrstudio.core.kernel.host import backend
from lrstudio.core.language import tr
from lrstudio.engine.examples import EXAMPLES, Example
from lrstudio.engine.recorded_bits import differing
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.pool import POOL
from lrstudio.store.csv.table import write_csv
from lrstudio.ui.files.drops import OpenedFiles
from lrstudio.ui.look.theme import icon, named_theme
from lrstudio.ui.window.crash import CrashReports
from lrstudio.ui.window.errors import ErrorLog, state_folder
from lrstudio.ui.window.main_window import MainWindow

_M_ARENA_MAX = -8
_IDLE_MS = 10_000
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
    if not window.grab().save(str(path)):
        raise OSError(f"could not write {path}")


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
        raise ValueError(f"{file}: has {session.steps_done} steps, not {before + 1}")
    yield "reopen"
    session.export_csv(folder / "selftest.csv")
    wait_until(session.message, (folder / "selftest.csv").exists)
    yield "export"
    if wrong := differing():
        raise ValueError(f"other numbers than recorded: {', '.join(wrong[:8])}{' …' if len(wrong) > 8 else ''}")
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
        raise TimeoutError("the window did not answer")


def wait_until(signal: SignalInstance, condition: Callable[[], bool]) -> None:
    """Waits for a signal repeatedly until a condition holds."""
    while not condition():
        wait_for(signal)


def application() -> QApplication:
    """Returns the QApplication, which is created if there is none."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    _tell_glibc("mallopt", _M_ARENA_MAX, 1)  # of several arenas each keeps what a thread once needed
    QCoreApplication.setApplicationName("LR Studio")
    QCoreApplication.setOrganizationName("LR Studio")
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName("lrstudio")  # Wayland derives the window's icon from it
    app = QApplication([sys.argv[0]])
    app.setStyle("Fusion")
    app.setWindowIcon(icon("app", named_theme("light")))
    if problem := missing_font():
        print(f"lrstudio: {problem}", file=sys.stderr)
    return app


def missing_font() -> str:
    """Returns a hint at the font that the user's language needs; "" if it is installed."""
    if not QFontInfo(QGuiApplication.font()).family():
        return "this system has no fonts: install one (as fonts-dejavu-core) to see letters."
    chinese = (QFontDatabase.WritingSystem.SimplifiedChinese, QFontDatabase.WritingSystem.TraditionalChinese)
    if QLocale.system().language() == QLocale.Language.Chinese and not any(map(QFontDatabase.families, chinese)):
        return "Chinese letters have no font here: install one (as fonts-noto-cjk)."
    return ""


class IdleTrim(QTimer):
    """Returns freed memory to the system once the window has been idle: until then the next trace reuses it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._trimmed = window, True
        self.setInterval(_IDLE_MS)
        self.timeout.connect(self._look)
        window.session.simulation_changed.connect(self._use)
        self.start()

    def _use(self) -> None:
        self._trimmed = False

    def _look(self) -> None:
        window = self._window
        if window.session.state is State.RUNNING or window.bench.busy or window.feed.busy:
            self._use()
        elif not self._trimmed:
            self._trimmed = True
            window.bench.start(lambda _work: return_memory())


def return_memory() -> None:
    """Returns the memory of freed arrays to the system, as far as the traces' pool and glibc have kept it."""
    POOL.release()
    _tell_glibc("malloc_trim", 0)


def _tell_glibc(name: str, *arguments: int) -> None:
    """Calls a function of glibc where the program runs with it."""
    if sys.platform.startswith("linux"):
        with suppress(AttributeError, OSError):  # another C library
            getattr(ctypes.CDLL(None), name)(*arguments)


def greeting(window: MainWindow) -> str:
    """Returns what a user's first window says; "" for a later one."""
    first = window.settings.geometry.isEmpty()
    return tr("New to learning rates? Help ▸ Lessons (Shift+F1) begins at the beginning.") if first else ""


def run_window(path: str | None) -> int:
    """Opens the window, with a session file if `path` is not None; returns the exit code."""
    if not has_display():
        if path is not None:
            raise ValueError(f"there is no display to open {path!r} on; lrstudio run works without one")
        return without_display()
    app = application()
    folder = state_folder()
    crashes, errors = CrashReports(folder), ErrorLog(folder)
    if crashes.last is not None:
        text = tr("The program crashed when it last ran; a report is in {path}")
        errors.notices.append(text.format(path=crashes.last))
    errors.install()
    window = MainWindow(settings=QSettings(), recovery=folder / "recovery", errors=errors)
    _on_signals(window)
    for session_ends in (app.commitDataRequest, app.saveStateRequest):
        session_ends.connect(lambda _manager: window.files.recovery.flush(), Qt.ConnectionType.DirectConnection)
    IdleTrim(window)
    window.show()
    window.status.show_message(missing_font() or greeting(window))
    if sys.platform == "darwin":  # a filter sees every event: only where it is needed
        app.installEventFilter(OpenedFiles(window, window.files.open_path))
    if path is not None:
        window.files.open_path(Path(path))
    try:
        return app.exec()
    finally:
        errors.uninstall()
        crashes.end()


def _on_signals(window: MainWindow) -> None:
    """Closes the window on an interrupt, with a question if there are unsaved changes, and ends it on other signals.

    Python interrupts whatever runs, perhaps in the middle of a lock, so that the event loop must do the work.
    """
    ends = {"SIGINT": window.close, "SIGTERM": window.end, "SIGHUP": window.end, "SIGBREAK": window.end}
    for name, end in ends.items():
        if hasattr(signal, name):  # not every system has all
            signal.signal(getattr(signal, name), lambda *_, end=end: QTimer.singleShot(0, window, end))


def has_display() -> bool:
    """Whether a window can be opened."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def without_display() -> int:
    """Trains the first example offscreen and writes its CSV and its picture to the current folder."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    example = EXAMPLES[0]
    table, image = Path(f"lrstudio-{example.key}.csv"), Path(f"lrstudio-{example.key}.png")
    print(
        "lrstudio: there is no display (DISPLAY and WAYLAND_DISPLAY are not set): no window can open.", file=sys.stderr
    )
    print(f"lrstudio: training “{example.title}” without one ...", file=sys.stderr)
    app = application()
    window = MainWindow("light")
    picture(window, example, image)
    assert window.session.trace is not None
    write_csv(table, example.experiment, window.session.trace)
    window.close()
    app.processEvents()
    print(f"{table}\n{image}")
    return 0


def run_selftest(screenshots: str | None) -> int:
    """Runs the self-test of the window, offscreen if there is no display."""
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application()
    return selftest(screenshots)
