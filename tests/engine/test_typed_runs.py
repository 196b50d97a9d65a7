"""Typed rules beside one another and beside built-in ones; typed problems that are edited."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.optimizers import SGD, Adam, Optimizer, Rule
from lrstudio.core.problems import Formula, Model, NoisyLine, Rosenbrock
from lrstudio.core.schedules import Exponential, OneCycle
from lrstudio.core.schedules import Rule as ScheduleRule
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation

MOMENTUM = "m = 0.9*m + g\nw = w - lr*m"
ADAM = """
    m = 0.9*m + (1 - 0.9)*g; v = 0.999*v + (1 - 0.999)*g^2
    w = w - lr*(m/(1 - 0.9^t))/(sqrt(v/(1 - 0.999^t)) + 1e-8)
"""


def losses(*runs: Run, steps: int = 40) -> np.ndarray:
    simulation = Simulation(Experiment(problem=Rosenbrock(), runs=runs, steps=steps))
    simulation.advance(steps)
    return simulation.trace.read("loss")


def test_typed_rules_are_the_built_in_ones_bit_for_bit_and_stand_beside_them() -> None:
    pairs: list[tuple[Optimizer, Optimizer]] = [
        (Rule(text=MOMENTUM), SGD(momentum=0.9)), (Rule(text=ADAM), Adam()), (Rule(text="w = w - lr*g"), SGD()),
    ]  # fmt: skip
    runs = [Run(lr=1e-3, optimizer=optimizer) for pair in pairs for optimizer in pair]
    together = losses(*runs)
    for index in range(len(pairs)):
        np.testing.assert_array_equal(together[:, 2 * index], together[:, 2 * index + 1])


def test_typed_schedules_are_the_built_in_ones_and_stand_beside_them() -> None:
    schedules = (Exponential(gamma=0.9), ScheduleRule(text="lr = lr0*0.9^t"), ScheduleRule(text="lr = lr0"))
    simulation = Simulation(
        Experiment(problem=Rosenbrock(), runs=tuple(Run(lr=0.01, schedule=each) for each in schedules))
    )
    rates = simulation.runner.rates.at(np.arange(10))
    np.testing.assert_allclose(rates[:, 1], rates[:, 0], rtol=1e-14)
    np.testing.assert_array_equal(rates[:, 2], 0.01)


def test_rules_of_one_text_are_one_group() -> None:
    texts = [MOMENTUM, "w = w - lr*g", MOMENTUM]
    runs = tuple(Run(lr=0.001, optimizer=Rule(text=text)) for text in texts)
    states = Simulation(Experiment(problem=Rosenbrock(), runs=runs)).states()
    assert [{name: values.shape for name, values in state.items()} for state in states] == [{"m": (2, 2)}, {}]


def test_runs_are_named_by_the_part_of_their_text_that_tells_them_apart() -> None:
    texts = ["m = 0.9*m + g; w = w - lr*sign(m)", "m = 0.9*m + g; w = w - lr*tanh(m)"]
    experiment = Experiment(
        problem=Rosenbrock(),
        runs=(*(Run(lr=0.1, optimizer=Rule(text=text)) for text in texts), Run(lr=0.1, optimizer=Adam())),
    )
    assert [experiment.label(index) for index in range(3)] == ["0.1 …sign(m)", "0.1 …tanh(m)", "0.1 Adam"]


@pytest.mark.parametrize("text", [MOMENTUM, "m = 0.9*m + g; w = w - lr*m"])
def test_a_name_is_one_short_line(text: str) -> None:
    runs = (Run(lr=0.1, optimizer=Rule(text=text)), Run(lr=0.1, schedule=ScheduleRule()))
    experiment = Experiment(problem=Rosenbrock(), runs=runs)
    assert experiment.label(0) == "0.1 m = 0.9*m + g; w = w - …"
    assert experiment.label(1) == "0.1 SGD lr = lr0/(1 + 0.1*t)"


def test_a_typed_schedule_that_names_a_momentum_leaves_the_optimizer_s_alone_whatever_runs_beside_it() -> None:
    typed = Run(lr=0.001, optimizer=SGD(momentum=0.9), schedule=ScheduleRule(text="momentum = t/T; lr = lr0"))
    moving = Run(lr=0.001, optimizer=SGD(momentum=0.9), schedule=OneCycle(cycle_momentum=True))
    plain = Run(lr=0.001, optimizer=SGD(momentum=0.9))
    np.testing.assert_array_equal(losses(typed, moving)[:, 0], losses(plain)[:, 0])


def test_starts_follow_the_names_when_a_loss_is_edited() -> None:
    experiment = Experiment(
        problem=Formula(loss="a^2 + b^2"),
        runs=(Run(lr=0.1, start=(3.0, 4.0)), Run(lr=0.1), Run(lr=1, start=(5.0, 6.0))),
    )
    assert [run.start for run in experiment.with_problem(Formula(loss="b^2 + c^2")).runs] == [
        (4.0, 1.0),
        None,
        (6.0, 1.0),
    ]
    assert [run.start for run in experiment.with_problem(Formula(loss="z^2")).runs] == [None] * 3
    assert [run.start for run in experiment.with_problem(Formula(loss="a*b")).runs] == [(3, 4), None, (5, 6)]


def test_another_problem_keeps_the_batch_size_where_it_has_so_many_data() -> None:
    experiment = Experiment(problem=NoisyLine(n=100), runs=(Run(lr=0.1, start=(1.0, 1.0)),), batch_size=50)
    assert experiment.with_problem(Model(n=60)).batch_size == 50
    assert experiment.with_problem(Model(n=40)).batch_size is None
    assert experiment.with_problem(Rosenbrock()).batch_size is None
    assert experiment.with_problem(Rosenbrock()).runs[0].start is None
    with pytest.raises(ValueError, match="has 40 data points"):
        experiment.with_problem(NoisyLine(n=40))
