"""What an adaptive optimizer divides by is found again in the gradients that a trace has."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.optimizers import SGD, Adagrad, Adam, Adamax, AdamW, NAdam, Optimizer, RAdam, RMSprop
from lrstudio.core.problems import NoisyLine, Rosenbrock
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.judgement import preconditioner_at
from lrstudio.engine.training.simulation import Simulation


@pytest.mark.parametrize(
    "optimizer",
    [
        Adam(),
        Adam(beta2=0.9),
        AdamW(),
        NAdam(),
        RAdam(),
        RMSprop(),
        RMSprop(momentum=0.5),
        RMSprop(centered=True),
        Adagrad(),
        Adagrad(initial_accumulator_value=0.1, lr_decay=0.01),
        Adamax(),
        Adamax(beta2=0.9),
    ],
    ids=repr,
)
@pytest.mark.parametrize("batch_size", [None, 7])
def test_it_is_that_of_the_state_the_optimizer_has(optimizer: Optimizer, batch_size: int | None) -> None:
    problem = Rosenbrock() if batch_size is None else NoisyLine()
    experiment = Experiment(
        problem=problem, runs=(Run(lr=0.01, optimizer=optimizer),), steps=400, batch_size=batch_size
    )
    simulation = Simulation(experiment)
    simulation.advance(300)
    state = optimizer.preconditioner(simulation.states()[0], 300)
    found = preconditioner_at(experiment, simulation.trace, 0, 300)
    assert state is not None and found is not None
    if isinstance(optimizer, RAdam):
        early = preconditioner_at(experiment, simulation.trace, 0, 3)
        assert early is not None and (early == 1).all()  # it does not divide yet
    np.testing.assert_allclose(found, state[0], rtol=1e-6)


@pytest.mark.parametrize(
    "optimizer", [SGD(), Adam(amsgrad=True), Adam(weight_decay=0.1), Adagrad(weight_decay=0.1)], ids=repr
)
def test_where_the_gradients_do_not_tell_it_there_is_none(optimizer: Optimizer) -> None:
    experiment = Experiment(problem=Rosenbrock(), runs=(Run(lr=0.01, optimizer=optimizer),), steps=20)
    simulation = Simulation(experiment)
    simulation.advance(20)
    assert preconditioner_at(experiment, simulation.trace, 0, 20) is None
    assert preconditioner_at(experiment, simulation.trace, 0, 0) is None
