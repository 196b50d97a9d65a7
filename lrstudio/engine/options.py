"""The experiment options of the command line and of lessons: the words that set up an experiment.

Errors are ValueError; the message names the option and what is allowed.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from lrstudio.core.declaration import Declared, Part, find
from lrstudio.core.language import tr
from lrstudio.core.optimizers import DEFAULT_OPTIMIZER, OPTIMIZERS, Optimizer
from lrstudio.core.pairs import named, pairs, split
from lrstudio.core.parameter import Choice, Number, Parameter, Text, read_decimal, read_number
from lrstudio.core.problems import PROBLEMS, Parabola, Problem
from lrstudio.core.schedules import DEFAULT_SCHEDULE, SCHEDULES, Schedule
from lrstudio.core.schedules.presets import find_preset
from lrstudio.engine.compare.batch_sizes import SCALINGS, batch_family
from lrstudio.engine.experiment import Experiment, Run, read_lr_factors
from lrstudio.engine.experiment.optimizer_presets import find_optimizer_preset
from lrstudio.engine.family import parse_values

T = TypeVar("T", bound=Declared)

_WITH_SESSION_NAMES = ("steps", "target_loss")
DECLARED = tuple(parameter for parameter in Experiment.parameters() if parameter.offered)
"""Fields of the experiment that have an option."""
WITH_SESSION = tuple(
    replace(parameter, low=0) if isinstance(parameter, Number) and parameter.name == "steps" else parameter
    for parameter in DECLARED
    if parameter.name in _WITH_SESSION_NAMES
)
"""Options that are also allowed with a saved session."""
NEW_ONLY = (
    *("problem", "optimizer", "schedule", "lr", "run", "start", "lr_factors", "batch_sizes", "scaling"),
    *(parameter.name for parameter in DECLARED if parameter.name not in _WITH_SESSION_NAMES),
)

_TYPED_KEYS = {
    kind.key
    for kind in (*OPTIMIZERS, *SCHEDULES)
    if any(isinstance(parameter, Text) and parameter.lines for parameter in kind.parameters())
}
"""Keys of the optimizers and schedules whose rule is text of several lines."""
_COLORS = 8
_RUN_FIELDS = ("lr", "optimizer", "schedule", "start", "batch_size", "lr_factors", "label")


def add_experiment_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options; all values are texts, or None by default."""
    group = parser.add_argument_group(tr("experiment"))
    group.add_argument("--problem", metavar="KEY[:name=value,...]", help=tr("what is minimised (default parabola)"))
    group.add_argument(
        "--optimizer",
        metavar="KEY[:name=value,...]",
        help=tr("default sgd; also a name of another library, as keras.Adam"),
    )
    group.add_argument(
        "--schedule",
        metavar="KEY[:name=value,...]",
        help=tr("default constant; also a name of another library, as keras.CosineDecay"),
    )
    group.add_argument("--lr", action="append", metavar="LR", help=tr("learning rate; again for one more run"))
    group.add_argument(
        "--run",
        action="append",
        metavar='"lr=0.1;optimizer=...;schedule=...;..."',
        help=tr("one run with {fields} of its own; again for one more run", fields=", ".join(_RUN_FIELDS)),
    )
    group.add_argument(
        "--batch-sizes",
        metavar="N,M,...",
        help=tr("each run again with each of these batch sizes, as 32,64,128 or 16..256 x5, for equal epochs"),
    )
    group.add_argument(
        "--scaling",
        metavar="|".join(SCALINGS),
        help=tr(
            "with --batch-sizes, the rate for batches k times as large: lr*k (linear; Goyal et al. 2017, for SGD),"
            " lr*sqrt(k) (sqrt; Krizhevsky 2014, and for Adam) or lr (default none)"
        ),
    )
    group.add_argument("--start", metavar="A,B", help=tr("start of the parameters, as --start=-1.2,1.0"))
    group.add_argument(
        "--lr-factors",
        metavar="GROUP:FACTOR,...",
        help=tr("multiplies the rate of groups of parameters: layer1:0.1,layer2.bias:2 or the parameters' names"),
    )
    add_options(group, DECLARED)


