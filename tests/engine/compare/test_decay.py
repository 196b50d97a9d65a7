"""Weight decay within the gradient and apart from it, side by side."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.optimizers import SGD, Adam, AdamW, RMSprop, Rule
from lrstudio.core.problems import Parabola
from lrstudio.core.problems.surfaces.rosenbrock import Rosenbrock
from lrstudio.engine.compare.decay import beside_other_decay, decoupled_sgd
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation


def beside(optimizer: SGD | Adam | RMSprop) -> tuple[Run, Run]:
    experiment = Experiment(problem=Parabola(), runs=(Run(lr=0.1, optimizer=optimizer),))
    before, after = beside_other_decay(experiment, 0, 8).runs
    return before, after


def test_adam_stands_beside_adamw_with_as_much_decay_and_the_other_way_round() -> None:
    before, after = beside(Adam(beta1=0.8, weight_decay=0.2))
    assert before.optimizer == Adam(beta1=0.8, weight_decay=0.2)
    assert after.optimizer == AdamW(beta1=0.8, weight_decay=0.2) and after.color != before.color
    before, after = beside(AdamW(weight_decay=0.2))
    assert (before.optimizer, after.optimizer) == (AdamW(weight_decay=0.2), Adam(weight_decay=0.2))
    assert [run.optimizer for run in beside(Adam())] == [Adam(weight_decay=0.01), AdamW(weight_decay=0.01)]


def test_sgd_with_momentum_stands_beside_sgdw() -> None:
    before, after = beside(SGD(momentum=0.9, weight_decay=0.1))
    assert before.optimizer == SGD(momentum=0.9, weight_decay=0.1)
    assert after.optimizer == Rule(text="b = 0.9*b + g; w = w*(1 - lr*0.1) - lr*b") and after.label == "SGDW"


@pytest.mark.parametrize(
    "optimizer", [SGD(momentum=0.9), SGD(momentum=0.5, dampening=0.3), SGD(momentum=0.9, nesterov=True)]
)
def test_without_decay_sgdw_is_sgd(optimizer: SGD) -> None:
    runs = (Run(lr=1e-3, optimizer=optimizer), Run(lr=1e-3, optimizer=decoupled_sgd(optimizer)))
    simulation = Simulation(Experiment(problem=Rosenbrock(), runs=runs, steps=30))
    simulation.advance(30)
    w = simulation.trace.read("params")
    np.testing.assert_allclose(w[:, 0], w[:, 1], rtol=1e-13)


def test_what_has_no_other_decay_is_told() -> None:
    with pytest.raises(ValueError, match="SGD without momentum: its decay is the same"):
        beside(SGD(weight_decay=0.1))
    with pytest.raises(ValueError, match="RMSprop: only Adam, AdamW and SGD with momentum have"):
        beside(RMSprop())
