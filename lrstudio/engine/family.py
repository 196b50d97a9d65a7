"""A family of runs: one run, repeated with other values of one of its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeGuard

from lrstudio.core.declaration import Declared
from lrstudio.core.parameter import Number, Numbers, Parameter
from lrstudio.engine.experiment import Experiment, Run

MOST_LR = 1e6
MAX_FAMILY = 64
"""The most runs that an experiment has when one of them has become a family."""

_LEAST_DIGITS, _MOST_DIGITS = 4, 12
_ROUNDING = 0.01
"""How far rounding may move a value of a range, as a share of the gap to its neighbour."""


@dataclass(frozen=True)
class Knob:
    """A number of a run that can be varied; `group` is lr, optimizer, schedule or start, `log` how ranges are cut."""

    group: str
    name: str
    help: str
    value: float
    log: bool = False
    whole: bool = False
    place: int = 0
    low: float = -math.inf
    high: float = math.inf
    label: str = ""


def knobs(experiment: Experiment, place: int) -> list[Knob]:
    """What can be varied of a run, the rate first."""
    run = experiment.runs[place]
    found = [Knob("lr", "lr", "the learning rate", run.lr, log=True, low=0.0, high=MOST_LR)]
    automatic = run.schedule.numbers(experiment.schedule_length, run.lr)
    for group, entry in (("optimizer", run.optimizer), ("schedule", run.schedule)):
        found += [_knob(group, entry, known, automatic) for known in entry.parameters() if is_knob(known)]
    names = experiment.problem.names if experiment.problem.has_editable_start else ()
    starts = zip(names, experiment.starts()[place], strict=False)
    return found + [Knob("start", name, "where it starts", value, place=at) for at, (name, value) in enumerate(starts)]


def is_knob(parameter: Parameter) -> TypeGuard[Number]:
    """Whether a parameter is one number, which can be varied."""
    return isinstance(parameter, Number) and not isinstance(parameter, Numbers)


def _knob(group: str, entry: Declared, known: Number, automatic: Mapping[str, float]) -> Knob:
    value = getattr(entry, known.name)
    number = float(automatic[known.name] if value is None else value)
    log, whole = known.scale == "log", known.whole
    low, high = known.low, known.high
    return Knob(group, known.name, known.help, number, log=log, whole=whole, low=low, high=high, label=known.label)


def around(knob: Knob) -> list[float]:
    """Three values or so that show what a knob does: its own, and others as far away as makes a difference."""
    value, width = knob.value, knob.high - knob.low
    if knob.whole:
        values = {max(1.0, value // 2), value, 2 * value}
    elif knob.log and value > 0:
        values = {float(f"{value * factor:.6g}") for factor in (0.1, 1, 10)}
    elif width <= 1:
        values = {value, *(float(f"{knob.low + share * width:.2g}") for share in (0, 0.5, 0.9))}
    else:
        values = {value + by * max(1.0, abs(value)) / 2 for by in (-1, 0, 1)}
    return sorted(value for value in values if knob.low <= value <= knob.high)


def family(experiment: Experiment, place: int, knob: Knob, values: Sequence[float], palette: int) -> Experiment:
    """The experiment with a run replaced by one for each value, named automatically, in colours of their own.

    ValueError says which value cannot be, or that there would be too many runs.
    """
    before, after = experiment.runs[:place], experiment.runs[place + 1 :]
    count = len(before) + len(values) + len(after)
    if count > MAX_FAMILY:
        raise ValueError(f"{len(values)} values: there would be {count} runs; at most {MAX_FAMILY}")
    made: list[Run] = []
    for value in values:
        run = replace(_varied(experiment, place, knob, value), label="")
        color = free_color([*before, *made, *after], palette) if made else run.color
        made.append(replace(run, color=color))
    return replace(experiment, runs=(*before, *made, *after))


def with_another(experiment: Experiment, palette: int) -> Experiment:
    """One more run, like the last one with three times its rate."""
    last = experiment.runs[-1]
    return _with(experiment, replace(last, lr=last.lr * 3 if last.lr * 3 <= MOST_LR else last.lr, label=""), palette)


def with_copy(experiment: Experiment, place: int, palette: int) -> Experiment:
    """One more run, like that at `place`."""
    return _with(experiment, experiment.runs[place], palette)


def without(experiment: Experiment, *places: int) -> Experiment:
    """Some runs taken out."""
    return replace(experiment, runs=tuple(run for at, run in enumerate(experiment.runs) if at not in places))


def _with(experiment: Experiment, run: Run, palette: int) -> Experiment:
    run = replace(run, color=free_color(experiment.runs, palette))
    return replace(experiment, runs=(*experiment.runs, run))


def free_color(runs: Sequence[Run], palette: int) -> int:
    """The first of the colours that the fewest runs have."""
    used = [run.color % palette for run in runs]
    return min(range(palette), key=used.count)


def _varied(experiment: Experiment, place: int, knob: Knob, value: float) -> Run:
    run = experiment.runs[place]
    if knob.group == "lr":
        return replace(run, lr=value)
    if knob.group == "start":
        start = list(experiment.starts()[place])
        start[knob.place] = value
        return replace(run, start=tuple(start))
    if knob.group == "optimizer":
        return replace(run, optimizer=replace(run.optimizer, **{knob.name: value}))
    return replace(run, schedule=replace(run.schedule, **{knob.name: value}))


def parse_values(text: str, *, log: bool = True, whole: bool = False) -> list[float]:
    """The numbers of a list such as `0.01, 0.1, 1` or `0.001..1 x4`, each once, in their order.

    A range is cut evenly, of a `log` knob into equal factors, of a `whole` one into whole numbers. A list with
    semicolons may have decimal commas: `0,01; 0,1`. ValueError says what is wrong.
    """
    parts = text.replace(",", ".").split(";") if ";" in text else text.split(",")
    values: list[float] = []
    for part in filter(None, map(str.strip, parts)):
        values += _range(part, log, whole) if ".." in part or "…" in part else [_number(part)]
    values = list(dict.fromkeys(values))
    if not values:
        raise ValueError("no values")
    if len(values) > MAX_FAMILY:
        raise ValueError(f"{len(values)} values; at most {MAX_FAMILY}")
    return values


def _range(text: str, log: bool, whole: bool) -> list[float]:
    """The values of `first..last xcount`."""
    first, _, rest = text.replace("…", "..").replace("...", "..").partition("..")
    rest, cross, times = rest.replace("×", "x").replace("X", "x").replace("*", "x").partition("x")
    low, high = _number(first), _number(rest)
    if not cross:
        raise ValueError(f"{text!r}: say how many, as in {low:g}..{high:g} x4")
    if not (times.strip().isascii() and times.strip().isdigit() and 2 <= int(times.strip()[:9]) <= MAX_FAMILY):
        raise ValueError(f"{text!r}: how many must be a whole number from 2 to {MAX_FAMILY}")
    count = int(times)
    shares = [place / (count - 1) for place in range(1, count - 1)]
    if log and not (low > 0 and high > 0):
        raise ValueError(f"{text!r}: equal factors need both ends above 0")
    if log:
        inner = [math.exp(math.log(low) + share * (math.log(high) - math.log(low))) for share in shares]
    else:
        inner = [low * (1 - share) + high * share for share in shares]
    if whole:
        return [low, *(float(round(value)) for value in inner), high]
    return _readable([low, *inner, high])


def _readable(values: list[float]) -> list[float]:
    """The values between the ends with as few digits as leave them where they are."""
    gap = min(abs(after - before) for before, after in pairwise(values))
    for digits in range(_LEAST_DIGITS, _MOST_DIGITS + 1):
        inner = [float(f"{value:.{digits}g}") for value in values[1:-1]]
        if all(abs(new - old) <= _ROUNDING * gap for new, old in zip(inner, values[1:-1], strict=True)):
            break
    return [values[0], *inner, values[-1]]


def _number(text: str) -> float:
    word = text.strip()
    if not word:
        raise ValueError("a number is missing")
    try:
        value = float(word) if word.isascii() and "_" not in word else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{word!r} is no number")
    return value