def add_options(group: Any, declared: Iterable[Parameter]) -> None:
    """Adds an option for each declared parameter to a parser or an argument group."""
    for parameter in declared:
        default = tr(parameter.auto) or parameter.plain(parameter.default)
        text = tr("{help} (default {default})", help=tr(parameter.help), default=default)
        group.add_argument(_option(parameter), metavar=_metavar(parameter), help=text)


def read_options(args: argparse.Namespace, declared: Iterable[Parameter]) -> dict[str, Any]:
    """Returns the values of the declared parameters that are in the arguments."""
    return {
        parameter.name: parameter.parse(text, f"{_option(parameter)} {text!r}")
        for parameter in declared
        if (text := getattr(args, parameter.name)) is not None
    }


def _option(parameter: Parameter) -> str:
    return f"--{parameter.name.replace('_', '-')}"


def catalogue_problem(text: str) -> Problem:
    """Returns the problem of KEY[:name=value,...]; it reads no file."""
    return _entry(text, PROBLEMS, "problem")


def experiment_from(args: argparse.Namespace, problem_of: Callable[[str], Problem] = catalogue_problem) -> Experiment:
    """Returns the experiment of the options; `problem_of` reads the text of --problem."""
    problem = Parabola() if args.problem is None else problem_of(args.problem)
    values = read_options(args, DECLARED)
    experiment = Experiment(problem=problem, runs=_runs(args, values.get("steps", Experiment.steps)), **values)
    return _in_batch_sizes(experiment, args)


def _in_batch_sizes(experiment: Experiment, args: argparse.Namespace) -> Experiment:
    """Returns the experiment with each run in all the batch sizes of the options."""
    if args.scaling is not None and args.scaling not in SCALINGS:
        allowed = ", ".join(SCALINGS)
        raise ValueError(tr("--scaling {typed!r}: must be one of {allowed}", typed=args.scaling, allowed=allowed))
    if args.batch_sizes is None:
        if args.scaling is not None:
            raise ValueError(tr("--scaling: scales the rates of --batch-sizes, which are missing"))
        return experiment
    try:
        sizes = parse_values(args.batch_sizes, whole=True)
        for run in reversed(range(len(experiment.runs))):
            experiment = batch_family(experiment, run, sizes, args.scaling or "none", _COLORS)
    except ValueError as error:
        subject = f"--batch-sizes {args.batch_sizes!r}"
        raise ValueError(tr("{subject}: {error}", subject=subject, error=error)) from None
    return experiment if args.equal is None else replace(experiment, equal=args.equal)


def _entry(text: str, catalogue: tuple[type[T], ...], what: str) -> T:
    """Returns a catalogue entry from KEY[:name=value,...]."""
    key, _, rest = text.partition(":")
    try:
        return find(catalogue, key.strip(), what).from_texts(pairs(rest))
    except ValueError as error:
        raise ValueError(f"{what} {text!r}: {error}") from None


def _optimizer(text: str) -> tuple[Optimizer, float]:
    """Returns the optimizer of KEY[:name=value,...], or what another library has by such a name, and its usual rate."""
    key, _, rest = text.partition(":")
    try:
        preset = find_optimizer_preset(key)
        if preset is None:
            own = _entry(text, OPTIMIZERS, "optimizer")
            return own, own.default_lr
        given = pairs(rest)
        parsed = type(preset.optimizer).from_texts(given)
        optimizer = replace(preset.optimizer, **{name: getattr(parsed, name) for name in given})
    except ValueError as error:
        if "." not in key:
            raise
        raise ValueError(tr("optimizer {typed!r}: {error}", typed=text, error=error)) from None
    return optimizer, preset.lr or optimizer.default_lr


def _schedule(text: str, steps: int, lr: float) -> Schedule:
    """Returns the schedule of KEY[:name=value,...], or what another library has by such a name for so many steps."""
    key, _, rest = text.partition(":")
    try:
        preset = find_preset(key)
        if preset is None:
            return find(SCHEDULES, key.strip(), "schedule").from_texts(pairs(rest))
        schedule = preset.make(steps, lr)
        given = pairs(rest)
        parsed = type(schedule).from_texts(given)
        return replace(schedule, **{name: getattr(parsed, name) for name in given})
    except ValueError as error:
        raise ValueError(f"schedule {text!r}: {error}") from None


