"""The logs of a folder: the files in it that can be read as one, each a run or a part of one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.store.atomic import Progress, part
from lrstudio.store.logs.model import LeftOut, Log, LogError
from lrstudio.store.logs.read import MOST_FILES, joined, read_file, run_name

SUFFIXES = (".csv", ".tsv", ".txt", ".log", ".json", ".jsonl", ".db", ".sqlite")
_MOST_SEEN = 10_000


def is_log_name(path: Path) -> bool:
    """Whether a file is called as logs are: by its ending, as an event file, or as a metric of MLflow."""
    return path.suffix.lower() in SUFFIXES or "tfevents" in path.name or "metrics" in path.parent.parts[-3:]


def log_files(folder: Path) -> tuple[Path, ...]:
    """Returns the files of a folder and those below it that may be logs, the last changed ones of too many."""
    found = [(path.stat().st_mtime_ns, path) for path in _files(folder) if path.is_file() and is_log_name(path)]
    return tuple(sorted(path for _time, path in sorted(found)[-MOST_FILES:]))


def read_folder(folder: Path, answers: Mapping[str, str], progress: Progress | None = None) -> Log:
    """Returns the logs of a folder as one, without the files that are none; LogError if there is no log in it."""
    paths, logs, names, left = log_files(folder), list[Log](), list[str](), list[LeftOut]()
    for place, path in enumerate(paths):
        try:
            log = read_file(path, answers, part(progress, place / len(paths), (place + 1) / len(paths)))
        except (LogError, OSError) as error:
            left.append(LeftOut(path.name, str(error)))
            continue
        logs.append(replace(log, title=path.relative_to(folder).as_posix()))
        names.append(run_name(path))
    if not logs:
        why = f"{left[0].name}: {left[0].why}" if left else tr("there is no file in it that is called as a log")
        raise LogError(tr("{name}: has no log: {why}", name=folder.name, why=why))
    log = joined(logs, names)
    return replace(log, title=folder.name, left_out=(*log.left_out, *left))


def _files(folder: Path) -> Iterator[Path]:
    """Yields the files below a folder without following links to folders, and without hidden ones."""
    seen = 0
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(here, name)
            seen += 1
            if seen >= _MOST_SEEN:
                return
