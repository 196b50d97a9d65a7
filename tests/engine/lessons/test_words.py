"""An experiment is told in the terminal's words, which set the same experiment up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrstudio.core.dataset import Dataset
from lrstudio.core.optimizers import OPTIMIZERS, Optimizer, Rule
from lrstudio.core.problems import PROBLEMS, Classification, Formula, OwnData, Parabola
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.examples import EXAMPLES, Example
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.lessons.words import MOST_UPDATES, experiment_of, words_of


def told(experiment: Experiment) -> Experiment:
    return experiment_of(words_of(experiment)).bare()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_the_words_of_an_example_set_it_up(example: Example) -> None:
    experiment = example.experiment
    read = experiment_of(words_of(experiment))
    assert read.bare() == experiment.bare()
    assert [read.label(index) for index in range(len(read.runs))] == [
        experiment.label(index) for index in range(len(read.runs))
    ]


@pytest.mark.parametrize("kind", PROBLEMS, ids=lambda kind: kind.key)
def test_the_words_of_a_problem_set_it_up(kind: type) -> None:
    experiment = Experiment(problem=kind(), runs=(Run(lr=1e-7),), steps=3, seed=7)
    assert told(experiment) == experiment.bare()


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.key)
def test_the_words_of_an_optimizer_set_it_up(kind: type[Optimizer]) -> None:
    runs = tuple(
        Run(lr=0.1 + index, optimizer=each, color=index) for index, each in enumerate((*kind.variants(), kind()))
    )
    problem = Parabola() if not kind().refusal(Parabola.key, Parabola().tensors) else Classification()
    experiment = Experiment(problem=problem, runs=runs[:8], steps=3)
    assert told(experiment) == experiment.bare()


@pytest.mark.parametrize("kind", SCHEDULES, ids=lambda kind: kind.key)
def test_the_words_of_a_schedule_set_it_up(kind: type) -> None:
    runs = (Run(lr=0.1, schedule=kind(), start=(-1.5,)), Run(lr=0.2, schedule=kind(), start=(2.0,), color=1))
    experiment = Experiment(problem=Parabola(), runs=runs, steps=30)
    assert told(experiment) == experiment.bare()


def test_labels_with_separators_and_typed_texts_with_commas_survive() -> None:
    problem = Formula(loss="max(a, b)^2 + a^2")
    labels = ("a;b", "lr=3", "x, (y", "—")
    runs = tuple(Run(lr=0.1 / 3, label=label, color=index, start=(1e-9, -3e40)) for index, label in enumerate(labels))
    experiment = Experiment(problem=problem, runs=runs, steps=3, target_loss=1e-30)
    read = experiment_of(words_of(experiment))
    assert read == experiment


def test_the_lines_of_a_rule_become_one() -> None:
    experiment = Experiment(
        problem=Parabola(), runs=(Run(lr=0.1, optimizer=Rule(text="m = 0.9*m + g\nw = w - lr*m")),), steps=3
    )
    (run,) = experiment_of(words_of(experiment)).runs
    assert run.optimizer == Rule(text="m = 0.9*m + g; w = w - lr*m")


def test_a_label_that_cannot_be_told_is_left_out() -> None:
    experiment = Experiment(problem=Parabola(), runs=(Run(lr=0.1, label='"quoted";'),), steps=3)
    assert experiment_of(words_of(experiment)) == experiment.with_run(0, label="")


def test_what_has_no_words_is_refused() -> None:
    x = np.linspace(0, 1, 12)
    data = OwnData(dataset=Dataset("mine", ("x", "y"), (x, x * x)))
    experiment = Experiment(problem=data, runs=(Run(lr=0.1),))
    with pytest.raises(ValueError, match="no file of data"):
        words_of(experiment)
    with pytest.raises(ValueError, match="at most 200,000 steps"):
        words_of(replace(experiment, problem=Parabola(), steps=MOST_UPDATES + 1))
