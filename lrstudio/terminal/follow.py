"""`lrstudio follow`: a line a second about a training that is still going on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lrstudio.core.language import sentences, tr
from lrstudio.store.csv.cells import printable
from lrstudio.store.csv.columns import BadCellsError
from lrstudio.store.csv.format import CsvError
from lrstudio.store.logs.csv_log import BAD_ROWS
from lrstudio.store.logs.diagnosis import diagnosis_of
from lrstudio.store.logs.folder import is_event_file, members
from lrstudio.store.logs.model import LOSS, METRIC, RATE, Run
from lrstudio.store.logs.producers.losses import main_loss
from lrstudio.store.logs.read import Stamp, pause_after, read_folder, read_log, read_with_parts, stamp
from lrstudio.terminal.parser import CommandParser

_MOST_FILES = 10_000


def follow_command(arguments: list[str]) -> int:
    parser = CommandParser(
        prog="lrstudio follow",
        description=tr("Follow a training log that grows, with a line whenever it has. Ctrl+C ends it."),
    )
    parser.add_argument("path", metavar="PATH", help=tr("a log, or a folder whose newest file is followed"))
    args = parser.parse_args(arguments)
    path = Path(args.path)
    if not path.exists():
        raise FileNotFoundError(2, tr("No such file or directory"), args.path)
    try:
        for line in followed(path, time.sleep):
            print(line, flush=True)
    except KeyboardInterrupt:
        return 0
    return 0


def followed(
    path: Path, wait: Callable[[float], object], clock: Callable[[], float] = time.process_time
) -> Iterator[str]:
    """Yields a line at first and whenever the log has changed; calls `wait` with the seconds until it looks again.

    The whole file is read again, so that one that was cut off or replaced is right. A long one is read
    seldom.
    """
    before: tuple[Path, Stamp] | None = None
    said = ""
    while True:
        began = clock()
        line, file = "", newest(path)
        try:
            now = None if file is None else (file, stamp(file))
            if now is None:
                line = tr("{path}: there is no file yet", path=path.name)
            elif now != before:
                before, line = now, _told(path, now[0])
        except FileNotFoundError:
            before, line = None, tr("{path}: the file is gone", path=path.name)
        except (CsvError, OSError, ValueError) as error:
            line = f"{path.name}: {error}"
        if line and line != said:
            said = line
            yield printable(line)
        wait(pause_after(clock() - began))


def newest(path: Path) -> Path | None:
    """Returns the file itself, or of a folder the log that was changed last, else any file; None if it has none."""
    if not path.is_dir():
        return path
    logs = [file for member in members(path)[0] for file in member.files]
    files = logs or [file for file, _ in zip(path.rglob("*"), range(_MOST_FILES), strict=False) if file.is_file()]
    return max(((file.stat().st_mtime_ns, file) for file in files), default=(0, None))[1]


def _told(path: Path, file: Path) -> str:
    answers = {BAD_ROWS: "drop"}  # the last line may be half written
    whole = path.is_dir() and is_event_file(file)
    read = read_with_parts if path.is_dir() else lambda file, answers: read_log([file], answers)
    try:
        log = read_folder(path, answers, only=file) if whole else read(file, answers)
    except BadCellsError as error:
        raise CsvError(str(error)) from None
    run = log.runs[-1]
    diagnosis = diagnosis_of(run)
    verdict = sentences(diagnosis.said[0].sentence, diagnosis.subject)
    return "; ".join([run.title if whole else file.name, *_last(run), verdict])


def _last(run: Run) -> list[str]:
    """Returns the last values of the run: its counter, losses, metrics and rate."""
    loss = main_loss(run)
    others = [series for series in run.series if series.role in (RATE, LOSS, METRIC) and series is not loss]
    shown = [series for series in (loss, *others) if series is not None and len(series.values)]
    words = [f"{series.name} {series.values[-1]:.6g}" for series in shown]
    if loss is not None and len(loss.values):
        words.insert(0, f"{tr(run.counter)} {loss.at[-1]:g}")
    return words
