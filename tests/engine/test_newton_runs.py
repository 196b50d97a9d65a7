"""The optimizer newton on problems."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.objective import FormulaObjective
from lrstudio.core.optimizers import SGD, Newton
from lrstudio.core.problems import Absolute, Booth, Classification, NoisyLine, Parabola, Quadratic, Rosenbrock
from lrstudio.core.problems.base import Problem
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.training.simulation import Simulation


def path(problem: Problem, steps: int = 5, lr: float = 1.0, **options: Any) -> np.ndarray:
    run = Run(lr=lr, optimizer=Newton())
    simulation = Simulation(Experiment(problem=problem, runs=(run,), steps=steps, **options))
    simulation.advance(steps)
    return simulation.trace.read("params")[:, 0]


@pytest.mark.parametrize("problem", [Parabola(), Booth(), Quadratic(), NoisyLine()], ids=lambda problem: problem.key)
def test_a_quadratic_is_solved_in_one_step(problem: Problem) -> None:
    optimum = problem.optimum(problem.data(0))
    assert optimum is not None
    np.testing.assert_allclose(path(problem)[1:], np.tile(optimum, (5, 1)), rtol=1e-9, atol=1e-9)


def test_every_step_is_that_of_the_equations() -> None:
    objective, w = Rosenbrock().objective(), np.array([Rosenbrock.start])
    found = path(Rosenbrock(), lr=0.7)
    for row in found:
        np.testing.assert_allclose(row, w[0], rtol=1e-9)
        _, gradient = objective.loss_and_gradient(w)
        w = w - 0.7 * np.linalg.solve(objective.hessian(w), gradient[:, :, None])[:, :, 0]


def test_a_batch_has_its_own_curvature() -> None:
    """One step ends at the optimum of the batch that the gradient was of."""
    experiment = Experiment(problem=NoisyLine(), runs=(Run(lr=1.0, optimizer=Newton()),), steps=3, batch_size=5, seed=2)
    simulation = Simulation(experiment)
    for step in range(3):
        rows = simulation.runner.batches_of(simulation.runner.groups[0]).rows(step)
        x, y = (simulation.objective.data[name][rows] for name in ("x", "y"))
        ahead = simulation.next_weights()[0]
        simulation.advance(1)
        found = simulation.trace.read("params")[-1, 0]
        np.testing.assert_array_equal(found, ahead)
        np.testing.assert_allclose(found, np.polyfit(x, y, 1), rtol=1e-7)


def test_measured_gradients_keep_the_exact_curvature() -> None:
    found = path(Parabola(), gradient=Gradient(mode="forward", eps=1e-2))
    assert found[1, 0] == pytest.approx(-1 - 1e-2 / 2)


def test_at_a_kink_there_is_no_step() -> None:
    found = path(Absolute())
    np.testing.assert_array_equal(found, np.tile(Absolute.start, (6, 1)))


def test_only_runs_that_need_it_pay_for_the_curvature(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    whole = FormulaObjective.hessian

    def counted(self: FormulaObjective, w: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        asked.append(len(w))
        return whole(self, w, rows)

    monkeypatch.setattr(FormulaObjective, "hessian", counted)
    runs = (Run(lr=0.1), Run(lr=0.2, optimizer=SGD(momentum=0.9)))
    Simulation(Experiment(problem=Parabola(), runs=runs, steps=3)).advance(3)
    assert asked == []
    with_newton = (*runs, Run(lr=1.0, optimizer=Newton()))
    Simulation(Experiment(problem=Parabola(), runs=with_newton, steps=3)).advance(3)
    assert asked == [1, 1, 1]


class Wide(Problem):
    """Seventeen weights."""

    key = "wide"
    title = "Wide"
    names = tuple(f"w{index}" for index in range(17))
    loss = " + ".join(f"{name}^2" for name in names)
    start = (1.0,) * 17
    domain = ((-1.0, 1.0),) * 17

    def optimum(self, data: object) -> tuple[float, ...]:
        return (0.0,) * 17


def test_it_is_refused_where_there_are_many_parameters() -> None:
    Experiment(problem=Wide(), runs=(Run(lr=0.1),))
    with pytest.raises(ValueError, match=r"^newton: takes at most 16 parameters; wide has 17$"):
        Experiment(problem=Wide(), runs=(Run(lr=0.1), Run(lr=1.0, optimizer=Newton())))
    with pytest.raises(ValueError, match=r"16 parameters; classification has 105$"):
        Experiment(problem=Classification(), runs=(Run(lr=1.0, optimizer=Newton()),))