def _runs(args: argparse.Namespace, steps: int) -> tuple[Run, ...]:
    if args.run and args.lr:
        raise ValueError(tr("--lr and --run: give one or the other; a --run names its own lr"))
    shared = {name: getattr(args, name) for name in ("optimizer", "schedule", "start", "lr_factors")}
    if args.run:
        return tuple(_run(shared | _run_texts(text), index, steps) for index, text in enumerate(args.run))
    return tuple(_run(shared | {"lr": lr}, index, steps) for index, lr in enumerate(args.lr or [None]))


def _run_texts(text: str) -> dict[str, str]:
    parts: list[str] = []
    for part in split(text, ";"):
        if parts and _is_rule(parts[-1]) and not _is_field(part):
            parts[-1] += f";{part}"  # one more line of a rule
        else:
            parts.append(part)
    texts = named(parts)
    for name in texts:
        if name not in _RUN_FIELDS:
            raise ValueError(
                tr(
                    "--run {typed!r}: unknown {name!r}; there are {names}",
                    typed=text,
                    name=name,
                    names=", ".join(_RUN_FIELDS),
                )
            )
    return texts


def _is_rule(part: str) -> bool:
    """Whether a field of a run is a rule of several lines."""
    name, _, value = part.partition("=")
    return name.strip() in ("optimizer", "schedule") and value.partition(":")[0].strip() in _TYPED_KEYS


def _is_field(part: str) -> bool:
    """Whether a part between semicolons is a field of a run; `lr = lr0/2` is a line of a schedule."""
    name, _, value = part.partition("=")
    number = read_number(value.replace(",", "."), whole=False)
    return name.strip() in _RUN_FIELDS and (name.strip() != "lr" or number is not None)


def _run(texts: dict[str, str | None], color: int, steps: int) -> Run:
    chosen = {name: text for name, text in texts.items() if text is not None}
    optimizer, usual = _optimizer(chosen.get("optimizer", DEFAULT_OPTIMIZER.key))
    lr_text, start_text = texts.get("lr"), texts["start"]
    lr = usual if lr_text is None else _number("lr", lr_text)
    schedule = _schedule(chosen.get("schedule", DEFAULT_SCHEDULE.key), steps, lr)
    start = None if start_text is None else _start(start_text)
    factors, size = read_lr_factors(chosen.get("lr_factors", "")), _batch_size(texts.get("batch_size"))
    run = Run(lr=lr, optimizer=optimizer, schedule=schedule, start=start, color=color)
    return replace(run, batch_size=size, lr_factors=factors, label=texts.get("label") or "")


def _batch_size(text: str | None) -> int | None:
    (parameter,) = (each for each in DECLARED if each.name == "batch_size")
    return None if text is None else parameter.parse(text, f"batch_size {text!r}")  # type: ignore[return-value]


def _number(name: str, text: str) -> float:
    try:
        value = read_decimal(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if value is None:
        raise ValueError(tr("{name} {typed!r}: must be a number", name=name, typed=text))
    return value


def _start(text: str) -> tuple[float, ...]:
    parts = text.split(",")
    for part in parts:
        if len(parts) > 1 and re.match(r"\s*[+-]?0\d", part):
            raise ValueError(
                tr("start {typed!r}: write 0.05 for 0,05; commas stand between the parameters", typed=text)
            )
    return tuple(_number("start", part) for part in parts)


def _metavar(parameter: Parameter) -> str:
    """Returns the placeholder for the value in the help."""
    if isinstance(parameter, Part):
        first, *others = parameter.entry.parameters()
        return _metavar(first) + f"[:{','.join(f'{other.name}={_metavar(other)}' for other in others)}]"
    if isinstance(parameter, Choice):
        return "|".join(parameter.choices)
    number = "N" if isinstance(parameter, Number) and parameter.whole else "X"
    return f"{number}|{parameter.auto}" if parameter.auto.isalpha() else number
