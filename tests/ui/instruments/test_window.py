"""A run of an instrument is opened in the session."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Formula, Proportional, Quadratic
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.ui.instruments.window import with_opened_run

SESSION = Experiment(
    problem=Proportional(), runs=(Run(lr=0.01, label="slow"), Run(lr=0.1, color=1)), steps=100, target_loss=0.5
)
OPENED = replace(SESSION, runs=(Run(lr=0.3, optimizer=SGD(momentum=0.9)),), steps=250, target_loss=None)


def test_on_the_same_problem_it_is_one_more_run_in_a_colour_of_its_own() -> None:
    after = with_opened_run(SESSION, OPENED, None, 8)
    assert after == replace(SESSION, runs=(*SESSION.runs, replace(OPENED.runs[0], color=2)))


def test_it_can_take_the_place_of_a_run_whose_colour_it_keeps() -> None:
    after = with_opened_run(SESSION, OPENED, 1, 8)
    assert after.runs[0] == SESSION.runs[0]
    assert after.runs[1] == replace(OPENED.runs[0], color=1)
    assert with_opened_run(SESSION, OPENED, 0, 8).runs[0].label == ""


def test_what_is_there_already_is_not_added_again() -> None:
    assert with_opened_run(SESSION, replace(OPENED, runs=(Run(lr=0.01),)), None, 8) == SESSION


@pytest.mark.parametrize(
    "opened",
    [
        replace(OPENED, problem=Quadratic()),
        Experiment(problem=Formula(loss="a^2 + b^2 + c^2"), runs=(Run(lr=0.1, start=(1.0, 2.0, 3.0)),)),
        replace(OPENED, seed=3),
        replace(OPENED, precision="float32"),
    ],
)
def test_another_problem_takes_the_place_of_the_experiment(opened: Experiment) -> None:
    assert with_opened_run(SESSION, opened, None, 8) == opened
    assert with_opened_run(SESSION, opened, 1, 8) == opened


def test_another_batch_size_is_that_of_the_added_run_alone() -> None:
    after = with_opened_run(SESSION, replace(OPENED, batch_size=2), None, 8)
    assert after.batch_sizes == (None, None, 2) and after.runs[:2] == SESSION.runs


def test_there_cannot_be_too_many() -> None:
    full = replace(SESSION, runs=tuple(Run(lr=0.01 * (place + 1)) for place in range(64)))
    with pytest.raises(ValueError, match="at most 64"):
        with_opened_run(full, replace(OPENED, runs=(Run(lr=5.0, optimizer=Adam()),)), None, 8)
