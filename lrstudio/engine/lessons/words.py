"""The experiment of a lesson: the words of `lrstudio run`, within bounds that no computer notices."""

from __future__ import annotations

import argparse
import shlex
from functools import lru_cache
from typing import NoReturn

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.options import add_experiment_options, experiment_from, with_values_joined

MOST_RUNS = 8
MOST_UPDATES = 200_000
"""Maximum number of steps times runs."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


@lru_cache(1)
def _parser() -> _Parser:
    parser = _Parser(prog="setup", allow_abbrev=False, add_help=False)
    add_experiment_options(parser)
    return parser


def experiment_of(words: str) -> Experiment:
    """Returns the experiment of the words; it reads no file. ValueError says which word is wrong."""
    try:
        arguments = shlex.split(words)
    except ValueError as error:
        raise ValueError(f"{words!r}: {error}; close what is open") from None
    experiment = experiment_from(_parser().parse_args(with_values_joined(arguments)))
    if len(experiment.runs) > MOST_RUNS:
        raise ValueError(f"{len(experiment.runs)} runs: a lesson compares at most {MOST_RUNS}")
    if experiment.steps * len(experiment.runs) > MOST_UPDATES:
        raise ValueError(f"steps {experiment.steps:,}: a lesson makes at most {MOST_UPDATES:,} steps of all its runs")
    return experiment
