"""The experiment of a lesson: the words of `lrstudio run`, within bounds that no computer notices."""

from __future__ import annotations

import shlex
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache

from lrstudio.core.language import tr
from lrstudio.engine.argument_parser import Parser
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.experiment.command import command_words, in_one_line
from lrstudio.engine.options import add_experiment_options, experiment_from

MOST_RUNS = 8
MOST_UPDATES = 200_000
"""Maximum number of steps times runs."""


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
    experiment = experiment_from(_parser().parse_args(arguments))
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
    plain = in_one_line(
        replace(
            experiment.replanned(), runs=tuple(replace(run, color=index) for index, run in enumerate(experiment.runs))
        )
    )
    unnamed = replace(plain, runs=tuple(replace(run, label="") for run in plain.runs))
    for each in (plain, unnamed):
        words = shlex.join(command_words(each))
        with suppress(ValueError):  # a quotation mark
            if experiment_of(words) == each:
                return words
    raise ValueError(tr("the words of a lesson cannot tell this experiment: a typed text has a quotation mark"))
