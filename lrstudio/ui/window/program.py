"""The program around the window: its language, errors, signals and memory."""

from __future__ import annotations

import ctypes
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QSettings, QTimer, QTranslator
from PySide6.QtGui import QFontDatabase, QFontInfo, QGuiApplication
from PySide6.QtWidgets import QApplication

from lrstudio.core.language import language as language_in_use
from lrstudio.core.language import system_language, tr, use
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.pool import POOL
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.window.crash import CrashReports
from lrstudio.ui.window.errors import ErrorLog, data_folder, state_folder
from lrstudio.ui.window.main_window import MainWindow

_IDLE_MS = 10_000
_dialogs = QTranslator()


class Program:
    """The window with what outlives it: errors, settings, recovery; a change of the language makes the window anew."""

    def __init__(self, language: str | None) -> None:
        self._folder, self._store = state_folder(), QSettings()
        self._ends: str | None = None
        speak(language or Settings(self._store).language)
        self._crashes, self._errors = CrashReports(self._folder), ErrorLog(self._folder)
        if self._crashes.last is not None:
            text = tr("The program crashed when it last ran; a report is in {path}", path=self._crashes.last)
            self._errors.notices.append(text)
        self._errors.install()
        self.window = self._show(None)
        self.window.status.show_message(missing_font() or greeting(self.window))
        if self.window.settings.geometry.isEmpty():  # the first start
            QTimer.singleShot(0, self.window, self.window.lessons.begin_tour.trigger)
        self._on_signals()

    def run(self, app: QApplication) -> int:
        """Runs until the window closes; returns the exit code."""
        try:
            return app.exec()
        finally:
            self.close()

    def close(self) -> None:
        """Restores the handlers of errors and crashes, as the window has ended."""
        self._errors.uninstall()
        self._crashes.end()

    def open_path(self, path: Path) -> None:
        """Opens a file in the window."""
        self.window.files.open_path(path)

    def flush(self, _manager: object = None) -> None:
        """Writes what would be lost if the program ended now."""
        self.window.files.recovery.flush()

    def _show(self, opened: dict[str, Any] | None) -> MainWindow:
        recovery, progress = self._folder / "recovery", data_folder() / "lesson-progress.json"
        window = MainWindow(
            settings=self._store, recovery=recovery, errors=self._errors, opened=opened, progress=progress
        )
        window.language_chosen.connect(self._change_language)
        IdleTrim(window)
        if window.settings.simple is None:  # a beginner's first window
            window.simple.show(True)
        window.show()
        return window

    def _change_language(self, key: str) -> None:
        window = self.window
        if window.closing:  # the window that comes, or the next start, speaks it
            window.settings.language = None if key == "system" else key
            return
        if window.session.task is not None:
            window.status.show_message(tr("A file is being read or written; try again when that is over"))
        else:
            window.settings.language = None if key == "system" else key
            window.lessons.course.leave()
            recovery = window.files.recovery.hand_over()
            window.feed.stopped.connect(lambda: self._reopen(window.session.hand_over() | {"recovery": recovery}))
            window.stop()
        window.menus.language.show(window.settings.language or "system")

    def _reopen(self, opened: dict[str, Any]) -> None:
        before = self.window
        speak(Settings(self._store).language)
        self.window = self._show(opened)
        before.deleteLater()
        if self._ends is not None:
            self._end(self._ends)

    def _on_signals(self) -> None:
        """Closes the window on an interrupt, with a question if there are unsaved changes, and ends it on others.

        Python interrupts whatever runs, perhaps in the middle of a lock, so that the event loop must do the work.
        """
        ends = {"SIGINT": "close", "SIGTERM": "end", "SIGHUP": "end", "SIGBREAK": "end"}
        for name, end in ends.items():
            if hasattr(signal, name):  # not every system has all

                def stop(*_: object, end: str = end) -> None:
                    QTimer.singleShot(0, lambda: self._end(end))

                signal.signal(getattr(signal, name), stop)

    def _end(self, how: str) -> None:
        """Closes or ends the window; while it is made anew, the one that comes."""
        self._ends = how if self.window.closing else None
        getattr(self.window, how)()


def speak(language: str | None) -> None:
    """Makes a language that of all windows made from now on; None is the system's."""
    language = language or system_language()
    use(language)
    QCoreApplication.removeTranslator(_dialogs)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if language != "en" and _dialogs.load(f"qtbase_{language}", folder):
        QCoreApplication.installTranslator(_dialogs)


def missing_font() -> str:
    """Returns a hint at the font that the user's language needs; "" if it is installed."""
    if not QFontInfo(QGuiApplication.font()).family():
        return tr("this system has no fonts: install one (as fonts-dejavu-core) to see letters.")
    chinese = (QFontDatabase.WritingSystem.SimplifiedChinese, QFontDatabase.WritingSystem.TraditionalChinese)
    if language_in_use() == "zh_CN" and not any(map(QFontDatabase.families, chinese)):
        return "Chinese letters have no font here: install one (as fonts-noto-cjk)."  # in letters that are there
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
            release_pictures()
            window.bench.start(lambda _work: return_memory())


def release_pictures() -> None:
    """Frees the pictures of hidden windows and menus, 4 bytes a pixel; when shown again they are painted anew."""
    for widget in QApplication.topLevelWidgets():
        if widget.isHidden():  # a closed one has no native window any more, but its picture
            widget.destroy()


def return_memory() -> None:
    """Returns the memory of freed arrays to the system, as far as the traces' pool and glibc have kept it."""
    POOL.release()
    tell_glibc("malloc_trim", 0)


def tell_glibc(name: str, *arguments: int) -> None:
    """Calls a function of glibc where the program runs with it."""
    if sys.platform.startswith("linux"):
        with suppress(AttributeError, OSError):  # another C library
            getattr(ctypes.CDLL(None), name)(*arguments)


def greeting(window: MainWindow) -> str:
    """Returns what a user's first window says; "" for a later one."""
    first = window.settings.geometry.isEmpty()
    return tr("New to learning rates? Help ▸ Lessons (Shift+F1) begins at the beginning.") if first else ""
