"""A run for each batch size: linear and square-root scaling of the rate, at equal epochs."""

from __future__ import annotations

import math

import pytest

from lrstudio.core.optimizers import OPTIMIZERS, SGD, Adam
from lrstudio.core.problems import NoisyLine
from lrstudio.engine.compare.batch_sizes import batch_family, scaled_rate, usual_scaling
from lrstudio.engine.experiment import Experiment, Run

BASE = Experiment(problem=NoisyLine(), runs=(Run(lr=0.5), Run(lr=0.1), Run(lr=0.3)), steps=50, batch_size=10)


def test_the_rate_is_scaled_by_k_or_its_root() -> None:
    assert [scaled_rate(0.1, 8, scaling) for scaling in ("none", "linear", "sqrt")] == [
        0.1,
        0.8,
        float(f"{0.1 * math.sqrt(8):.12g}"),
    ]
    assert scaled_rate(0.1, 0.5, "linear") == 0.05


def test_a_family_takes_the_place_of_its_run_and_ends_after_as_many_epochs() -> None:
    made = batch_family(BASE, 1, [5, 10, 20, 50], "linear", 8)
    assert [run.lr for run in made.runs] == [0.5, 0.05, 0.1, 0.2, 0.5, 0.3]
    assert made.batch_sizes == (10, 5, 10, 20, 50, 10)
    assert made.equal == "epochs"
    assert made.steps_each == (50, 100, 50, 25, 10, 50)  # 5 epochs of 100 points
    assert [made.label(index) for index in (1, 4)] == ["0.05 batch 5", "0.5 batch 50"]


def test_the_rate_of_a_run_on_all_data_is_that_of_the_first_size() -> None:
    whole = Experiment(problem=NoisyLine(), runs=(Run(lr=0.1),), steps=20)
    made = batch_family(whole, 0, [25, 100], "sqrt", 8)
    assert [run.lr for run in made.runs] == [0.1, 0.2]


def test_square_roots_are_usual_for_optimizers_that_divide_by_past_gradients() -> None:
    assert usual_scaling(Run(lr=0.1, optimizer=SGD(momentum=0.9))) == "linear"
    assert usual_scaling(Run(lr=0.1, optimizer=Adam(weight_decay=0.1))) == "sqrt"
    roots = {kind.key for kind in OPTIMIZERS if usual_scaling(Run(lr=0.1, optimizer=kind())) == "sqrt"}
    assert {"adam", "adamw", "rmsprop", "adagrad", "nadam"} <= roots
    assert not roots & {"sgd", "asgd", "lion", "newton"}


def test_a_size_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="batch size = 101: noisy_line has 100 data points"):
        batch_family(BASE, 0, [10, 101], "linear", 8)
    with pytest.raises(ValueError, match=r"batch size = 10\.5: must be a whole number from 1 to"):
        batch_family(BASE, 0, [10.5, 20], "linear", 8)
