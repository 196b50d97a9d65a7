"""Reads the opened logs again as they grow, outside the GUI thread, with a small share of a processor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from lrstudio.store.csv.format import CsvError
from lrstudio.store.logs.csv_log import BAD_ROWS
from lrstudio.store.logs.read import Stamp, pause_after, read_log, stamp
from lrstudio.ui.instruments.log.reading import Read, diagnosed_log
from lrstudio.ui.session.bench import Bench, Work

Stamps = tuple[Stamp, ...]


class Follower(QObject):
    """While it is on, looks once a second whether files of the logs have changed; `grown` carries a new Read.

    A file that is cut off or replaced is read as it is then; one that is gone, or cannot be read now, stays as it was.
    """

    grown = Signal(object)
    looked = Signal()

    def __init__(self, bench: Bench, reads: Callable[[], Sequence[Read]], parent: QObject) -> None:
        super().__init__(parent)
        self._bench, self._reads = bench, reads
        self._stamps: dict[tuple[Path, ...], Stamps] = {}
        self._work: Work | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    def set_on(self, on: bool) -> None:
        """Begins or ends to follow."""
        self._stamps = {}
        if on:
            self._look()
        else:
            self._timer.stop()
            if self._work is not None:
                self._work.cancel()

    def _look(self) -> None:
        reads, stamps = list(self._reads()), dict(self._stamps)
        self._work = self._bench.start(lambda _work: _changed(reads, stamps), done=self._show)

    def _show(self, found: tuple[dict[tuple[Path, ...], Stamps], list[Read], float]) -> None:
        self._stamps, grown, seconds = found
        for read in grown:
            self.grown.emit(read)
        self.looked.emit()
        self._timer.start(round(1000 * pause_after(seconds)))


def _changed(
    reads: Sequence[Read], before: dict[tuple[Path, ...], Stamps]
) -> tuple[dict[tuple[Path, ...], Stamps], list[Read], float]:
    """Returns the stamps of the files, the logs whose files are others than before, and the time that took."""
    began, stamps, grown = time.thread_time(), dict[tuple[Path, ...], Stamps](), list[Read]()
    for each in reads:
        try:
            now = stamps[each.paths] = tuple(map(stamp, each.paths))
            if before.get(each.paths, now) != now:
                answers = {question.key: question.chosen for question in each.log.questions if question.answered}
                grown.append(diagnosed_log(each.paths, read_log(each.paths, answers | {BAD_ROWS: "drop"})))
        except (CsvError, OSError):
            stamps.setdefault(each.paths, before.get(each.paths, ()))
    return stamps, grown, time.thread_time() - began
