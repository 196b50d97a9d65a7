"""Logs in a folder: which of its files are logs, and which of them are one run."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.logs.events.reader import first_tag
from lrstudio.store.logs.model import COUNTER, LeftOut, LogError
from lrstudio.store.logs.names import in_phase, meaning

MOST_FILES = 10_000
"""Most files of a folder that are looked at."""
_ENDINGS = {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".log", ".db", ".sqlite", ".sqlite3"}
_PARTS = {"train", "training", "learn", "val", "valid", "validation", "eval", "evaluation", "test", "dev"}
"""Names of folders of one run that say on which data its values were measured."""
_STARTED = re.compile(r"tfevents\.(\d+)")
_NAME = re.compile(r"^run_name:\s*['\"]?(.{1,200}?)['\"]?\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Member:
    """Files that are read together: the event files of a folder in the order of their time, or one other file.

    `run` is the folder of the run that they are a part of; `phase` says on which data its values were measured, if the
    name of a folder does. `key` is the key of a value among those of one tag that add_scalars wrote.
    """

    files: tuple[Path, ...]
    run: Path
    phase: str = ""
    key: str = ""

    def name_of(self, name: str) -> str:
        """Returns the name of a value of the files in their run."""
        if self.key and meaning(name).role != COUNTER:
            return f"{name}/{self.key}"
        return in_phase(name, self.phase) if self.phase else name


def is_event_file(path: Path) -> bool:
    return "tfevents" in path.name


def is_log_name(path: Path) -> bool:
    """Whether a file is called as logs are: by its ending, as an event file, or as a metric of MLflow."""
    return path.suffix.lower() in {*_ENDINGS, ".txt"} or is_event_file(path) or "metrics" in path.parent.parts[-3:]


def log_files(folder: Path) -> tuple[Path, ...]:
    """Returns the files of the logs in a folder."""
    return tuple(file for member in members(folder)[0] for file in member.files)


def members(folder: Path) -> tuple[list[Member], list[LeftOut]]:
    """Returns the logs in a folder and in those below it, and what is no log; LogError if there are too many files.

    Files and folders whose names begin with a point are passed over, and links are not followed.
    """
    events, others, odd = dict[Path, list[Path]](), list[Member](), list[Path]()
    for file in _files(folder):
        above = next((each for each in file.parents if each.name == "metrics" and folder in each.parents), None)
        if is_event_file(file):
            events.setdefault(file.parent, []).append(file)
        elif above is not None and (not file.suffix or file.suffix.lower() in _ENDINGS):
            others.append(Member((file,), _run_above(above)))
        elif file.suffix.lower() in _ENDINGS:
            others.append(Member((file,), file.parent))
        else:
            odd.append(file)
    found = [_of_scalars(where, files, events) or _of_events(folder, where, files) for where, files in events.items()]
    left = []
    if odd:
        shown = ", ".join(file.relative_to(folder).as_posix() for file in odd[:3])
        name = shown if len(odd) <= 3 else tr("{shown} and {more} more", shown=shown, more=len(odd) - 3)
        left.append(LeftOut(name, tr("are not called as logs are: what is one, open by itself")))
    return sorted([*found, *others], key=lambda member: (member.run, member.files)), left


def in_time(files: Sequence[Path]) -> list[Path]:
    """Returns event files in the order in which they were begun, by the seconds in their names, as TensorBoard does."""

    def begun(path: Path) -> tuple[int, str]:
        match = _STARTED.search(path.name)
        return (int(match[1][:18]) if match else 0, path.name)

    return sorted(files, key=begun)


def _of_events(folder: Path, where: Path, files: Sequence[Path]) -> Member:
    inside = where != folder and where.name.lower() in _PARTS
    run = where.parent if inside else where
    return Member(tuple(in_time(files)), run, where.name.lower() if inside else "")


def _of_scalars(where: Path, files: Sequence[Path], writers: Container[Path]) -> Member | None:
    """Returns event files that add_scalars made below the folder of a writer; None for others.

    Of each key PyTorch's are in TAG_KEY, where a slash of the tag is _, and tensorboardX's in TAG/KEY.
    """
    run = next((each for each in where.parents if each in writers), None)
    tag = "" if run is None else first_tag(files[0])
    if run is None or not tag:
        return None
    place = where.relative_to(run).as_posix()
    begin = next((each for each in (tag.replace("/", "_") + "_", f"{tag}/") if place.startswith(each)), place)
    return Member(tuple(in_time(files)), run, key=place.removeprefix(begin)) if len(begin) < len(place) else None


def _run_above(metrics: Path) -> Path:
    """Returns the folder of the run with a folder of metrics: MLflow's run, or DVCLive's, above its plots."""
    return metrics.parent.parent if metrics.parent.name == "plots" else metrics.parent


def title_of(folder: Path, run: Path) -> str:
    """Returns the name of the run in a folder: that of MLflow's description, or its place."""
    description = run / "meta.yaml"
    if description.is_file() and not description.is_symlink():
        with description.open("rb") as file:
            match = _NAME.search(file.read(2**16).decode("utf-8", "replace"))
        if match is not None:
            return match[1]
    place = run.relative_to(folder).as_posix() if folder == run or folder in run.parents else "."
    return folder.resolve().name if place == "." else place


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(where) / name
            if name.startswith(".") or path.is_symlink() or not path.is_file():
                continue
            count += 1
            if count > MOST_FILES:
                raise LogError(tr("has more than {most} files: open a folder in it", most=MOST_FILES))
            yield path
