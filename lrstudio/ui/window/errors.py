"""Errors that nobody handled, from every thread: in a log file, and for the bar of the window."""

from __future__ import annotations

import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QObject, QStandardPaths, Qt, QtMsgType, Signal, qInstallMessageHandler

from lrstudio import __version__

LOG_NAME = "lrstudio.log"
_LOG_BYTES, _OLD_LOGS = 2**19, 2
_MOST_KEPT = 20
"""Different errors whose texts are kept for the bar; the log has all."""
_LEVELS = {QtMsgType.QtWarningMsg: "warning", QtMsgType.QtCriticalMsg: "critical", QtMsgType.QtFatalMsg: "fatal"}


def state_folder() -> Path:
    """Returns the user's folder for the log and the reports of crashes; it need not exist."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.StateLocation))


def data_folder() -> Path:
    """Returns the user's folder for what the program keeps, as the progress of the lessons; it need not exist."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))


class ErrorLog(QObject):
    """Collects errors and writes them to LOG_NAME in a folder; without one they are only counted and kept.

    An error that comes again is written at its 1st, 10th, 100th, ... time. Any thread may call `add` and `note`.
    """

    changed = Signal()
    """There are more errors; emitted in the thread of the log's owner, later."""
    _added = Signal()

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = None if folder is None else folder / LOG_NAME
        self.count = 0
        self.last = ""
        """The last error in one line."""
        self.notices: list[str] = []
        """What else the bar should say, such as a crash of the last start."""
        self._times: dict[str, int] = {}
        self._handler: Any = None
        self._lock = threading.RLock()
        self._before: tuple[Any, ...] | None = None
        self._qt_before: Any = None
        self._told = True
        """Whether the bar knows of all errors, or shows them just now: one of its own must not call it again."""
        self._added.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Receives all unhandled errors of Python and the messages of Qt until `uninstall`."""
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._hook
        threading.excepthook = lambda args: self.add(args.exc_type, args.exc_value, args.exc_traceback)
        sys.unraisablehook = lambda args: self.add(args.exc_type, args.exc_value, args.exc_traceback)
        self._qt_before = qInstallMessageHandler(self._qt_message)

    def uninstall(self) -> None:
        if self._before is not None:
            qInstallMessageHandler(self._qt_before)
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
            self._before = None

    def add(
        self, kind: type[BaseException], error: BaseException | None = None, trace: TracebackType | None = None
    ) -> None:
        """Logs and counts an error; never raises one."""
        try:
            text = "".join(traceback.format_exception(kind, error, trace)).rstrip()
            last = "".join(traceback.format_exception_only(kind, error)).strip().splitlines()[-1]
        except BaseException as second:  # noqa: BLE001 - an error whose description fails is an error all the same
            text = last = f"{kind.__name__} (its description failed with {type(second).__name__})"
        with self._lock:
            times = self._times[text] = self._times.pop(text, 0) + 1
            self.count += 1
            self.last = last
            tell, self._told = self._told, False
            while len(self._times) > _MOST_KEPT:
                del self._times[next(iter(self._times))]
        if str(times).strip("0") == "1":
            self._print(text)
            self.note("error", text if times == 1 else f"{last} ({times} times)")
        if tell:
            with suppress(RuntimeError):  # the window is gone
                self._added.emit()

    def note(self, level: str, text: str) -> None:
        """Writes a text to the log, as far as that can be written."""
        if self.path is None:
            return
        try:
            import logging  # 10 ms that a start without errors does not need

            with self._lock:
                if self._handler is None:
                    self._handler = _handler(self.path)
                try:
                    self._handler.emit(logging.makeLogRecord({"levelname": level, "msg": text}))
                finally:
                    self._handler.close()  # until the next error
        except Exception as error:  # noqa: BLE001 - a full disk: the bar still has the text
            self._print(f"lrstudio: could not write {self.path}: {error}")

    def details(self) -> str:
        """Returns the version, the system and the last errors, oldest first, with the paths of their files."""
        import platform

        lines = [f"LR Studio {__version__}, Python {platform.python_version()}, {platform.platform()}"]
        if self.path is not None:
            lines.append(f"Log: {self.path}")
        with self._lock:
            parts = [text if times == 1 else f"{text}\n({times} times)" for text, times in self._times.items()]
            return "\n\n".join(["\n".join(lines), *self.notices, *parts])

    def clear(self) -> None:
        """Forgets all errors; they stay in the log."""
        with self._lock:
            self._times.clear()
            self.notices.clear()
            self.count, self.last = 0, ""
        self.changed.emit()

    def _tell(self) -> None:
        self.changed.emit()
        self._told = True

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.add(kind, error, trace)
        for name in ("last_exc", "last_value", "last_traceback"):  # its frames would keep what they use, as traces
            if hasattr(sys, name):
                delattr(sys, name)

    def _qt_message(self, level: QtMsgType, context: QMessageLogContext, text: str) -> None:
        self._print(text)
        if level in _LEVELS:
            self.note(f"Qt {_LEVELS[level]}", text)

    def _print(self, text: str) -> None:
        if sys.__stderr__ is not None:  # there is none under pythonw
            with suppress(OSError, ValueError):
                print(text, file=sys.__stderr__)


def _handler(path: Path) -> Any:
    """Returns the handler of the log, whose errors are raised."""
    import logging
    import logging.handlers

    class Handler(logging.handlers.RotatingFileHandler):
        def handleError(self, record: logging.LogRecord) -> None:
            error = sys.exc_info()[1]
            assert error is not None
            raise error

    path.parent.mkdir(parents=True, exist_ok=True)
    handler = Handler(path, maxBytes=_LOG_BYTES, backupCount=_OLD_LOGS, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter(f"%(asctime)s {__version__} %(levelname)s: %(message)s"))
    return handler
