"""Verdicts of traces: live, in words, with numbers that prove them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.core.optimizers import SGD, Adam, Lion, Rule
from lrstudio.core.problems import PROBLEMS, Digits, NoisyLine, Parabola, Plateau, Problem, Proportional, Quadratic
from lrstudio.core.schedules import Cosine, Exponential, Linear
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.judgement import judge_run
from lrstudio.engine.training.simulation import Simulation


def judged(experiment: Experiment, steps: int | None = None, row: int | None = None) -> Verdict:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps if steps is None else steps)
    return judge_run(experiment, simulation.trace, 0, simulation.objective, row=row)


def one(problem: Problem, lr: float, steps: int, **given: Any) -> Experiment:
    return Experiment(problem=problem, runs=(Run(lr=lr, **given),), steps=steps)


TEXT_1 = replace(one(Proportional(), 1.0, 1000), precision="mixed", gradient=Gradient(mode="forward", eps=1e-4))


@pytest.mark.parametrize(
    ("experiment", "key", "reason"),
    [
        (one(Parabola(), 0.01, 20), "too_slow", "slow"),
        (one(Parabola(), 0.05, 20), "converging", "pace"),
        (one(Parabola(), 0.99, 20), "oscillating", "reversing"),
        (one(Parabola(), 1.0, 20), "cycling", "cycle"),
        (one(Parabola(), 1.1, 20), "diverged", "growth"),
        (one(Parabola(), 1.1, 5000), "diverged", "overflow"),
        (one(Parabola(), 0.3, 20), "arrived", "minimum"),
        (replace(one(Parabola(), 0.3, 20), target_loss=1.0), "arrived", "target"),
        (TEXT_1, "stuck", "rounded"),
        (replace(one(Parabola(), 1e-9, 20), precision="float32"), "stuck", "float32"),
        (one(Parabola(), 0.0, 20), "stuck", "zero_rate"),
        (one(Parabola(), 0.1, 100, schedule=Exponential(gamma=0.5)), "plateau", "faded"),
        (one(Parabola(), 0.01, 100, schedule=Linear(total_iters=50)), "plateau", "faded_away"),
        (one(Proportional(), 1.0, 150, schedule=Linear(total_iters=100)), "diverged", "above_start"),
        (one(Proportional(), 1.0, 150, schedule=Cosine(T_max=100)), "diverged", "above_start"),
        (one(Plateau(), 0.01, 50), "plateau", "flat"),
        (replace(one(NoisyLine(), 0.2, 500), batch_size=1), "plateau", "noise"),
        (replace(one(Digits(), 0.003, 200), batch_size=32), "too_slow", "slow"),
        (replace(one(Digits(), 0.1, 600), batch_size=32), "converging", "pace"),
        (replace(one(Digits(), 3.0, 200), batch_size=32), "plateau", "weights_grew"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_verdict_has_its_sentence(experiment: Experiment, key: str, reason: str) -> None:
    found = judged(experiment)
    assert (found.key, found.reason) == (key, reason)
    assert found.sentence.endswith(".") and "{" not in found.sentence and "nan" not in found.sentence
    assert not re.search(r"(?<![\d.])\d{3,} %|e\+\d+ %", found.sentence)
    assert all(np.isfinite(value) for value in found.numbers.values())


def test_the_numbers_are_those_of_the_book() -> None:
    found = judged(one(Parabola(), 0.99, 20))
    assert found.numbers["limit"] == pytest.approx(1.0)
    assert found.numbers["predicted"] == pytest.approx(0.98)
    assert found.numbers["factor"] == pytest.approx(0.98)
    assert found.numbers["left"] == pytest.approx(0.98**40)
    assert "0.99 is below the largest stable rate 2/λ = 1" in found.sentence
    line = judged(one(Proportional(), 0.05, 300))
    assert (line.numbers["least"], line.numbers["greatest"]) == pytest.approx((0.2994, 16.7006), abs=1e-4)
    assert line.numbers["factor"] == pytest.approx(line.numbers["predicted"], rel=1e-6)
    momentum = judged(one(Quadratic(), 0.3, 100, optimizer=SGD(momentum=0.9)))
    assert momentum.numbers["limit"] == pytest.approx(0.38)


def test_a_growing_run_is_called_diverged_long_before_it_overflows() -> None:
    for steps in range(3, 30):
        found = judged(one(Parabola(), 1.1, 1000), steps)
        assert found.key == "diverged" and found.numbers["factor"] == pytest.approx(1.2)


def test_a_live_verdict_looks_ahead_to_the_planned_steps() -> None:
    assert judged(one(Parabola(), 0.01, 20), 10).key == "too_slow"
    assert judged(one(Parabola(), 0.01, 2000), 10).key == "converging"


def test_an_earlier_row_is_judged_as_if_the_run_had_ended_there() -> None:
    experiment = one(Proportional(), 0.03, 500)
    for row in (5, 60, 300):
        assert judged(experiment, row=row) == judged(experiment, row)


@pytest.mark.parametrize("steps", range(8))
def test_the_first_steps_have_a_verdict_too(steps: int) -> None:
    for lr in (0.0, 0.01, 0.5, 0.99, 1.0, 1.5, 1e300):
        assert judged(one(Parabola(), lr, 100), steps).key in VERDICTS


def test_adams_limit_is_quoted_with_its_bias_correction_where_the_trace_tells_its_preconditioner() -> None:
    for optimizer in (Adam(), Adam(beta1=0.99)):
        experiment = one(Proportional(), 0.1, 50, optimizer=optimizer)
        simulation = Simulation(experiment)
        simulation.advance(50)
        scale = optimizer.preconditioner(simulation.states()[0], 50)
        assert scale is not None
        found = judge_run(experiment, simulation.trace, 0, simulation.objective)
        top = np.linalg.eigvals(np.array([[15.0, 5.0], [5.0, 2.0]]) / scale.T).real.max()
        beta = optimizer.beta1
        assert found.numbers["limit"] == pytest.approx(2 * (1 + beta) / (1 - beta) * (1 - beta**50) / top)
    unknown = judged(one(Proportional(), 0.1, 50, optimizer=Adam(amsgrad=True)))
    assert "greatest" in unknown.numbers and "limit" not in unknown.numbers


def test_where_no_theory_is_known_the_proof_says_so_in_place_of_the_limit() -> None:
    for optimizer in (Lion(), Rule(text="w = w - lr*g")):
        found = judged(one(Parabola(), 0.01, 50, optimizer=optimizer))
        assert "No theory known for this optimizer, so no limit." in found.sentence and "limit" not in found.numbers
    assert "theory" not in judged(one(Parabola(), 0.01, 50)).sentence


@pytest.mark.parametrize("kind", PROBLEMS, ids=lambda kind: kind.key)
def test_every_problem_is_judged_at_all_rates_without_a_warning(kind: type[Problem]) -> None:
    problem = Digits(hidden=(8,), n=200) if kind is Digits else kind()  # few images: the rates matter here
    rates = np.geomspace(1e-6, 1e3, 12)
    runs = [Run(lr=float(lr), optimizer=optimizer) for lr in rates for optimizer in (SGD(momentum=0.5), Adam(), Lion())]
    experiment = Experiment(problem=problem, runs=tuple(runs), steps=60)
    simulation = Simulation(experiment)
    simulation.advance(60)
    found = [judge_run(experiment, simulation.trace, run, simulation.objective) for run in range(len(experiment.runs))]
    assert len({verdict.key for verdict in found}) > 1
    assert all(verdict.sentence and verdict.key in VERDICTS for verdict in found)
