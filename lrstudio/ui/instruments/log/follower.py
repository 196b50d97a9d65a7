"""Reads the opened logs again as they grow, outside the GUI thread, with a small share of a processor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.logs.read import Stamp, pause_after
from lrstudio.ui.instruments.log.reading import Read, read_again, read_first, stamps_of
from lrstudio.ui.session.bench import Bench, Work

Stamps = dict[tuple[Path, ...], tuple[Stamp, ...]]


@dataclass(frozen=True, eq=False)
class _Look:
    """The logs that were read again, what could not be, with the stamps of those files, and the time it took."""

    grown: list[Read]
    problems: dict[tuple[Path, ...], str]
    refused: Stamps
    seconds: float


class Follower(QObject):
    """While it is on, looks once a second whether files of the logs have changed; `grown` carries a new Read.

    A file that is cut off or replaced is read as it is then; one that is gone, or cannot be read now, stays as it was,
    which `problem` tells, with "" when that is over.
    """

    grown = Signal(object)
    looked = Signal()
    problem = Signal(str)

    def __init__(self, bench: Bench, reads: Callable[[], Sequence[Read]], parent: QObject) -> None:
        super().__init__(parent)
        self._bench, self._reads = bench, reads
        self._awaited: list[Path] = []
        self._last = _Look([], {}, {}, 0.0)
        self._work: Work | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    def set_on(self, on: bool) -> None:
        """Begins or ends to follow."""
        self._last = _Look([], {}, {}, 0.0)
        if self._work is not None:
            self._work.cancel()
        if on:
            self._look()
        else:
            self._awaited = []
            self._timer.stop()

    def wait_for(self, path: Path) -> None:
        """Also reads a file or folder that has no log yet, as soon as it has one."""
        self._awaited.append(path)

    def _look(self) -> None:
        reads, awaited, last = list(self._reads()), tuple(self._awaited), self._last
        self._work = self._bench.start(lambda _work: _changed(reads, awaited, last), done=self._show)

    def _show(self, look: _Look) -> None:
        said, self._last = self._last.problems, look
        for read in look.grown:
            self._awaited = [path for path in self._awaited if (path,) != read.key]
            self.grown.emit(read)
        if look.problems != said:
            self.problem.emit("; ".join(list(look.problems.values())[:3]))
        self.looked.emit()
        self._timer.start(round(1000 * pause_after(look.seconds)))


def _changed(reads: Sequence[Read], awaited: Sequence[Path], last: _Look) -> _Look:
    """Reads the logs whose files have changed, and those of a session: they may have grown since."""
    began, grown, problems, refused = time.thread_time(), list[Read](), dict[tuple[Path, ...], str](), Stamps()
    for each in reads:
        now: tuple[Stamp, ...] = ()
        try:
            now = stamps_of(each.paths)
            if now == last.refused.get(each.key):
                refused[each.key], problems[each.key] = now, last.problems[each.key]
            elif now != each.stamps:
                grown.append(read_again(each))
        except (ValueError, OSError) as error:
            refused[each.key], problems[each.key] = now, f"{each.log.title}: {_why(error)}"
    for path in awaited:
        try:
            grown.append(read_first(path))
        except (ValueError, OSError) as error:
            problems[(path,)] = f"{path.name}: {_why(error)}"
    return _Look(grown, problems, refused, time.thread_time() - began)


def _why(error: Exception) -> str:
    strerror = getattr(error, "strerror", None)
    return tr(strerror) if strerror else str(error)
