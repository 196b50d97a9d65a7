"""Losses with branches that are infinite where they are not taken train, and in a kernel with the bits of NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.kernel.host import available
from lrstudio.core.optimizers import Adam, Newton, Optimizer
from lrstudio.core.problems import Formula, Model, Problem
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from tests.engine.training.conftest import Both
from tests.engine.training.test_kernel_recorder import assert_same

GATED: list[Problem] = [
    Model(model="where(x>0,(a*log(x))^2,b)"),
    Model(model="where(x>90,log(a)^2*x,b) + where(x > 0.5, a/x, 0)"),
    Model(model="max(a, relu(b*x)^0.5*x) + abs(where(x < 0, b*x^-2, a))"),
    Formula(loss="where(b>0,log(b)^2,b^2) + (a>0)*abs(b)^0.5 + a^2"),
    Formula(loss="(relu(a - 3)*b)^0.5 + where(a > 0, where(b > 0, log(b), b)^2, (a + 1)^2)"),
]


@pytest.mark.parametrize("problem", GATED)
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_a_loss_whose_other_branch_is_infinite_trains(problem: Problem, precision: Any) -> None:
    starts = (0.5, 0.0), (-0.5, 0.25)
    runs = tuple(Run(lr=0.01, start=start) for start in starts)
    simulation = Simulation(Experiment(problem=problem, runs=runs, steps=20, precision=precision))
    simulation.advance(20)
    for column in ("loss", "grad"):
        assert np.isfinite(simulation.trace.read(column)).all()


@pytest.mark.skipif(not available(), reason="no kernel runs here")
@pytest.mark.parametrize("problem", GATED)
@pytest.mark.parametrize("optimizer", [Adam(), Newton()])
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_and_its_kernel_has_the_bits_of_numpy(
    problem: Problem, optimizer: Optimizer, precision: Any, both: Both
) -> None:
    starts = (0.01, (0.5, 0.0)), (0.3, (-0.5, 0.25)), (9, (0, -1))
    runs = tuple(Run(lr=rate, start=start, optimizer=optimizer) for rate, start in starts)
    assert_same(*both(Experiment(problem=problem, runs=runs, steps=30, precision=precision)))
