"""The automatic names of runs: what they differ in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lrstudio.core.declaration import Declared
from lrstudio.core.language import mark, tr
from lrstudio.core.problems import Problem
from lrstudio.engine.experiment.run import Run

Say = Callable[..., str]
Starts = Sequence[tuple[float, ...]]


def labels(
    problem: Problem, runs: Sequence[Run], starts: Starts, batches: Sequence[int | None], *, english: bool = False
) -> tuple[str, ...]:
    """Returns each run's label; by default the rate, and what the runs differ in: optimizer, numbers, batch size."""
    say = _english if english else tr
    own = [""] * len(runs) if len(set(batches)) == 1 else [_batch(size, say) for size in batches]
    return tuple(_label(problem, runs, starts, index, own[index], say) for index in range(len(runs)))


def _batch(size: int | None, say: Say) -> str:
    return say(mark("all data")) if size is None else say(mark("batch {size}"), size=size)


def _label(problem: Problem, runs: Sequence[Run], starts: Starts, index: int, batch: str, say: Say) -> str:
    run = runs[index]
    if run.label:
        return run.label
    words = [f"{run.lr:g}"]
    if len(runs) == 1 or len({other.lr_factors for other in runs}) > 1:
        words += [f"{name}×{factor:g}" for name, factor in run.lr_factors]
    optimizers, schedules = [other.optimizer for other in runs], [other.schedule for other in runs]
    if len({(other.key, other.rule) for other in optimizers}) > 1:
        words.append(_title(run.optimizer, optimizers, say))
    words += _distinctive(run.optimizer, optimizers)
    alone_or_other = len(schedules) == 1 or len(set(schedules)) > 1
    if alone_or_other and not run.schedule.is_constant:
        title = _title(run.schedule, schedules, say)
        words.append(title.lower() if title == say(run.schedule.title) else title)
        words += _distinctive(run.schedule, schedules)
    if problem.has_editable_start:
        words += _distinctive_start(problem, starts, index, say)
    return " ".join([*words, batch] if batch else words)


def _distinctive_start(problem: Problem, starts: Starts, index: int, say: Say) -> list[str]:
    """Returns the coordinates of the start in which the runs differ."""
    columns = zip(problem.names, starts[index], zip(*starts, strict=True), strict=True)
    return [
        say(mark("from {name}={value:g}"), name=name, value=value)
        for name, value, values in columns
        if len(set(values)) > 1
    ]


def _distinctive(entry: Declared, others: Sequence[Declared]) -> list[str]:
    """Returns the hyper-parameters in which entries of this kind differ."""
    same_kind = [other.values() for other in others if other.key == entry.key]
    return [
        f"{parameter.name}={parameter.short(value)}"
        for parameter in entry.parameters()
        for value in (getattr(entry, parameter.name),)
        if parameter.name != "text" and any(other[parameter.name] != value for other in same_kind)
    ]


def _title(entry: Declared, others: Sequence[Declared], say: Say) -> str:
    """Returns the title, for typed text the text; long texts from the first word in which they differ."""
    typed = next((parameter for parameter in entry.parameters() if parameter.name == "text"), None)
    if typed is None:
        return say(entry.title)
    line = _one_line(getattr(entry, typed.name))
    lines = {_one_line(getattr(other, typed.name)) for other in others if other.key == entry.key}
    same = [len(set(characters)) == 1 for characters in zip(*lines, strict=False)]
    begin = same.index(False) if False in same and typed.short(line) != line else 0
    while begin and (line[begin - 1].isalnum() or line[begin - 1] == "_"):
        begin -= 1
    return typed.short(f"…{line[begin:]}" if begin else line)


def _english(text: str, **slots: object) -> str:
    return text.format(**slots) if slots else text


def _one_line(text: str) -> str:
    return "; ".join(part.strip() for part in text.split("\n") if part.strip())
