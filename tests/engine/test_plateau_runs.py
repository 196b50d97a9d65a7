"""A schedule that follows the loss: beside other runs, stopped and gone on with, with a rate changed on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lrstudio.core.optimizers import Adam
from lrstudio.core.problems import NoisyLine, Parabola, Rosenbrock
from lrstudio.core.schedules import Cosine, Plateau
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.session import Session, from_bytes, to_bytes

QUICK = Plateau(patience=2, factor=0.5)


def noisy(steps: int = 300) -> Experiment:
    """Runs whose losses jump about, so that rates fall often."""
    runs = (
        Run(lr=0.3, schedule=QUICK),
        Run(lr=0.05, optimizer=Adam(), schedule=Plateau(patience=5, cooldown=3, factor=0.8)),
        Run(lr=0.1, schedule=Cosine()),
        Run(lr=0.2, schedule=Plateau(patience=1, threshold_mode="abs", threshold=0.01, min_lr=1e-3)),
    )
    return Experiment(problem=NoisyLine(), runs=runs, steps=steps, batch_size=3, seed=4)


def finished(experiment: Experiment) -> Simulation:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    return simulation


def test_a_saved_run_goes_on_bit_for_bit() -> None:
    whole = finished(noisy())
    for stop in (0, 1, 50, 299):
        simulation = Simulation(noisy())
        simulation.advance(stop)
        again = from_bytes(bytes(to_bytes(Session.of(simulation)))).simulation()
        again.advance(300 - stop)
        for column in whole.trace.columns:
            np.testing.assert_array_equal(again.trace.read(column), whole.trace.read(column))
    assert len(np.unique(whole.trace.read("lr")[:-1, 0])) > 3


def test_the_rate_of_a_step_follows_from_the_losses_before_it() -> None:
    """A run that stands still is bad from step 1 on: with a patience of 2 the third bad loss is that of step 3."""
    start = (-1.0,)
    simulation = finished(Experiment(problem=Parabola(), runs=(Run(lr=0.4, start=start, schedule=QUICK),), steps=9))
    np.testing.assert_array_equal(simulation.trace.read("lr")[:-1, 0], [0.4, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1, 0.1])


def test_ahead_of_the_run_the_rate_is_constant() -> None:
    simulation = Simulation(noisy())
    for _ in range(2):
        steps, rates = simulation.preview()
        assert len(steps) == 300
        assert (rates[:, 0] == 0.3).all()
        assert (rates[:, 3] == 0.2).all()
        assert not (rates[:, 2] == 0.1).all()
        simulation.advance(200)
    assert simulation.runner.rates.at(np.array([200]))[0, 0] < 0.3


def test_a_rate_changed_on_the_way_keeps_what_it_has_fallen() -> None:
    experiment = Experiment(problem=Parabola(), runs=(Run(lr=0.4, start=(-1.0,), schedule=QUICK),), steps=20)
    simulation = Simulation(experiment)
    simulation.advance(5)
    simulation.amend(experiment.with_run(0, lr=0.8))
    simulation.advance(1)
    assert simulation.trace.read("lr")[4:6, 0].tolist() == [0.2, 0.4]
    simulation.amend(replace(simulation.experiment, steps=30))
    simulation.advance(1)
    assert simulation.trace.read("lr")[6, 0] == 0.4


def test_a_rate_that_was_0_can_be_raised() -> None:
    experiment = Experiment(problem=Parabola(), runs=(Run(lr=0.0, schedule=QUICK),), steps=20)
    simulation = Simulation(experiment)
    simulation.advance(2)
    simulation.amend(experiment.with_run(0, lr=0.1))
    simulation.advance(1)
    assert simulation.trace.read("lr")[2, 0] == 0.1


def test_falls_end_no_run() -> None:
    simulation = Simulation(noisy())
    assert simulation.advance(41, stop=lambda: True) == 41
    assert simulation.advance(1000) == 1000
    run = Run(lr=1e-3, schedule=Plateau(patience=0, factor=0.1))
    assert finished(Experiment(problem=Rosenbrock(), runs=(run, Run(lr=10.0, schedule=QUICK)), steps=50)).step == 50
