"""The experiment of a lesson: the words of `lrstudio run`, within bounds that no computer notices."""

from __future__ import annotations

import shlex
from functools import lru_cache

from lrstudio.core.language import tr
from lrstudio.engine.argument_parser import Parser
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.options import add_experiment_options, experiment_from, with_values_joined

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
    experiment = experiment_from(_parser().parse_args(with_values_joined(arguments)))
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
    return experiment
