"""The experiment of a lesson: the words of `lrstudio run`, within bounds that no computer notices."""

from __future__ import annotations

import shlex
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from lrstudio.core.declaration import Declared
from lrstudio.core.language import tr
from lrstudio.core.parameter import Text
from lrstudio.engine.argument_parser import Parser
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.options import DECLARED, add_experiment_options, experiment_from, with_values_joined

MOST_RUNS = 8
MOST_UPDATES = 200_000
"""Maximum number of steps times runs."""


T = TypeVar("T", bound=Declared)


@lru_cache(1)
def _parser() -> Parser:
    parser = Parser(prog="setup", add_help=False)
    add_experiment_options(parser)
    return parser


def experiment_of(words: str) -> Experiment:
    """Returns the experiment of the words; it reads no file. ValueError says which word is wrong."""
    try:
        arguments = shlex.split(words)
    except ValueError as error:
        raise ValueError(tr("{words!r}: {error}; close what is open", words=words, error=error)) from None
    experiment = experiment_from(_parser().parse_args(with_values_joined(arguments)))
    _check_size(experiment)
    return experiment


def _check_size(experiment: Experiment) -> None:
    if len(experiment.runs) > MOST_RUNS:
        raise ValueError(
            tr("{count} runs: a lesson compares at most {most}", count=len(experiment.runs), most=MOST_RUNS)
        )
    if experiment.steps * len(experiment.runs) > MOST_UPDATES:
        raise ValueError(
            tr(
                "steps {steps:,}: a lesson makes at most {most:,} steps of all its runs",
                steps=experiment.steps,
                most=MOST_UPDATES,
            )
        )


def words_of(experiment: Experiment) -> str:
    """Returns words that `experiment_of` reads as this experiment, colours and the planned length of schedules apart.

    Lines of a typed rule are joined by semicolons. ValueError if there are no such words.
    """
    _check_size(experiment)
    problem = experiment.problem
    if problem.dataset is not None and problem.dataset != type(problem)().dataset:
        raise ValueError(tr("a lesson has no file of data: choose another problem than your own data"))
    plain = replace(
        experiment.replanned(),
        problem=_one_line(problem),
        runs=tuple(
            replace(run, optimizer=_one_line(run.optimizer), schedule=_one_line(run.schedule), color=index)
            for index, run in enumerate(experiment.runs)
        ),
    )
    unnamed = replace(plain, runs=tuple(replace(run, label="") for run in plain.runs))
    for each in (plain, unnamed):
        words = shlex.join(_words(each))
        with suppress(ValueError):  # a quotation mark
            if experiment_of(words) == each:
                return words
    raise ValueError(tr("the words of a lesson cannot tell this experiment: a typed text has a quotation mark"))


def _words(experiment: Experiment) -> list[str]:
    words = ["--problem", _entry(experiment.problem)]
    shared = {(run.optimizer, run.schedule, run.start, run.label) for run in experiment.runs}
    if len(shared) == 1 and not experiment.runs[0].label:
        for name, value in _settings(experiment.runs[0]).items():
            words += [f"--{name}", value]
        words += [word for run in experiment.runs for word in ("--lr", repr(run.lr))]
    else:
        for run in experiment.runs:
            texts = {"lr": repr(run.lr), **_settings(run), "label": _quoted(run.label)}
            words += ["--run", ";".join(f"{name}={text}" for name, text in texts.items() if text)]
    for parameter in DECLARED:
        value = getattr(experiment, parameter.name)
        if value != parameter.default or parameter.name == "steps":
            words += [f"--{parameter.name.replace('_', '-')}", parameter.plain(value)]
    return words


def _settings(run: Run) -> dict[str, str]:
    """Returns what a run has besides its rate, where it is not the default."""
    default = Run(lr=1)
    texts = {name: _entry(getattr(run, name)) for name in ("optimizer", "schedule")}
    texts = {name: text for name, text in texts.items() if getattr(run, name) != getattr(default, name)}
    return texts if run.start is None else texts | {"start": ",".join(map(repr, run.start))}


def _entry(entry: Declared) -> str:
    """Returns an entry of a catalogue as KEY:name=value,..."""
    values = [(parameter, getattr(entry, parameter.name)) for parameter in entry.parameters()]
    texts = [f"{each.name}={_quoted(each.plain(value))}" for each, value in values if value != each.default]
    return f"{entry.key}:{','.join(texts)}" if texts else entry.key


def _quoted(text: str) -> str:
    return f'"{text}"' if any(mark in text for mark in ",;()=") else text


def _one_line(entry: T) -> T:
    """Returns an entry whose texts of several lines are one."""
    texts = {
        parameter.name: "; ".join(line.strip() for line in value.split("\n") if line.strip())
        for parameter in entry.parameters()
        if isinstance(parameter, Text) and "\n" in (value := str(getattr(entry, parameter.name)))
    }
    return replace(entry, **texts) if texts else entry
