"""Builds families of runs: copies of one run with different values of one of its numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeGuard

from lrstudio.core.elementary.scales import geomspace
from lrstudio.core.language import mark, tr
from lrstudio.core.parameter import Number, Numbers, Parameter, read_decimal
from lrstudio.core.record import dataclass
from lrstudio.core.schedules.presets import Preset
from lrstudio.engine.experiment import Experiment, Run

MOST_LR = 1e6
_USUAL_BATCH = 32
MAX_FAMILY = 64
"""Maximum number of runs of an experiment with a family."""

_WIDE = str.maketrans("，、；", ",,;")
_ONE_NUMBER = re.compile(r"(?<![\d.])[+-]?0,\d|,0\d", re.ASCII)
"""A comma that is a decimal mark: the 0,05 that would be the two values 0 and 5."""
_LEAST_DIGITS, _MOST_DIGITS = 4, 12
_ROUNDING = 0.01
"""Maximum rounding error of a value of a range, as a share of the gap to its neighbour."""


@dataclass(frozen=True)
class Knob:
    """A number of a run that can be varied.

    `group` is lr, optimizer, schedule, start or batch; a start has the `index` of its parameter. `log`: ranges have
    equal factors instead of equal steps.
    """

    group: str
    name: str
    help: str
    value: float
    log: bool = False
    whole: bool = False
    index: int = 0
    low: float = -math.inf
    high: float = math.inf
    label: str = ""


def knobs(experiment: Experiment, run_index: int) -> list[Knob]:
    """Returns the numbers of a run that can be varied, the rate first."""
    run = experiment.runs[run_index]
    result = [Knob("lr", "lr", tr("the learning rate"), run.lr, log=True, low=0.0, high=MOST_LR)]
    automatic = run.schedule.numbers(experiment.lengths[run_index], run.lr, experiment.per_epoch[run_index])
    for group, entry, unset in (("optimizer", run.optimizer, {}), ("schedule", run.schedule, automatic)):
        own = {name: float(value) for name, value in entry.values().items() if isinstance(value, (int, float))}
        values = {**unset, **own}
        numbers = (number for number in entry.parameters() if is_knob(number) and number.name in values)
        result += [_knob(group, number, values[number.name]) for number in numbers]
    names = experiment.problem.names if experiment.problem.has_editable_start else ()
    starts = enumerate(zip(names, experiment.starts()[run_index], strict=False))
    result += [Knob("start", name, tr("where it starts"), value, index=index) for index, (name, value) in starts]
    return [*result, *([batch_knob(experiment, run_index)] if experiment.problem.has_data else [])]


def batch_knob(experiment: Experiment, run_index: int) -> Knob:
    """Returns the batch size of a run."""
    most, size = experiment.data_size, experiment.batch_sizes[run_index]
    return Knob(
        "batch",
        "batch_size",
        tr("data points per step; the rate may be scaled with it"),
        float(size or min(_USUAL_BATCH, most)),
        log=True,
        whole=True,
        low=1.0,
        high=float(most),
        label=mark("batch size"),
    )


def is_knob(parameter: Parameter) -> TypeGuard[Number]:
    """Returns whether a parameter is a single number, so that it can be varied."""
    return isinstance(parameter, Number) and not isinstance(parameter, Numbers)


def _knob(group: str, number: Number, value: float) -> Knob:
    return Knob(
        group,
        number.name,
        number.help,
        value,
        log=number.scale == "log",
        whole=number.whole,
        low=number.low,
        high=number.high,
        label=number.label,
    )


def around(knob: Knob) -> list[float]:
    """Returns up to three values for a first family: the present one and one well below and above it."""
    value, width = knob.value, knob.high - knob.low
    if knob.whole:
        values = {max(1.0, value // 2), value, 2 * value}
    elif knob.log and value > 0:
        values = {float(f"{value * factor:.6g}") for factor in (0.1, 1, 10)}
    elif width <= 1:
        values = {value, *(float(f"{knob.low + share * width:.2g}") for share in (0, 0.5, 0.9))}
    else:
        values = {value + sign * max(1.0, abs(value)) / 2 for sign in (-1, 0, 1)}
    return sorted(value for value in values if knob.low <= value <= knob.high)


def family(experiment: Experiment, run_index: int, knob: Knob, values: Sequence[float], palette: int) -> Experiment:
    """Returns the experiment with a run replaced by one for each value, with automatic labels and different colours.

    Raises ValueError for an invalid value or too many runs.
    """
    before, after = experiment.runs[:run_index], experiment.runs[run_index + 1 :]
    count = len(before) + len(values) + len(after)
    if count > MAX_FAMILY:
        raise ValueError(
            tr(
                "{count} values: there would be {total} runs; at most {most}",
                count=len(values),
                total=count,
                most=MAX_FAMILY,
            )
        )
    members: list[Run] = []
    for value in values:
        run = replace(_varied(experiment, run_index, knob, value), label="")
        color = free_color([*before, *members, *after], palette) if members else run.color
        members.append(replace(run, color=color))
    return replace(experiment, runs=(*before, *members, *after))


def with_another(experiment: Experiment, palette: int) -> Experiment:
    """Returns the experiment with a copy of the last run at three times its rate."""
    last = experiment.runs[-1]
    lr = float(f"{last.lr * 3:.12g}")  # 0.1 becomes 0.3, not 0.30000000000000004
    return _with(experiment, replace(last, lr=lr if lr <= MOST_LR else last.lr, label=""), palette)


def with_copy(experiment: Experiment, run_index: int, palette: int) -> Experiment:
    """Returns the experiment with a copy of a run at the end."""
    return _with(experiment, experiment.runs[run_index], palette)


def beside_rival(experiment: Experiment, run_index: int, preset: Preset, palette: int) -> Experiment:
    """Returns the experiment in which a run has the schedule of a library and another one PyTorch's of a like name."""
    run = experiment.runs[run_index]
    assert preset.rival is not None
    schedule, rival = (make(experiment.steps, run.lr) for make in (preset.make, preset.rival))
    own = experiment.with_run(run_index, schedule=schedule, label=preset.key)
    return _with(own, replace(run, schedule=rival, label=f"torch.{preset.rival_name}"), palette)


