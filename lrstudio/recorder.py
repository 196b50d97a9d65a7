"""A recorder for trainings of your own: writes a CSV file that LR Studio opens, with the standard library alone.

with lrstudio.record("run.csv") as log:
    for step, batch in enumerate(batches):
        ...
        log(step=step, lr=rate, loss=loss)
"""

from __future__ import annotations

import csv
import io
import os
import time
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lrstudio.store.atomic import writing

_TIME = "relative_time"
_SYNC_SECONDS = 1.0
"""The longest time for which lines are in the system's memory alone."""
_LINES = 10_000


def record(path: str | os.PathLike[str]) -> Recorder:
    """Returns a recorder that writes to a file; beside an existing `run.csv`, which is kept, to `run-2.csv`."""
    return Recorder(Path(path))


class Recorder:
    """Writes a line of named numbers at each call. What was written stays if the program crashes or the disk is full.

    `path` is the file. The column `relative_time` has the seconds since the first call unless it is given. A name may
    come later: the lines before have an empty cell. The values may be anything that `float` takes, as tensors of one
    element.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._names: list[str] = []
        self._file: Any = None
        self._start = self._synced = 0.0

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, **values: Any) -> None:
        """Writes one line; TypeError or ValueError for a value that is no number, OSError where the disk takes no more.

        Nothing is written then, and a further call may follow.
        """
        if self._file is None:
            self._open()
        now = time.monotonic()
        self._start = self._start or now
        cells = {_TIME: round(now - self._start, 6)} | {name: _number(name, value) for name, value in values.items()}
        if new := [name for name in cells if name not in self._names]:
            self._widen(new)
        self._append(_line([cells.get(name, "") for name in self._names]))
        if now - self._synced > _SYNC_SECONDS:
            os.fsync(self._file.fileno())
            self._synced = now

    def close(self) -> None:
        """Ends the file; a further call goes on with it."""
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None

    def _open(self) -> None:
        if self._names:
            self._file = self.path.open("ab", buffering=0)
            return
        stem, number = self.path.stem, 1
        while self._file is None:
            try:
                self._file = self.path.open("xb", buffering=0)
            except FileExistsError:
                number += 1
                self.path = self.path.with_name(f"{stem}-{number}{self.path.suffix}")

    def _append(self, text: str) -> None:
        """Writes a text whole, or nothing of it."""
        size, left = os.fstat(self._file.fileno()).st_size, text.encode()
        try:
            while left:
                left = left[self._file.write(left) :]
        except BaseException:
            self._file.seek(self._file.truncate(size))
            raise

    def _widen(self, new: list[str]) -> None:
        """Adds columns: writes the file anew beside the old one, and then in its place."""
        own = [name for name in new if name != _TIME] + [name for name in new if name == _TIME]
        names = [*self._names, *own]
        if self._names:
            self.close()
            with writing(self.path) as write:
                write(_line(names).encode())
                with self.path.open(encoding="utf-8", newline="") as file:
                    rows = csv.reader(file)
                    next(rows)
                    while lines := "".join(_line([*row, *[""] * len(own)]) for row in islice(rows, _LINES)):
                        write(lines.encode())
            self._names = names
            self._open()
        else:
            self._append(_line(names))
            self._names = names


def _number(name: str, value: Any) -> float | int | str:
    if value is None:
        return ""
    if isinstance(value, int):
        return int(value)
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} = {value!r}: must be a number") from None


def _line(cells: list[Any]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow(cells)
    return stream.getvalue()
