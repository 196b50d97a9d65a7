"""An explained step is the step that was made: the rule, walked line by line, ends where the trace goes on."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from lrstudio.core.formula.typeset import plain_text
from lrstudio.core.optimizers import OPTIMIZERS, SGD, Adam, AdamW, Muon, Newton, Optimizer, RMSprop, Rprop, Rule
from lrstudio.core.problems import (
    Classification,
    Digits,
    Formula,
    NoisyLine,
    Parabola,
    Problem,
    Ravine,
    Rosenbrock,
)
from lrstudio.core.schedules import SCHEDULES, Constant, Plateau, Schedule, Step, Warmup
from lrstudio.engine.experiment import PRECISIONS, Experiment, Gradient, Precision, Run
from lrstudio.engine.explain.explanation import Explanation, explain
from lrstudio.engine.explain.line import ShownParameters
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.explain.retraining import Stopped
from lrstudio.engine.explain.step_lines import update_lines
from lrstudio.engine.training.simulation import Simulation

STEPS = 40
EVERY_OPTIMIZER: tuple[Optimizer, ...] = (
    *(kind() for kind in OPTIMIZERS if kind is not Muon),
    SGD(momentum=0.9),
    SGD(momentum=0.9, nesterov=True),
    SGD(momentum=0.8, dampening=0.5, weight_decay=0.01),
    Adam(amsgrad=True, weight_decay=0.1),
    AdamW(amsgrad=True),
    RMSprop(centered=True, momentum=0.5),
    Rule(text="m = 0.9*m + g; s = max(s, abs(g)); w = w - lr*m/(s + 0.001)"),
    Rule(text="e = 0.5*e + newton; w = w - lr*e"),
    Rule(text="w = w - lr*where(g > 0, g, 2*g)/sqrt(t)"),
    Rule(text="k = k + 1; w = 1/k"),
)
EVERY_PROBLEM = (
    Parabola(),
    Ravine(),
    Rosenbrock(),
    NoisyLine(),
    Formula(loss="a^2 + b^2 + (c - 1)^2 + d^4 + (f - a)^2"),
)
TOLERANCE = {"float64": 1e-12, "float32": 3e-6, "mixed": 1e-12}


def trained(problem: Problem, optimizer: Optimizer | None = None, steps: int = STEPS, **other: Any) -> Simulation:
    run = Run(lr=other.pop("lr", 0.01), optimizer=optimizer or SGD(), schedule=other.pop("schedule", Constant()))
    simulation = Simulation(Experiment(problem=problem, runs=(run,), steps=STEPS, **other))
    simulation.advance(steps)
    return simulation


def explained(simulation: Simulation, step: int, parameter: int = 0) -> Explanation:
    found = explain(Replay(simulation.experiment, simulation.trace, 0), step, parameter)
    assert found is not None
    return found


def written(explanation: Explanation, section: str = "update") -> list[str]:
    """name = formula = numbers = value, for every parameter."""
    return [
        " = ".join(
            filter(
                None, [plain_text(line.name), plain_text(line.formula), plain_text(row.pieces), plain_text(row.result)]
            )
        )
        for line in explanation.lines
        if line.section == section
        for row in line.numbers
    ]


@pytest.mark.parametrize(("optimizer", "precision"), list(product(EVERY_OPTIMIZER, PRECISIONS)), ids=str)
def test_the_lines_of_every_rule_end_at_the_next_row(optimizer: Optimizer, precision: Precision) -> None:
    for problem in EVERY_PROBLEM:
        simulation = trained(problem, optimizer, precision=precision)
        trace = simulation.trace
        replay = Replay(simulation.experiment, trace, 0)
        index = ShownParameters(tuple(range(len(trace.names))), trace.names)
        for step in (0, 1, 2, 17, trace.rows(0) - 2):
            if not 0 <= step < trace.rows(0) - 1:
                continue
            lr = float(trace.read("lr", step, step + 1)[0, 0])
            _, after = update_lines(replay, index, step, lr, replay.whole(step), None)
            recorded = trace.read("params", step + 1, step + 2)[0, 0]
            np.testing.assert_allclose(after, recorded, rtol=TOLERANCE[precision], atol=TOLERANCE[precision])


@pytest.mark.parametrize("optimizer", EVERY_OPTIMIZER, ids=str)
def test_what_an_optimizer_remembers_is_found_again(optimizer: Optimizer) -> None:
    simulation = trained(Ravine(), optimizer)
    found = Replay(simulation.experiment, simulation.trace, 0).states(simulation.step)
    kept = simulation.states()[0]
    assert found.keys() == kept.keys()
    for name, values in kept.items():
        np.testing.assert_array_equal(found[name], values[0])


@pytest.mark.parametrize("schedule", [kind.suited(STEPS, 0.01) for kind in SCHEDULES], ids=str)
def test_the_lines_of_every_schedule_give_the_rate_that_was_used(schedule: Schedule) -> None:
    simulation = trained(Ravine(), schedule=schedule)
    for step in range(STEPS):
        found = explained(simulation, step)
        assert found.scheduled == pytest.approx(found.lr, rel=1e-12, abs=1e-300)
        last = [line for line in found.lines if line.section == "rate"][-1]
        assert (plain_text(last.name), last.numbers[0].value) == ("lr", found.scheduled)


def test_a_plateau_is_followed_through_its_falls_and_through_rates_that_were_changed() -> None:
    schedule = Plateau(patience=2, threshold=0.5)
    simulation = trained(Ravine(), schedule=schedule, steps=15)
    run = replace(simulation.experiment.runs[0], lr=0.1)
    simulation.amend(replace(simulation.experiment, runs=(run,)))
    simulation.advance(20)
    used = simulation.trace.read("lr", 0, 35)[:, 0]
    assert len(set(used)) > 4
    replay = Replay(simulation.experiment, simulation.trace, 0)
    for step in (*range(35), 3, 14, 15, 16):
        found = explain(replay, step)
        assert found is not None
        assert found.scheduled == pytest.approx(used[step], rel=1e-12)


def test_a_rate_that_was_changed_later_does_not_change_the_steps_before() -> None:
    simulation = trained(Ravine(), steps=10)
    simulation.amend(simulation.experiment.with_run(0, lr=0.02))
    simulation.advance(10)
    assert [explained(simulation, step).scheduled for step in (0, 9, 10, 19)] == [0.01, 0.01, 0.02, 0.02]


def test_gradient_descent_is_one_line_with_its_numbers() -> None:
    simulation = trained(Parabola(), SGD(), steps=3, lr=0.1)
    found = explained(simulation, 0)
    assert written(found) == ["w = w − lr·g = 5 − 0.1·12 = 3.8"]
    assert written(found, "loss") == [
        "loss = (w + 1)² = (5 + 1)² = 36",
        "g = dloss/dw = 2·(w + 1) = 2·(5 + 1) = 12",
    ]
    assert written(found, "rate") == ["lr = lr₀ = 0.1"]
    assert (found.loss, found.loss_after) == (36, pytest.approx(23.04))


def test_momentum_is_written_as_in_a_book() -> None:
    found = explained(trained(Parabola(), SGD(momentum=0.9), steps=3, lr=0.1), 1)
    assert written(found) == [
        "b = momentum·b + g = 0.9·12 + 9.6 = 20.4",
        "w = w − lr·b = 3.8 − 0.1·20.4 = 1.76",
    ]


def test_nesterov_looks_ahead_in_a_line_of_its_own() -> None:
    found = explained(trained(Parabola(), SGD(momentum=0.9, nesterov=True), steps=3, lr=0.1), 0)
    assert written(found) == [
        "b = momentum·b + g = 0.9·0 + 12 = 12",
        "step = g + momentum·b = 12 + 0.9·12 = 22.8",
        "w = w − lr·step = 5 − 0.1·22.8 = 2.72",
    ]


def test_adam_has_its_coefficients_as_numbers() -> None:
    found = explained(trained(Parabola(), Adam(), steps=3, lr=0.1), 0)
    assert written(found) == [
        "m = β₁·m + (1 − β₁)·g = 0.9·0 + 0.1·12 = 1.2",
        "v = β₂·v + (1 − β₂)·g² = 0.999·0 + 0.001·12² = 0.144",
        "w = w − lr·(m/(1 − β₁ᵗ))/(√(v/(1 − β₂ᵗ)) + ε) = 5 − 0.1·(1.2/0.1)/(√(0.144/0.001) + 10⁻⁸) = 4.9",
    ]


def test_a_schedule_is_written_with_the_branch_that_holds() -> None:
    found = explained(trained(Parabola(), schedule=Step(step_size=4, gamma=0.5), steps=12, lr=0.1), 9)
    assert written(found, "rate") == ["lr = lr₀·γ^(⌊t/step_size⌋) = 0.1·0.5^(⌊9/4⌋) = 0.025"]
    rising = trained(Parabola(), schedule=Warmup(total_iters=4, start_factor=0.5), steps=12, lr=0.1)
    assert written(explained(rising, 2), "rate") == [
        "share = start_factor + (1 − start_factor)·t/total_iters = 0.5 + (1 − 0.5)·2/4 = 0.75",
        "lr = lr₀·share = 0.1·0.75 = 0.075",
    ]
    assert written(explained(rising, 7), "rate") == ["lr = lr₀ = 0.1"]


def test_a_typed_rule_takes_the_branch_of_each_parameter() -> None:
    rule = Rule(text="w = w - lr*where(g > 0, g, 2*g)")
    found = explained(trained(Formula(loss="a^2 - b"), rule, steps=3, lr=0.1), 0)
    assert written(found) == [
        "w = w − lr·(g if g > 0, else 2·g) = 1 − 0.1·2 = 0.8",
        "w = w − lr·(g if g > 0, else 2·g) = 1 − 0.1·(2·(−1)) = 1.2",
    ]


def test_measured_gradients_show_the_losses_they_come_from() -> None:
    found = explained(trained(Parabola(), steps=2, gradient=Gradient(mode="forward")), 0)
    assert written(found, "loss")[1] == "g = (loss(w + ε) − loss)/ε,  ε = 0.0001 = (36.0012 − 36)/0.0001 = 12"


def test_of_many_parameters_one_is_written_out() -> None:
    simulation = trained(Formula(loss="a^2 + b^2 + (c - 1)^2"))
    found = explained(simulation, 0, parameter=1)
    assert [row.parameter for line in found.lines if line.section == "update" for row in line.numbers] == ["b"]
    assert [plain_text(line.name) for line in found.lines if line.role == "gradient"] == ["g_b"]


@pytest.mark.parametrize("optimizer", [SGD(momentum=0.9), Adam(), Newton()], ids=str)
def test_a_network_is_explained_by_the_weights_that_are_recorded(optimizer: Optimizer) -> None:
    problem = Classification(layers=1, units=2) if isinstance(optimizer, Newton) else Digits()
    simulation = trained(problem, optimizer, batch_size=16)
    for step in (0, 7, STEPS - 1):
        found = explained(simulation, step, parameter=2)
        replay = Replay(simulation.experiment, simulation.trace, 0)
        index = ShownParameters((2,), simulation.trace.names)
        _, after = update_lines(replay, index, step, found.lr, replay.whole(step), None)
        np.testing.assert_allclose(after, found.after, rtol=1e-9, atol=1e-12)


def test_the_newest_step_is_foretold_and_then_comes_true() -> None:
    simulation = trained(Ravine(), Adam(), steps=5, lr=0.1)
    foretold = explained(simulation, 5)
    assert (foretold.step, foretold.recorded) == (5, False)
    simulation.advance(1)
    made = explained(simulation, 5)
    assert made.recorded
    np.testing.assert_allclose(foretold.after, made.after, rtol=1e-14)
    assert foretold.loss_after == pytest.approx(made.loss_after, rel=1e-12)
    assert foretold.lr == made.lr


def test_a_run_that_is_done_shows_its_last_step() -> None:
    found = explained(trained(Ravine()), STEPS)
    assert (found.step, found.recorded) == (STEPS - 1, True)


def test_the_step_at_which_a_run_diverged_is_explained() -> None:
    simulation = trained(Parabola(), lr=1e300, steps=10)
    last = simulation.trace.rows(0) - 1
    found = explained(simulation, STEPS)
    assert (found.step, found.recorded) == (last, False)
    assert not np.isfinite(found.loss_after)


def test_a_weight_that_float32_cannot_move_is_told() -> None:
    simulation = trained(Parabola(), lr=1e-10, precision="float32")
    assert explained(simulation, 3).unmoved == ("w",)
    assert explained(trained(Parabola(), lr=1e-10), 3).unmoved == ()


def test_directions_and_sizes_are_told_apart() -> None:
    found = explained(trained(Ravine(), Adam()), 3)
    roles = {plain_text(line.name): line.role for line in found.lines}
    assert roles == {
        "loss": "plain",
        "g_x": "gradient",
        "g_y": "gradient",
        "lr": "plain",
        "m": "direction",
        "v": "scale",
        "w": "step",
    }


def test_a_replay_stops_when_it_is_told_to() -> None:
    simulation = trained(Ravine(), Adam())
    with pytest.raises(Stopped):
        explain(Replay(simulation.experiment, simulation.trace, 0), 30, stop=lambda: True)


def test_a_place_that_was_passed_is_not_computed_again() -> None:
    simulation = trained(Ravine(), Adam())
    object.__setattr__(simulation.experiment, "steps", 3_000)
    simulation.advance(2_000)
    replay = Replay(simulation.experiment, simulation.trace, 0)
    explain(replay, 1_500)
    asked: list[None] = []
    explain(replay, 1_540, stop=lambda: bool(asked.append(None)))
    assert len(asked) < 100


def test_a_step_from_infinity_to_infinity_has_no_length() -> None:
    problem = Formula(loss="1e308*w^2")
    run = Run(lr=0.1, optimizer=Rprop(), start=(1e150,))
    simulation = Simulation(Experiment(problem=problem, runs=(run,), steps=STEPS, precision="float32"))
    simulation.advance(STEPS)
    assert np.isnan(explained(simulation, 0).stretch).all()
