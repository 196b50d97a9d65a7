"""The words of `lrstudio run` that set up an experiment."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TypeVar

from lrstudio.core.declaration import Declared
from lrstudio.core.parameter import Text
from lrstudio.engine.experiment.experiment import Experiment
from lrstudio.engine.experiment.run import Run, lr_factors_text

T = TypeVar("T", bound=Declared)


def command(experiment: Experiment) -> str:
    """Returns the command that trains an experiment; where its data are a file's, a session is needed instead."""
    own = experiment.problem.dataset is not None and experiment.problem.dataset != type(experiment.problem)().dataset
    words = ["SESSION.lrs"] if own else command_words(in_one_line(experiment))
    return shlex.join(["lrstudio", "run", *words])


def command_words(experiment: Experiment) -> list[str]:
    """Returns the words of `lrstudio run` that set up an experiment, colours and the planned length of schedules apart.

    They read back to it unless a text has a quotation mark or several lines, or the data are a file's.
    """
    words = ["--problem", _entry(experiment.problem)]
    shared = {
        (run.optimizer, run.schedule, run.start, run.batch_size, run.label, run.lr_factors) for run in experiment.runs
    }
    if len(shared) == 1 and not experiment.runs[0].label and experiment.runs[0].batch_size is None:
        for name, value in _settings(experiment.runs[0]).items():
            words += [f"--{name.replace('_', '-')}", value]
        words += [word for run in experiment.runs for word in ("--lr", repr(run.lr))]
    else:
        for run in experiment.runs:
            texts = {"lr": repr(run.lr), **_settings(run), "label": _quoted(run.label)}
            words += ["--run", ";".join(f"{name}={text}" for name, text in texts.items() if text)]
    for parameter in filter(lambda each: each.offered, Experiment.parameters()):
        value = getattr(experiment, parameter.name)
        if value != parameter.default or parameter.name == "steps":
            words += [f"--{parameter.name.replace('_', '-')}", parameter.plain(value)]
    return words


def in_one_line(experiment: Experiment) -> Experiment:
    """Returns the experiment with the lines of typed rules joined by semicolons."""
    runs = [
        replace(run, optimizer=_one_line(run.optimizer), schedule=_one_line(run.schedule)) for run in experiment.runs
    ]
    return replace(experiment, problem=_one_line(experiment.problem), runs=tuple(runs))


def _settings(run: Run) -> dict[str, str]:
    """Returns what a run has besides its rate, where it is not the default."""
    default = Run(lr=1)
    texts = {name: _entry(getattr(run, name)) for name in ("optimizer", "schedule")}
    texts = {name: text for name, text in texts.items() if getattr(run, name) != getattr(default, name)}
    texts |= {} if run.start is None else {"start": ",".join(map(repr, run.start))}
    texts |= {} if run.batch_size is None else {"batch_size": str(run.batch_size)}
    return texts | ({"lr_factors": lr_factors_text(run.lr_factors)} if run.lr_factors else {})


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
