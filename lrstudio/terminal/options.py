"""What the terminal adds to the options of an experiment: problems with the data of a file, and spans of values.

Errors are ValueError; the message names the option and what is allowed.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from lrstudio.core.elementary.scales import geomspace
from lrstudio.core.language import tr
from lrstudio.core.pairs import pairs
from lrstudio.core.parameter import read_decimal
from lrstudio.core.problems import OwnData, Problem
from lrstudio.engine import options
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import read_count
from lrstudio.terminal.data_option import own_data

MOST_VALUES = 2**20


def experiment_from(args: argparse.Namespace) -> Experiment:
    """Returns the experiment of the options; the data of a problem may be read from a file."""
    return options.experiment_from(args, _problem)


def _problem(text: str) -> Problem:
    key, _, rest = text.partition(":")
    if key.strip() != OwnData.key:
        return options.catalogue_problem(text)
    try:
        return own_data(pairs(rest))
    except ValueError as error:
        raise ValueError(tr("problem {typed!r}: {error}", typed=text, error=error)) from None


def span(option: str, text: str, *, whole: bool = False) -> tuple[float, ...]:
    """Returns n values from a to b by equal factors (`a:b:n`) or equal steps (`a..b:n`); `whole` ones are unique."""
    first, colon, rest = text.partition("..") if ".." in text else text.partition(":")
    last, second, count = rest.partition(":")
    if not (colon and second):
        raise ValueError(
            tr("{option} {typed!r}: must be a:b:n (equal factors) or a..b:n (equal steps)", option=option, typed=text)
        )
    low, high, many = _end(option, text, first), _end(option, text, last), read_count(count, MOST_VALUES)
    if many is None:
        raise ValueError(
            tr(
                "{option} {typed!r}: how many must be a whole number from 1 to {most}",
                option=option,
                typed=text,
                most=MOST_VALUES,
            )
        )
    values = [low, *_between(option, text, low, high, many, log=colon == ":"), high][:many]
    if whole:
        values = list(dict.fromkeys(float(round(value)) for value in values))
    return tuple(values)


def _between(option: str, text: str, low: float, high: float, count: int, *, log: bool) -> list[float]:
    if log and not (low > 0 and high > 0):
        raise ValueError(
            tr(
                "{option} {typed!r}: equal factors need both ends above 0; a..b:n makes equal steps",
                option=option,
                typed=text,
            )
        )
    values = geomspace(low, high, max(2, count)) if log else np.linspace(low, high, max(2, count))
    inner: list[float] = values[1:-1].tolist()
    return inner


def _end(option: str, text: str, part: str) -> float:
    try:
        value = read_decimal(part)
    except ValueError as error:
        raise ValueError(f"{option} {text!r}: {error}") from None
    if value is None or not math.isfinite(value):
        raise ValueError(tr("{option} {typed!r}: {part!r} is no number", option=option, typed=text, part=part))
    return value
