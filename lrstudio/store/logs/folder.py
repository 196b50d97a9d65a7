"""Logs in a folder: which of its files are logs, and which of them are one run."""

from __future__ import annotations

import filecmp
import os
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lrstudio.core.dataset import MOST_TITLE
from lrstudio.core.language import mark, tr
from lrstudio.core.record import dataclass
from lrstudio.store.logs.events.reader import first_tag
from lrstudio.store.logs.model import COUNTER, LOSS, RATE, TRAIN, VALIDATION, LeftOut, Log, LogError, Run, Series
from lrstudio.store.logs.names import in_phase, meaning, without_part
from lrstudio.store.logs.producers.checkpoints import states_within

MOST_FILES = 10_000
"""Most files of a folder that are looked at."""
_ENDINGS = {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".log", ".db", ".sqlite", ".sqlite3"}
PARTS = {"train", "training", "learn", "val", "valid", "validation", "eval", "evaluation", "test", "dev"}
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
    for without, why in (
        (_without_checkpoints, mark("is a part of {other}")),
        (_without_copies, mark("has what {other} has")),
    ):
        others, dropped = without(others)
        places = [[each.relative_to(folder).as_posix() for each in pair] for pair in dropped]
        left += [LeftOut(own, tr(why, other=other)) for own, other in places]
    return sorted([*found, *others], key=lambda member: (member.run, member.files)), left


def _without_copies(logs: Sequence[Member]) -> tuple[list[Member], list[tuple[Path, Path]]]:
    """Returns logs without copies in the same folder, and these with what they are copies of, as MMEngine writes them.

    Only objects of JSON have all names in them: other files may have equal values of different names.
    """
    found, copies, known = list[Member](), list[tuple[Path, Path]](), dict[tuple[Path, int], list[Path]]()
    for member in logs:
        file = member.files[0]
        if file.suffix.lower() in (".json", ".jsonl") and _begins_with(file, b"{"):
            alike = known.setdefault((file.parent, file.stat().st_size), [])
            if (same := next((each for each in alike if filecmp.cmp(each, file, shallow=False)), None)) is not None:
                copies.append((file, same))
                continue
            alike.append(file)
        found.append(member)
    return found, copies


def _without_checkpoints(logs: Sequence[Member]) -> tuple[list[Member], list[tuple[Path, Path]]]:
    """Returns logs without states of a training beside later ones, as Hugging Face keeps them in each checkpoint."""
    parts = states_within([member.files[0] for member in logs])
    earlier = {file for file, _later in parts}
    return [member for member in logs if member.files[0] not in earlier], parts


def _begins_with(file: Path, sign: bytes) -> bool:
    with file.open("rb") as opened:
        return opened.read(64).lstrip()[:1] == sign


def in_time(files: Sequence[Path]) -> list[Path]:
    """Returns event files in the order in which they were begun, by the seconds in their names, as TensorBoard does."""

    def begun(path: Path) -> tuple[int, str]:
        match = _STARTED.search(path.name)
        return (int(match[1][:18]) if match else 0, path.name)

    return sorted(files, key=begun)


def _of_events(folder: Path, where: Path, files: Sequence[Path]) -> Member:
    inside = where != folder and where.name.lower() in PARTS
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


def with_parts(files: Sequence[tuple[Path, Log]]) -> list[tuple[Path, Log]]:
    """Returns the logs in files; those beside each other that are called train, valid and the like are one log."""
    groups, found = dict[Path, list[tuple[Path, Log]]](), list[tuple[Path, Log]]()
    for path, log in files:
        if path.stem.lower() in PARTS and len(log.runs) == 1:
            groups.setdefault(path.parent, []).append((path, log))
    for path, log in files:
        group = groups.get(path.parent, [])
        if not any(log is own for _path, own in group):
            found.append((path, log))
        elif not _are_parts(group):
            alone = _part_of(path) == VALIDATION and not log.runs[0].of(RATE) and _is_about(log.runs[0], VALIDATION)
            found.append((path, replace(log, runs=(_named(path, log.runs[0]),)) if alone else log))
        elif log is group[0][1]:
            found.append((path, _of_parts(group)))
    return found


def _are_parts(group: Sequence[tuple[Path, Log]]) -> bool:
    """Whether logs by their names are of different data of one training, count the same, and contradict it nowhere."""
    runs = {_part_of(path): log.runs[0] for path, log in group}
    if not len(runs) == len(group) > 1 or TRAIN not in runs or len({run.counter for run in runs.values()}) > 1:
        return False
    return all(_is_about(run, part) and _is_within(run, runs[TRAIN]) for part, run in runs.items())


