"""Typed formulas in session files."""

from typing import Any

import numpy as np
import pytest

from lrstudio.core.optimizers import SGD, Rule
from lrstudio.core.problems import Formula, Model
from lrstudio.core.problems.base import Problem
from lrstudio.core.schedules import Rule as ScheduleRule
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.codec import decode, encode
from lrstudio.store.fields import SessionError
from lrstudio.store.session import Session, from_bytes, to_bytes

RUNS = (
    Run(lr=0.01, optimizer=Rule(text="m = 0.9*m + g\nw = w - lr*m"), schedule=ScheduleRule()),
    Run(lr=0.01, optimizer=SGD(momentum=0.5)),
    Run(lr=0.02, optimizer=Rule(text="M = max(M, g^2); m = m + g/sqrt(M + 1e-3); w = w - lr*m")),
    Run(lr=0.01, schedule=ScheduleRule(text="s = sin(t/5)^2; lr = lr0*s")),
)


@pytest.mark.parametrize(
    "problem",
    [Formula(loss="a^2 + cosh(b*c)", area="-4..4"), Formula(loss="mean((q*x - y)^2)", noise=0.5), Model(n=30)],
)
def test_a_session_of_typed_formulas_comes_back_and_goes_on_bit_for_bit(problem: Problem) -> None:
    experiment = Experiment(problem=problem, runs=RUNS, steps=60, seed=5)
    straight = Simulation(experiment)
    straight.advance(60)
    begun = Simulation(experiment)
    begun.advance(25)
    session = from_bytes(bytes(to_bytes(Session.of(begun))))
    assert session.experiment == experiment
    resumed = session.simulation()
    resumed.advance(35)
    for column in straight.trace.columns:
        np.testing.assert_array_equal(resumed.trace.read(column), straight.trace.read(column))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda document: document["problem"]["values"].update(loss="a +"), "column 4"),
        (lambda document: document["problem"]["values"].update(loss=3), "must be a text"),
        (lambda document: document["problem"]["values"].update(area="4"), "must be an interval"),
        (lambda document: document["runs"][0]["optimizer"]["values"].update(text="w = foo"), "unknown name 'foo'"),
        (lambda document: document["runs"][0]["schedule"]["values"].update(text="lr = w"), "unknown name 'w'"),
    ],
)
def test_a_formula_that_was_damaged_is_refused_with_its_place(change: Any, says: Any) -> None:
    document = encode(Experiment(problem=Formula(), runs=RUNS))
    change(document)
    with pytest.raises(SessionError, match=says) as caught:
        decode(document)
    assert "values" in str(caught.value)