def without(experiment: Experiment, *indices: int) -> Experiment:
    """Returns the experiment without the runs at these indices."""
    return replace(experiment, runs=tuple(run for index, run in enumerate(experiment.runs) if index not in indices))


def _with(experiment: Experiment, run: Run, palette: int) -> Experiment:
    run = replace(run, color=free_color(experiment.runs, palette))
    return replace(experiment, runs=(*experiment.runs, run))


def free_color(runs: Sequence[Run], palette: int) -> int:
    """Returns the first of the least used colours of the palette."""
    used = [run.color % palette for run in runs]
    return min(range(palette), key=used.count)


def _varied(experiment: Experiment, run_index: int, knob: Knob, value: float) -> Run:
    run = experiment.runs[run_index]
    if knob.group == "lr":
        return replace(run, lr=value)
    if knob.group == "batch":
        if value != int(value):
            text = tr("batch size = {batch_size}: must be a whole number from 1 to {most}")
            raise ValueError(text.format(batch_size=value, most=int(knob.high)))
        return replace(run, batch_size=int(value))
    if knob.group == "start":
        start = list(experiment.starts()[run_index])
        start[knob.index] = value
        return replace(run, start=tuple(start))
    entry = replace(getattr(run, knob.group), **{knob.name: value})
    return replace(run, **{knob.group: entry})


def parse_values(text: str, *, log: bool = True, whole: bool = False, mark: str = ".") -> list[float]:
    """Returns the distinct numbers of a list such as `0.01, 0.1, 1` or `0.001..1 x4`, in order.

    The values of a range have equal distances, for a `log` knob equal ratios; those of a `whole` one are rounded. In
    a list with semicolons a comma is a decimal mark: `0,01; 0,1`; so is one without a space after it where the comma is
    the decimal `mark`. Chinese commas and semicolons count as these. Raises ValueError with an explanation.
    """
    text = text.translate(_WIDE)
    if ";" not in text and mark != "," and _ONE_NUMBER.search(text):
        raise ValueError(
            tr("{typed!r}: write 0.05 for 0,05, or semicolons between the values, as in 0,05; 0,1", typed=text)
        )
    parts = re.split(";" if ";" in text else r",\s+|,$" if mark == "," else ",", text)
    values: list[float] = []
    for part in filter(None, map(str.strip, parts)):
        values += _range(part, log, whole, mark) if ".." in part or "…" in part else [_number(part, mark)]
    values = list(dict.fromkeys(values))
    if not values:
        raise ValueError(tr("no values"))
    if len(values) > MAX_FAMILY:
        raise ValueError(tr("{count} values; at most {most}", count=len(values), most=MAX_FAMILY))
    return values


def read_count(text: str, most: int) -> int | None:
    """Returns a whole number from 1 to `most` in plain digits; None for another text, of any length."""
    word = text.strip()
    if not (word.isascii() and word.isdigit()) or len(word.lstrip("0")) > len(str(most)):
        return None
    count = int(word[-len(str(most)) :])
    return count if 1 <= count <= most else None


def _range(text: str, log: bool, whole: bool, mark: str) -> list[float]:
    """Returns the values of `first..last xcount`."""
    first, _, rest = text.replace("…", "..").replace("...", "..").partition("..")
    rest, cross, times = rest.replace("×", "x").replace("X", "x").replace("*", "x").partition("x")
    low, high = _number(first, mark), _number(rest, mark)
    if not cross:
        raise ValueError(tr("{typed!r}: say how many, as in {low:g}..{high:g} x4", typed=text, low=low, high=high))
    count = read_count(times, MAX_FAMILY) or 0
    if count < 2:
        raise ValueError(tr("{typed!r}: how many must be a whole number from 2 to {most}", typed=text, most=MAX_FAMILY))
    shares = [index / (count - 1) for index in range(1, count - 1)]
    if log and not (low > 0 and high > 0):
        raise ValueError(tr("{typed!r}: equal factors need both ends above 0", typed=text))
    if log:
        inner = geomspace(low, high, count)[1:-1].tolist()
    else:
        inner = [low * (1 - share) + high * share for share in shares]
    if whole:
        return [low, *(float(round(value)) for value in inner), high]
    return _shortened([low, *inner, high])


def _shortened(values: list[float]) -> list[float]:
    """Returns the values, those between the ends rounded to as few digits as their gaps allow."""
    gap = min(abs(after - before) for before, after in pairwise(values))
    for digits in range(_LEAST_DIGITS, _MOST_DIGITS + 1):
        inner = [float(f"{value:.{digits}g}") for value in values[1:-1]]
        if all(abs(new - old) <= _ROUNDING * gap for new, old in zip(inner, values[1:-1], strict=True)):
            break
    return [values[0], *inner, values[-1]]


def _number(text: str, mark: str) -> float:
    word = text.strip()
    if not word:
        raise ValueError(tr("a number is missing"))
    value = read_decimal(word, mark)
    if value is None or not math.isfinite(value):
        raise ValueError(tr("{word!r} is no number", word=word))
    return value
