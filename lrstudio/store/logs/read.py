"""Reading training logs: the reader is chosen by what a file has in it, and files of one value each are joined."""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lrstudio.core.dataset import MOST_TITLE
from lrstudio.core.language import mark, tr
from lrstudio.store.atomic import Progress, part
from lrstudio.store.csv.cells import printable
from lrstudio.store.csv.columns import BadCellsError
from lrstudio.store.csv.format import guess_encoding
from lrstudio.store.logs import stores
from lrstudio.store.logs.assemble import Found, assembled
from lrstudio.store.logs.csv_log import read_csv
from lrstudio.store.logs.events.reader import read_events, read_run
from lrstudio.store.logs.events.records import is_events
from lrstudio.store.logs.events.visualdl import is_visualdl, read_visualdl
from lrstudio.store.logs.folder import PARTS, Member, is_event_file, joined, members, one_run, title_of, with_parts
from lrstudio.store.logs.json_log import read_json
from lrstudio.store.logs.model import LeftOut, Log, LogError, Question, Run
from lrstudio.store.logs.names import run_of_file
from lrstudio.store.logs.printed.reader import SAMPLE, is_printed, read_printed
from lrstudio.store.logs.producers.explained import explained

MOST_FILES = 100
_MOST_LEFT = 50
_FOREIGN = (
    (
        b":W&B",
        mark("is a store of Weights & Biases: export a CSV file from it, in the panel of a plot or by its public API"),
    ),
    (b"\x89HDF", mark("is an HDF5 file, such as weights of Keras: a log has losses, write one with CSVLogger")),
    (b"PAR1", mark("is a Parquet file: read it with pandas and save it with to_csv")),
    (b"ARROW1", mark("is an Arrow file: read it with pandas and save it with to_csv")),
    (b"\x93NUMPY", mark("is a NumPy array: save it with numpy.savetxt")),
    (b"\x1f\x8b", mark("is compressed with gzip: unpack it first")),
    (b"BZh", mark("is compressed with bzip2: unpack it first")),
    (b"\xfd7zXZ", mark("is compressed with xz: unpack it first")),
    (
        b"PK\x03\x04",
        mark("is a ZIP archive, as .xlsx, .pt, .keras and .npz files are: unpack it, or export its log as CSV"),
    ),
    (b"%PDF", mark("is a PDF file: a log is a table, JSON, an event file or a store")),
    (b"\x89PNG", mark("is a picture: a log is a table, JSON, an event file or a store")),
)
_BINARY = mark("is a binary file that is no event file and no SQLite store: export CSV from its program")
_CONTROLS = bytes({*range(32)} - {*b"\b\t\n\v\f\r\x1b"})
"""Bytes that text has not."""
_ENDINGS = {
    ".swanlab": mark("is a SwanLab store: export a CSV file from it, on the page of the run"),
    ".aim": mark("is an Aim store: export a CSV file from it, with `aim runs` or from its page"),
    ".pkl": mark("is a pickled object, which could run anything when it is read: save the history as CSV or JSON"),
    ".pickle": mark("is a pickled object, which could run anything when it is read: save the history as CSV or JSON"),
}
FOREIGN_SUFFIXES = (*_ENDINGS, ".wandb")
"""Endings of files that are logs but cannot be read."""


def read_log(paths: Sequence[Path], answers: Mapping[str, str] | None = None, progress: Progress | None = None) -> Log:
    """Returns the runs of one or several files; `answers` are readings of questions, by their keys.

    LogError says which file is no log, what it is, and how to get a readable one; BadCellsError which cells of a table
    are no numbers; OSError which file cannot be opened. A file that grows meanwhile is read as far as it was.
    """
    if not 1 <= len(paths) <= MOST_FILES:
        raise LogError(tr("choose 1 to {most} files", most=MOST_FILES))
    logs = []
    for place, path in enumerate(paths):
        report = part(progress, place / len(paths), (place + 1) / len(paths))
        try:
            logs.append((read_folder if path.is_dir() else read_file)(path, answers or {}, report))
        except BadCellsError:
            raise
        except LogError as error:
            raise error if len(paths) == 1 else LogError(f"{path.name}: {error}") from error
    files = with_parts([*zip(paths, logs, strict=True)])
    if len(files) == 1:
        return files[0][1]
    return joined([log for _path, log in files], [run_name(path) for path, _log in files])


