"""What a run has cost, against calls that are counted."""

from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pytest

from lrstudio.core.problems import NoisyLine, Parabola, Proportional, Rosenbrock
from lrstudio.engine.compare.comparison import data_points, loss_evaluations
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.training import simulation
from lrstudio.engine.training.batch_runner import compiled
from lrstudio.engine.training.simulation import Simulation


class Counted:
    """An objective that counts the points at which it is asked, and the data points it looks at."""

    formula = classifier = None  # a kernel asks no objective

    def __init__(self, objective: Any, *, batches: bool) -> None:
        self._objective, self._batches = objective, batches
        self.losses = self.gradients = self.data_points = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objective, name)

    def loss(self, w: Any, rows: Any = None) -> Any:
        if rows is not None or not self._batches:  # the loss on all data judges a run, it does not train it
            self.losses += len(w)
            self._look(rows)
        return self._objective.loss(w, rows)

    def loss_and_gradient(self, w: Any, rows: Any = None) -> Any:
        self.gradients += len(w)
        self._look(rows)
        return self._objective.loss_and_gradient(w, rows)

    def _look(self, rows: Any) -> None:
        self.data_points += self._objective.size if rows is None else len(np.asarray(rows))


def counted(experiment: Experiment, steps: int) -> Counted:
    """The calls of a run from its start to a step."""
    counter = Counted(compiled(experiment), batches=experiment.batch_size is not None)
    with mock.patch.object(simulation, "compiled", return_value=counter):
        Simulation(experiment).advance(steps)
    return counter


CASES = [(Parabola(), None), (Rosenbrock(), None), (Proportional(), None), (NoisyLine(n=10), 4), (NoisyLine(n=10), 5)]


@pytest.mark.parametrize(("problem", "batch_size"), CASES, ids=str)
@pytest.mark.parametrize("mode", ["analytic", "forward", "central"])
@pytest.mark.parametrize("steps", [0, 1, 7, 23])
def test_the_cost_is_what_is_counted(problem: Any, batch_size: int | None, mode: Any, steps: int) -> None:
    experiment = Experiment(
        problem=problem, runs=(Run(lr=1e-4),), gradient=Gradient(mode=mode), batch_size=batch_size, steps=50
    )
    counter, rows = counted(experiment, steps), steps + 1
    assert loss_evaluations(experiment, rows) == counter.losses
    assert data_points(experiment, rows) == counter.data_points
    if mode == "analytic":
        assert counter.gradients == rows


def test_several_runs_cost_each_their_own() -> None:
    experiment = Experiment(problem=Proportional(), runs=(Run(lr=0.1), Run(lr=0.2)), gradient=Gradient(mode="forward"))
    assert counted(experiment, 5).losses == 2 * loss_evaluations(experiment, 6)


def test_a_difference_with_two_parameters_costs_3_or_5_losses() -> None:
    for mode, each in (("forward", 3), ("central", 5)):
        experiment = Experiment(problem=Proportional(), runs=(Run(lr=0.1),), gradient=Gradient(mode=mode))  # type: ignore[arg-type]
        assert loss_evaluations(experiment, 10) == 10 * each
