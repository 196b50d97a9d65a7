"""The same runs on other data."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.dataset import Dataset
from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import PROBLEMS, Classification, OwnData, Parabola, Problem, Quartic
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.other_problem import changed_rates, with_data, with_other_problem
from lrstudio.engine.training.simulation import Simulation


def line(rows: int = 50, size: float = 1.0) -> Dataset:
    x = size * np.random.default_rng(0).normal(1, 1, rows)
    return Dataset("a", ("x", "y"), (x, 3 * x + 1))


def rates(experiment: Experiment) -> list[float]:
    return [run.lr for run in experiment.runs]


def works(experiment: Experiment) -> bool:
    """Whether some run has less loss in the end than at its start."""
    simulation = Simulation(experiment)
    with np.errstate(all="ignore"):
        simulation.advance(experiment.steps)
    losses = simulation.trace.read("loss")
    return bool((losses[-1] < losses[0]).any())


def test_what_does_not_depend_on_the_data_stays() -> None:
    runs = (Run(lr=0.1, start=(3.0,), label="mine"), Run(lr=0.01, optimizer=Adam(), color=2))
    before = Experiment(problem=Parabola(), runs=runs, steps=77, seed=3, precision="float32", target_loss=5.0)
    after = with_data(before, OwnData(dataset=line()))
    assert (after.steps, after.seed, after.precision) == (77, 3, "float32")
    assert [(run.label, run.color, run.optimizer) for run in after.runs] == [("mine", 0, SGD()), ("", 2, Adam())]
    assert rates(after) == [0.1, 0.01]
    assert (after.target_loss, after.batch_size) == (None, None)
    assert after.starts() == ((0.0, 0.0), (0.0, 0.0))


@pytest.mark.parametrize("size", [1e-4, 1.0, 1e4])
def test_rates_that_would_get_nowhere_are_scaled_together(size: float) -> None:
    before = Experiment(
        problem=Parabola(), runs=(Run(lr=0.01), Run(lr=0.001), Run(lr=0.3, optimizer=Adam())), steps=100
    )
    after = with_data(before, OwnData(dataset=line(size=size), standardize=False))
    assert after.runs[0].lr == pytest.approx(10 * after.runs[1].lr) and after.runs[2].lr == 0.3
    simulation = Simulation(after)
    simulation.advance(100)
    losses = simulation.trace.read("loss")[:, 0]
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("kind", [kind for kind in PROBLEMS if not kind.is_expensive], ids=lambda kind: kind.key)
def test_on_another_problem_some_rate_works_and_rates_stay_where_one_does(kind: type[Problem]) -> None:
    other = Quartic if kind is Parabola else Parabola
    for lrs in ((0.01, 0.1, 1.0), (1e4, 1e5)):
        before = Experiment(problem=other(), runs=tuple(Run(lr=lr) for lr in lrs), steps=30)
        kept, after = before.with_problem(kind()), with_other_problem(before, kind())
        assert works(after)
        factor = after.runs[0].lr / lrs[0]
        assert rates(after) == pytest.approx([factor * lr for lr in lrs], rel=1e-9)
        assert factor == 1 if works(kept) else factor < 1
        assert changed_rates(before, after) == ([] if works(kept) else list(zip(lrs, rates(after), strict=True)))


def test_rates_of_networks_stay() -> None:
    before = Experiment(problem=Parabola(), runs=(Run(lr=1e5),), steps=30)
    assert rates(with_other_problem(before, Classification())) == [1e5]


def test_of_very_many_rows_each_step_sees_a_batch() -> None:
    before = Experiment(problem=Parabola(), runs=(Run(lr=0.1),))
    assert with_data(before, OwnData(dataset=line(100_001))).batch_size == 256


def test_starts_stay_with_the_parameters_of_the_same_name() -> None:
    runs = (Run(lr=0.1, start=(1.0, 2.0)), Run(lr=0.1))
    experiment = Experiment(problem=OwnData(dataset=line()), runs=runs)
    polynomial = experiment.with_problem(OwnData(dataset=line(), kind="polynomial", degree=3))
    assert polynomial.runs[0].start is not None and polynomial.runs[0].start[-1] == 2.0
    assert polynomial.runs[1].start is None