def read_folder(
    folder: Path, answers: Mapping[str, str], progress: Progress | None = None, only: Path | None = None
) -> Log:
    """Returns the runs of the logs in a folder, by the folders in it; files that cannot be read are left out and named.

    With `only` the run is read that this file in the folder is a part of. LogError if there is no log. Event files of
    one folder are one run, and `train` and `validation` beside each other, too.
    """
    found, left = members(folder)
    if only is not None:
        found = [member for member in found if any(only in each.files and each.run == member.run for each in found)]
    runs, logs = list[Run](), list[Log]()
    for run_folder in dict.fromkeys(member.run for member in found):
        own = [member for member in found if member.run == run_folder]
        read = list[tuple[Member, Log]]()
        for member in own:
            report = part(progress, len(logs) / len(found), (len(logs) + 1) / len(found))
            where = member.files[0].relative_to(folder).as_posix()
            try:
                log = replace(_member(member, answers, report), title=printable(where)[:MOST_TITLE])
            except (LogError, OSError) as error:
                left.append(LeftOut(printable(where), str(error)))
                continue
            read.append((member, log))
        summaries = [
            each for each in read if not any(len(series.values) > 1 for run in each[1].runs for series in run.series)
        ]
        if 0 < len(summaries) < len(read):
            left += [
                LeftOut(log.title, tr("has one row, beside longer logs of this run")) for _member, log in summaries
            ]
            read = [each for each in read if each not in summaries]
        logs += [log for _member, log in read]
        title = printable(title_of(folder, run_folder))
        runs += _titled(title, [*_one_training(read), *_by_file(read)])
    if not runs:
        why = "; ".join(f"{each.name} {each.why}" for each in left[:3])
        raise LogError(tr("has no log that can be read: {why}", why=why or tr("it has no files, links aside")))
    whole = joined(logs, [""] * len(logs))
    hidden = left[_MOST_LEFT:]
    left = left[:_MOST_LEFT]
    if hidden:
        left.append(LeftOut(tr("{count} more files", count=len(hidden)), tr("cannot be read")))
    return replace(whole, title=printable(folder.resolve().name)[:MOST_TITLE] or "log", runs=tuple(runs),
                   left_out=(*left, *whole.left_out))  # fmt: skip


def read_with_parts(file: Path, answers: Mapping[str, str]) -> Log:
    """Returns the runs of a file; with those beside it, if they are the one run of files called after their data."""
    if file.stem.lower() in PARTS:
        beside = (each for each in sorted(file.parent.glob(f"*{file.suffix}")) if each.stem.lower() in PARTS)
        try:
            log = read_log([each for each in beside if each.is_file()], answers)
        except (LogError, OSError):
            return read_log([file], answers)
        if len(log.runs) == 1:
            return log
    return read_log([file], answers)


def _member(member: Member, answers: Mapping[str, str], progress: Progress) -> Log:
    """Returns the log of a member of a folder; printed lines only of a file with losses, and no table without names."""
    first = member.files[0]
    if not is_event_file(first):
        if first.suffix == ".log" and kind_of(first) not in ("printed", "visualdl"):
            raise LogError(tr("has no lines with a loss or a rate"))
        return read_file(first, answers, progress)
    found = read_run(member.files, progress)
    found.tables = [
        replace(table, columns=tuple(replace(each, name=member.name_of(each.name)) for each in table.columns))
        for table in found.tables
    ]
    return assembled(explained(found), answers)


def _one_training(read: Sequence[tuple[Member, Log]]) -> list[Run]:
    """Returns the runs of event files: one, where each folder with a part of the data has one with the same counter."""
    runs = [run for member, log in read if is_event_file(member.files[0]) for run in log.runs]
    several = any(len(log.runs) > 1 for member, log in read if is_event_file(member.files[0]))
    if len(runs) < 2 or several or len({run.counter for run in runs}) > 1:
        return runs
    return [one_run([(run.title, run) for run in runs])]


