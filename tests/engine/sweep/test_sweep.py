"""A sweep gives, without traces, what simulations give with them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from lrstudio.core.analysis.verdict import CYCLING, DIVERGED, VERDICTS
from lrstudio.core.optimizers import SGD, Adam, Newton, Optimizer, RMSprop
from lrstudio.core.problems import (
    Ackley,
    Classification,
    NoisyLine,
    Parabola,
    Problem,
    Proportional,
    Quadratic,
    Quartic,
    Rosenbrock,
)
from lrstudio.core.problems.base import Surface
from lrstudio.core.schedules import Cyclic, Exponential, Plateau
from lrstudio.engine.experiment import PRECISIONS, Experiment, Gradient, Run
from lrstudio.engine.judgement import judge_run
from lrstudio.engine.sweep.axis import Axis, is_whole, names
from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.sweep import Sweep, boundary
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import UNENDED

RATES = tuple(np.geomspace(1e-4, 3, 23).tolist())


def experiment(problem: Problem | None = None, optimizer: Optimizer | None = None, **given: Any) -> Experiment:
    run = Run(lr=0.01, optimizer=optimizer or SGD(), schedule=given.pop("schedule", Run(lr=1.0).schedule))
    return Experiment(problem=problem or Proportional(), runs=(run,), **({"steps": 70} | given))


CASES = [
    (experiment(), Axis("optimizer.momentum", (0.0, 0.5, 0.9))),
    (experiment(optimizer=SGD(momentum=0.5), target_loss=0.5), Axis("optimizer.dampening", (0.0, 0.5))),
    (experiment(Rosenbrock(), Adam()), Axis("optimizer.beta2", (0.5, 0.999))),
    (experiment(Parabola(), RMSprop(), schedule=Exponential()), Axis("schedule.gamma", (0.5, 0.9, 0.99))),
    (experiment(NoisyLine(), batch_size=7, steps=40), Axis("start.b", (-3.0, 0.0, 2.5))),
    (experiment(NoisyLine(), batch_size=3, target_loss=1.0), Axis("batch_size", (1.0, 5.0))),
    (experiment(Quadratic()), Axis("problem.condition", (1.0, 50.0))),
    (experiment(NoisyLine(), batch_size=5), Axis("seed", (0.0, 4.0))),
    (experiment(Parabola(), precision="float32"), Axis("start.0", (5.0, 100.0))),
    (experiment(NoisyLine(), schedule=Plateau(patience=3)), Axis("schedule.factor", (0.1, 0.5))),
    (experiment(schedule=Cyclic()), Axis("schedule.step_size_up", (5.0, 20.0))),
    (experiment(Rosenbrock(), Newton()), Axis("start.x", (-1.0, 0.5))),
    (experiment(precision="mixed", gradient=Gradient(mode="forward")), Axis("start.w", (0.0, 1.0))),
]


@pytest.mark.parametrize(("base", "over"), CASES, ids=[over.name for _, over in CASES])
def test_every_cell_is_what_a_simulation_of_it_gives(base: Experiment, over: Axis) -> None:
    sweep = Sweep(base, [Axis("lr", RATES), over])
    result = sweep.run()
    assert result.verdict.shape == sweep.shape == (len(over.values), len(RATES))
    for cell in range(sweep.cells):
        opened = sweep.experiment_at(cell)
        simulation = Simulation(replace(opened, target_loss=None))
        simulation.advance(opened.steps)
        trace = simulation.trace
        trace.find_hits(opened.target_loss)
        losses = trace.read("loss")[: trace.rows(0), 0]
        found = result.at(np.unravel_index(cell, sweep.shape))
        end = trace.ends[0]
        assert found.diverged_at == (UNKNOWN if end == UNENDED else end)
        hit = trace.reached(0)
        assert found.steps_to_target == (UNKNOWN if hit is None else hit)
        exact = {"rel": 1e-9} if base.problem.key == "noisy_line" else {"rel": 0, "abs": 0}
        if base.batch_size is None:
            assert found.final_loss == pytest.approx(losses[-1], **exact)
            assert found.best_loss == pytest.approx(losses.min(), **exact)
        elif end == UNENDED:
            final = simulation.objective.loss(trace.read("params")[-1])[0]
            assert found.final_loss == pytest.approx(final, rel=1e-9)
        verdict = judge_run(opened, trace, 0, simulation.objective)
        assert VERDICTS[int(found.verdict)] == verdict.key, (opened, verdict.sentence)


CUT = [
    *(experiment(problem, precision=precision) for problem in (Proportional(), Quartic()) for precision in PRECISIONS),
    experiment(Ackley(), Adam()),
    experiment(NoisyLine(), batch_size=7),
    experiment(NoisyLine(), precision="float32"),
    experiment(Rosenbrock(), Newton()),
    experiment(Classification(), Adam(), steps=20),
    experiment(Classification(), steps=20, batch_size=20, precision="float32"),
]


@pytest.mark.parametrize("base", CUT, ids=lambda base: f"{base.problem.key} {base.precision} {base.batch_size}")
@pytest.mark.parametrize("pieces", [len(RATES), 8, 2])
def test_no_bit_of_a_result_depends_on_the_runs_beside_it(base: Experiment, pieces: int) -> None:
    sweep = Sweep(base, [Axis("lr", RATES)])
    together, apart = sweep.run(), Summary.empty(sweep.shape)
    for cells in np.array_split(np.arange(sweep.cells), pieces):
        for members, part in sweep.chunks(cells):
            apart.put(members, part)
    for column in fields(Summary):
        np.testing.assert_array_equal(getattr(apart, column.name), getattr(together, column.name), column.name)


def test_it_can_be_stopped_and_says_how_far_it_is() -> None:
    seen: list[float] = []
    rates = tuple(np.geomspace(1e-3, 1, 40_000).tolist())
    result = Sweep(experiment(steps=20), [Axis("lr", rates)]).run(lambda: len(seen) >= 2, seen.append)
    assert len(seen) == 2 and 0 < seen[0] < seen[1] < 1
    known = result.verdict != UNKNOWN
    assert known.mean() == pytest.approx(seen[-1])
    assert np.isnan(result.final_loss[~known]).all()


def test_a_stop_within_a_chunk_takes_effect_at_the_next_step() -> None:
    asked = []
    Sweep(experiment(steps=1000), [Axis("lr", (0.01, 0.02))]).run(lambda: asked.append(1) or len(asked) > 5)
    assert len(asked) == 6


def test_after_any_question_that_is_answered_with_stop_nothing_more_is_computed() -> None:
    asked: list[int] = []
    swept = Sweep(experiment(steps=70), [Axis("lr", (0.01, 0.02))])
    swept.run(lambda: bool(asked.append(1)))
    for last in range(1, len(asked) + 1):
        questions: list[int] = []
        found = swept.run(lambda: questions.append(1) or len(questions) == last)  # noqa: B023
        assert len(questions) == last and (found.verdict == UNKNOWN).all()


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ([Axis("lr", (-1.0, 1.0))], "lr"),
        ([Axis("lr", (float("nan"),))], "lr"),
        ([Axis("lr", ())], "0 values"),
        ([Axis("optimizer.momentum", (0.5, 1.5))], "optimizer.momentum: momentum = 1.5: must be"),
        ([Axis("optimizer.nesterov", (0.0,))], "cannot be swept; there are optimizer.momentum"),
        ([Axis("problem.n", (3.0,))], "there is nothing to sweep"),
        ([Axis("start.2", (3.0,))], "there are start.w, start.b"),
        ([Axis("batch_size", (1.5,))], "whole number"),
        ([Axis("batch_size", (5.0,))], "4 data points"),
        ([Axis("colour", (1.0,))], "there are lr, optimizer.momentum"),
        ([Axis("lr", (1.0,)), Axis("lr", (1.0,))], "one or two names"),
    ],
)
def test_what_cannot_be_swept_is_refused(axes: list[Axis], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sweep(experiment(), axes)


def test_names_are_those_that_can_be_swept() -> None:
    base = experiment(NoisyLine(), batch_size=5)
    found = names(base)
    assert found[0] == "lr" and {"start.w", "problem.noise", "batch_size", "optimizer.momentum"} <= set(found)
    low = {"optimizer.momentum": 0.1, "problem.n": 50.0, "batch_size": 3.0, "seed": 1.0}
    for name in found:
        Sweep(base, [Axis(name, (low.get(name, 0.5),))])
    assert is_whole(base, 0, "problem.n") and not is_whole(base, 0, "start.w")


LIMITS = [
    (Parabola(), [2.0]),
    (Proportional(), np.linalg.eigvalsh([[15.0, 5.0], [5.0, 2.0]])),
    *[(Quadratic(condition=k, angle=a), [1.0, k]) for k in (1.0, 7.0, 1e3, 1e6) for a in (30.0, -70.0)],
]


def line_curvatures(seed: int) -> np.ndarray:
    x = NoisyLine().data(seed)["x"]
    return np.linalg.eigvalsh(2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1.0]]))


FORMS = [(0.0, False), (0.5, False), (0.9, False), (0.5, True), (0.9, True)]


@pytest.mark.parametrize(("momentum", "nesterov"), FORMS)
@pytest.mark.parametrize(("problem", "bent"), [*LIMITS, (NoisyLine(), line_curvatures(0))], ids=str)
def test_the_measured_boundary_is_the_limit_within_one_of_2048_rates(
    problem: Problem, bent: list[float], momentum: float, nesterov: bool
) -> None:
    steep = max(bent)
    limit = 2 * (1 + momentum) / (steep * (1 + 2 * momentum)) if nesterov else 2 * (1 + momentum) / steep
    rates = np.geomspace(limit / 1000, limit * 10, 2048)
    base = experiment(problem, SGD(momentum=momentum, nesterov=nesterov), steps=400)
    result = Sweep(base, [Axis("lr", tuple(rates.tolist()))]).run()
    low, high = boundary(rates, result.verdict == DIVERGED)
    cell = rates[1] / rates[0]
    assert low / cell <= limit <= high * cell
    assert (result.verdict[rates > high] == DIVERGED).all()


def typed(formula: str, parameters: tuple[str, ...], begin: tuple[float, ...]) -> Problem:
    """A loss of which nothing is known but its formula."""

    class Typed(Surface):
        key, title, loss, names, start = "typed", "Typed", formula, parameters, begin
        domain = ((-1.0, 1.0),) * len(parameters)
        known_minima, least = (), None

    return Typed()


@pytest.mark.parametrize(
    ("problem", "steepest"),
    [
        (typed("3*(a - 2)^2 + 0.1*a + 7", ("a",), (9.0,)), 6.0),
        (typed("(u + v - 1)^2 + 5*(u - v)^2 + 0.3*w^2", ("u", "v", "w"), (1.0, -2.0, 3.0)), 20.0),
        (typed("cosh(p) + 4*q^2", ("p", "q"), (0.3, 0.1)), 8.0),
        (typed("log(1 + exp(s)) + log(1 + exp(-s)) + s^2", ("s",), (0.5,)), 2.5),
    ],
    ids=lambda value: getattr(value, "loss", None),
)
@pytest.mark.parametrize(("momentum", "nesterov"), FORMS)
def test_on_formulas_never_seen_the_converging_rates_end_at_the_limit(
    problem: Problem, steepest: float, momentum: float, nesterov: bool
) -> None:
    limit = 2 * (1 + momentum) / (steepest * (1 + 2 * momentum) if nesterov else steepest)
    rates = np.geomspace(limit / 30, limit * 3, 2048)
    base = experiment(problem, SGD(momentum=momentum, nesterov=nesterov), steps=3000)
    result = Sweep(base, [Axis("lr", tuple(rates.tolist()))]).run()
    low, high = boundary(rates, np.isin(result.verdict, (DIVERGED, CYCLING)))
    cell = rates[1] / rates[0]
    assert low / cell <= limit <= high * cell, [VERDICTS[v] for v in result.verdict[::100]]


def test_a_network_is_swept_as_it_is_run() -> None:
    base = experiment(Classification(), SGD(momentum=0.5), steps=25, batch_size=20)
    sweep = Sweep(base, [Axis("lr", (0.01, 0.3, 3.0)), Axis("optimizer.momentum", (0.0, 0.9))])
    result = sweep.run()
    for cell in range(sweep.cells):
        opened = sweep.experiment_at(cell)
        simulation = Simulation(opened)
        simulation.advance(opened.steps)
        found = result.at(np.unravel_index(cell, sweep.shape))
        assert found.final_loss == pytest.approx(simulation.trace.judged(opened.steps)[0], rel=1e-6)
        least = simulation.trace.least(opened.steps)
        assert least is not None and found.best_loss == pytest.approx(least[0], rel=1e-6)
        assert VERDICTS[int(found.verdict)] in VERDICTS
    with pytest.raises(ValueError, match="start"):
        Sweep(base, [Axis("start.0", (1.0,))])
