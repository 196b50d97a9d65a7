"""Ctrl+C, and the signals by which others end a program: the system, a terminal that closes."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import Any

from lrstudio.core.language import mark, tr

_DEFAULTS: dict[str, Any] = {
    "SIGINT": signal.default_int_handler, "SIGTERM": signal.SIG_DFL, "SIGHUP": signal.SIG_DFL,
    "SIGBREAK": signal.SIG_DFL,
}  # fmt: skip
"""What is replaced: who starts a program may have told it to ignore a signal, as nohup does."""
_TOLD = mark("ending; once more ends at once, without what is still to be written")


class Signals:
    """While it is entered, the first signal raises KeyboardInterrupt, also one that would kill.

    The results that a command has then, or when it has `finished`, are still written: the next signal is only told, on
    standard error, and the one after it raises KeyboardInterrupt.
    """

    def __init__(self) -> None:
        self._replaced: dict[int, Any] = {}
        self._finished = self._told = False

    def __enter__(self) -> None:
        self._finished = self._told = False
        if threading.current_thread() is threading.main_thread():  # Python lets no other thread handle signals
            numbers = {getattr(signal, name): old for name, old in _DEFAULTS.items() if hasattr(signal, name)}
            self._replaced = {number: old for number, old in numbers.items() if signal.getsignal(number) == old}
            for number in self._replaced:
                signal.signal(number, self._handle)

    def __exit__(self, *_: object) -> None:
        for number, old in self._replaced.items():
            signal.signal(number, old)
        self._replaced = {}

    def finished(self) -> None:
        """Begins to write the results."""
        self._finished = True

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self._told or not self._finished:
            self._finished = True
            raise KeyboardInterrupt
        self._told = True
        with suppress(OSError):  # a stream of Python may be in the middle of another line
            os.write(2, f"{tr(_TOLD)}\n".encode())


SIGNALS = Signals()