def _by_file(read: Sequence[tuple[Member, Log]]) -> list[Run]:
    files = [(member.files[0], log) for member, log in read if not is_event_file(member.files[0])]
    logs = [log for _path, log in with_parts(files)]
    return list(logs[0].runs if len(logs) == 1 else joined(logs, [""] * len(logs)).runs if logs else ())


def _titled(name: str, runs: Sequence[Run]) -> list[Run]:
    """Returns runs with the name as title, and with what tells several apart."""
    if len(runs) > 1:
        return [replace(run, title=f"{name} · {run.title}"[:MOST_TITLE]) for run in runs]
    return [replace(run, title=name[:MOST_TITLE]) for run in runs]


def read_file(path: Path, answers: Mapping[str, str], progress: Progress | None = None) -> Log:
    """Returns the runs of one file, as `read_log` does."""
    questions = list[Question]()
    found, questions = _found(path, answers, progress)
    found.title = printable(path.name)[:MOST_TITLE] or "log"
    log = assembled(explained(found), answers)
    return replace(log, questions=(*questions, *log.questions))


def kind_of(path: Path) -> str:
    """Returns `csv`, `json`, `printed`, `events`, `visualdl` or `store`, by what a file has in it; else LogError."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise LogError(tr("is a folder: choose the files in it"))
    if not stat.S_ISREG(status.st_mode):
        raise LogError(tr("is not a regular file"))
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if not sample.strip():
        raise LogError(tr("is empty"))
    for magic, why in _FOREIGN:
        if sample.startswith(magic):
            raise LogError(tr(why))
    if path.suffix.lower() in _ENDINGS:
        raise LogError(tr(_ENDINGS[path.suffix.lower()]))
    if sample.startswith(stores.MAGIC):
        return "store"
    if is_events(sample):
        return "events"
    if is_visualdl(sample):
        return "visualdl"
    if "tfevents" in path.name:
        raise LogError(
            tr("is called an event file, but does not begin with a record: it may be damaged or not yet written")
        )
    if sample[:1] == b"\x80" and sample[1:2] in b"\x02\x03\x04\x05":
        raise LogError(tr(_ENDINGS[".pkl"]))
    try:
        printed = is_printed(sample)
    except LogError:
        raise LogError(tr(_BINARY)) from None
    if not _is_utf16(sample) and len(sample.translate(None, _CONTROLS)) * 50 < len(sample) * 49:
        raise LogError(tr(_BINARY))
    if sample.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return "printed" if printed and sample.lstrip()[1:2] != b'"' and not _is_json(sample) else "json"
    return "printed" if printed else "csv"


def _is_utf16(sample: bytes) -> bool:
    return guess_encoding(sample).startswith("utf-16")


def _is_json(sample: bytes) -> bool:
    """Whether text that begins with a bracket is JSON as far as a look at its first names tells."""
    begin = sample.lstrip()[:200]
    return (begin[:1] == b"{" and b"'" not in begin.split(b":", 1)[0]) or begin[1:].lstrip()[:1] in (b"{", b"[")


def _found(path: Path, answers: Mapping[str, str], progress: Progress | None) -> tuple[Found, list[Question]]:
    kind = kind_of(path)
    if kind == "csv":
        return read_csv(path, answers, progress)
    if kind == "store":
        return stores.read_store(path), []
    readers = {"json": read_json, "printed": read_printed, "events": read_events, "visualdl": read_visualdl}
    return readers[kind](path, progress), []


def run_name(path: Path) -> str:
    """Returns what is the same for files of one run: TensorBoard's name of it, or the folder, above `metrics`."""
    folder = path.resolve().parent
    above = [each.parent for each in (folder, *folder.parents) if each.name == "metrics"]
    return run_of_file(path.stem) or str(above[0] if above else folder)


Stamp = tuple[int, int, int]
"""Inode, size and time of the last change of a file."""
_SHARE = 0.05


def stamp(file: Path) -> Stamp:
    """Returns what changes when a file grows, is cut off or is replaced."""
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def pause_after(seconds: float) -> float:
    """Returns how long to wait after so much work for a log that grows: a second, or so that it takes 5 % of a core."""
    return max(1.0, seconds * (1 / _SHARE - 1))