def _is_about(run: Run, part: str) -> bool:
    return all(each.part == part for each in run.series if each.role not in (COUNTER, RATE) and _says_data(each))


def _says_data(series: Series) -> bool:
    return without_part(series.name) != series.name


def _is_within(run: Run, training: Run) -> bool:
    """Whether a run ends with the training, or an interval later, and its rates lie in a range with those of it.

    Equal they need not be: those of a validation may be of the next step.
    """
    ends, gaps = zip(*((each.at[-1], np.diff(each.at).max(initial=0)) for each in run.series), strict=True)
    if max(ends) > max(float(each.at[-1]) for each in training.series) + max(gaps):
        return False
    own, known = ({each.name: each.values for each in one.of(RATE) if len(each.values) > 1} for one in (run, training))
    for name in own.keys() & known.keys():
        if max(own[name].min(), known[name].min()) > min(own[name].max(), known[name].max()):
            return False
    return True


def _part_of(path: Path) -> str:
    return meaning(in_phase("loss", path.stem.lower())).part


def _named(path: Path, run: Run) -> Run:
    """Returns a run whose values are named after the data that its file is called after."""
    names = [each.name if _says_data(each) else in_phase(each.name, path.stem.lower()) for each in run.series]
    parted = zip(run.series, names, strict=True)
    return replace(run, series=tuple(replace(each, name=name, part=meaning(name).part) for each, name in parted))


def _of_parts(group: Sequence[tuple[Path, Log]]) -> Log:
    trained = any(log.runs[0].of(RATE) for path, log in group if _part_of(path) == TRAIN)
    runs = []
    for path, log in sorted(group, key=lambda each: _part_of(each[0]) != TRAIN):
        run = _named(path, log.runs[0])
        kept = (each for each in run.series if not (each.role == RATE and trained and _part_of(path) != TRAIN))
        runs.append((run.title, replace(run, series=tuple(kept))))
    whole = joined([log for _path, log in group], [""] * len(group))
    return replace(whole, runs=(one_run(runs),))


def joined(logs: Sequence[Log], names: Sequence[str]) -> Log:
    """Returns one log; files that have only rates, or only losses and metrics, of a run of one name become one run."""
    runs, groups = list[Run](), dict[str, list[tuple[str, Run]]]()
    for log, name in zip(logs, names, strict=True):
        if len(log.runs) > 1 or _is_whole(log.runs[0]):
            titles = len(log.runs) > 1
            runs += [replace(run, title=f"{log.title} · {run.title}" if titles else log.title) for run in log.runs]
            continue
        run, group = log.runs[0], groups.setdefault(name, [])
        taken = {series.name for _title, other in group for series in other.series if series.role != COUNTER}
        own = {series.name for series in run.series if series.role != COUNTER}
        if taken & own or any(other.counter != run.counter for _title, other in group):
            groups[f"{name}\n{len(groups)}"] = [(log.title, run)]
        else:
            group.append((log.title, run))
    runs += [one_run(group) for group in groups.values()]
    title = " + ".join(log.title for log in logs)[:MOST_TITLE]

    def told(texts: str) -> list[str]:
        return [f"{log.title}: {text}" for log in logs for text in getattr(log, texts)]

    return Log(
        title,
        tuple(runs),
        ", ".join(dict.fromkeys(log.producer for log in logs if log.producer)),
        tuple({question.key: question for log in logs for question in log.questions}.values()),
        tuple(told("notes")),
        tuple(replace(left, name=f"{log.title}: {left.name}") for log in logs for left in log.left_out),
    )


def _is_whole(run: Run) -> bool:
    return bool(run.of(RATE)) and bool(run.of(LOSS))


def one_run(group: Sequence[tuple[str, Run]]) -> Run:
    """Returns the run of files of which each has some of its values; counters are those of the first file."""
    order = sorted(group, key=lambda each: not each[1].of(RATE))
    series = [each for _title, run in order for each in run.series if each.role != COUNTER]
    counters = {each.name: each for _title, run in group[::-1] for each in run.of(COUNTER)}
    title = " + ".join(title for title, _run in group)[:MOST_TITLE]
    return Run(title, group[0][1].counter, (*series, *counters.values()))
