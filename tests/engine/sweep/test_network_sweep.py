"""Networks are swept in the kernel with the bits of NumPy's arithmetic."""

from __future__ import annotations

from dataclasses import fields
from itertools import cycle

import numpy as np
import pytest

from lrstudio.core.kernel.host import available
from lrstudio.core.optimizers import SGD, Adam, Optimizer
from lrstudio.core.problems import Classification, Digits
from lrstudio.core.problems.network import NetworkProblem
from lrstudio.engine.experiment import PRECISIONS, Experiment, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.network_sweep import NetworkSweep
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.sweep import Sweep

pytestmark = pytest.mark.skipif(not available(), reason="no kernel runs here")

PRECISION = cycle(PRECISIONS)


def both(made: Experiment, axis: Axis, monkeypatch: pytest.MonkeyPatch) -> tuple[Summary, Summary]:
    """Returns the summaries of the kernel and of NumPy."""
    found = Sweep(made, [axis]).run()
    with monkeypatch.context() as patch:
        patch.setattr(NetworkSweep, "supports", staticmethod(lambda *_: False))
        return found, Sweep(made, [axis]).run()


def assert_same(one: Summary, other: Summary) -> None:
    for column in fields(Summary):
        np.testing.assert_array_equal(getattr(one, column.name), getattr(other, column.name), err_msg=column.name)


@pytest.mark.parametrize("batch", [None, 32])
@pytest.mark.parametrize("steps", [3, 9, 70, 150])
@pytest.mark.parametrize(
    ("problem", "optimizer"),
    [
        (Classification(units=3), SGD(momentum=0.9)),
        (Classification(units=5, activation="relu"), Adam()),
        (Digits(n=120, hidden=(5,)), SGD()),
    ],
    ids=["tanh", "relu", "digits"],
)
def test_a_sweep_of_rates(
    problem: NetworkProblem, optimizer: Optimizer, steps: int, batch: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(lr=0.1, optimizer=optimizer)
    made = Experiment(problem=problem, runs=(run,), steps=steps, batch_size=batch, target_loss=0.3)
    axis = Axis("lr", (1e-3, 0.1, 1.0, 30.0, 1e30, 1e100, 1e250))
    assert_same(*both(made.changed("precision", next(PRECISION)), axis, monkeypatch))


def test_a_sweep_of_an_optimizers_number_and_of_batch_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Experiment(problem=Classification(units=3), runs=(Run(lr=0.05, optimizer=Adam()),), steps=40, batch_size=20)
    assert_same(*both(made, Axis("optimizer.beta1", (0.0, 0.5, 0.9)), monkeypatch))
    assert_same(*both(made, Axis("batch_size", (1.0, 7.0, 200.0)), monkeypatch))


def test_it_stops_when_asked() -> None:
    made = Experiment(problem=Classification(), runs=(Run(lr=0.05),), steps=4000)
    answers = iter([False] * 3 + [True] * 1000)
    summary = Sweep(made, [Axis("lr", (0.1, 0.2))]).run(lambda: next(answers))
    assert (summary.verdict < 0).all()
