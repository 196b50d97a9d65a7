"""Gradients that are clipped before an update, and the lengths that a rule may read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.optimizers import SGD, Adam, Newton, Optimizer, Rule
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.explain.explanation import explain
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.training.numpy_recorder import NumpyRecorder
from lrstudio.engine.training.simulation import Simulation

RUNS = (
    "--run lr=0.03;optimizer=adam:clip_norm=0.5 --run lr=0.01;optimizer=adam:clip_value=0.1 "
    "--run lr=0.02;optimizer=adam:clip_norm=0.7 "
    "--run 'lr=0.01;optimizer=rule:text=s=0.9*s+norm(w);w=w-lr*g/(norm(g)+s)'"
)


def trained(experiment: Experiment, *, numpy: bool = False) -> Simulation:
    simulation = Simulation(experiment)
    if numpy:
        simulation.__dict__["_recorder"] = NumpyRecorder(
            simulation.runner, simulation.trace, experiment.problem.recorded
        )
    simulation.advance(experiment.steps)
    return simulation


@pytest.mark.parametrize("precision", ["float64", "float32", "mixed"])
@pytest.mark.parametrize(
    "problem",
    [
        "rosenbrock",
        "noisy_line --batch-size 7",
        "classification:n=60 --batch-size 16",
        "formula:loss=a^4+b^4+c^4+d^4+(a-f)^2+h^2 --start=1,2,3,4,5,6",
    ],
)
def test_kernels_and_numpy_clip_with_the_same_bits(problem: str, precision: str) -> None:
    experiment = experiment_of(f"--problem {problem} --precision {precision} --steps 20 {RUNS}")
    one, other = trained(experiment), trained(experiment, numpy=True)
    assert type(one.__dict__["_recorder"]) is not NumpyRecorder
    for column in ("params", "grad", "loss"):
        np.testing.assert_array_equal(one.trace.read(column), other.trace.read(column))


@pytest.mark.parametrize("precision", ["float64", "float32", "mixed"])
def test_a_sweep_clips_as_a_run_does_whatever_it_goes_over(precision: Any) -> None:
    experiment = experiment_of(f"--problem rosenbrock --optimizer sgd --lr 0.1 --steps 20 --precision {precision}")
    axes = (Axis("lr", (0.01, 0.1)), Axis("optimizer.clip_norm", (0.1, 2.0, 1e6)))
    for first in (experiment, experiment.with_run(0, optimizer=SGD(clip_norm=3.0))):
        found = Sweep(first, axes).run().final_loss.ravel()
        for index, (lr, most) in enumerate((lr, most) for most in axes[1].values for lr in axes[0].values):
            alone = trained(experiment.with_run(0, lr=lr, optimizer=SGD(clip_norm=most)))
            assert found[index] == pytest.approx(alone.trace.read("loss")[-1, 0], rel=1e-12)


def test_a_clipped_step_is_no_longer_than_the_rate_allows() -> None:
    simulation = trained(experiment_of("--problem rosenbrock --optimizer sgd:clip_norm=2 --lr 0.1 --steps 30"))
    moves = np.linalg.norm(np.diff(simulation.trace.read("params")[:, 0], axis=0), axis=1)
    assert moves.max() <= 0.2 and moves[0] == pytest.approx(0.2, rel=1e-6)


def test_one_kind_of_clipping_takes_the_place_of_the_other_in_a_form() -> None:
    with pytest.raises(ValueError, match="set only one of them"):
        Adam(clip_norm=1.0, clip_value=1.0)
    changed = Adam(clip_norm=1.0).changed("clip_value", 2.0)
    assert (changed.clip_norm, changed.clip_value) == (None, 2.0)
    assert Adam(clip_norm=1.0).changed("clip_value", None).clip_norm == 1.0
    assert Adam(clip_norm=1.0).unclipped == Adam() and not Adam().clips
    assert [parameter.name for parameter in Adam.parameters()][-2:] == ["clip_norm", "clip_value"]
    assert Newton().idle() == {"clip_norm", "clip_value"} and Adam().idle() == set()


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (Rule(text="w = w - lr*g/norm(g)"), [1.0, 0.9, 0.8]),
        (Rule(text="clipped = g; w = w - lr*clipped", clip_value=2.0), [1.0, 0.8, 0.6]),
        (Rule(text="share = 2; w = w - lr*g*share*norm(g)", clip_norm=3.0), [1.0, -0.8, 1.0]),
        (Rule(text="norm = 2; w = w - lr*norm*norm(w)"), [1.0, 0.8, 0.64]),
    ],
)
def test_typed_rules_read_lengths_and_are_clipped(optimizer: Optimizer, expected: list[float]) -> None:
    np.testing.assert_allclose(optimizer.path(lambda w: 4 * w, w=1, lr=0.1, steps=2), expected, rtol=1e-5)


@pytest.mark.parametrize("problem", ["rosenbrock", "classification:n=60 --batch-size 16"])
def test_a_step_is_explained_with_the_length_of_the_whole_gradient(problem: str) -> None:
    experiment = experiment_of(f"--problem {problem} --optimizer adam:clip_norm=0.01 --lr 0.1 --steps 9")
    trace = trained(experiment).trace
    explanation = explain(Replay(experiment, trace, 0), 5)
    assert explanation is not None
    (share,) = (line for line in explanation.lines if line.key == "update:0")
    g = trace.read("grad_norm")[5, 0] if "grad_norm" in trace.columns else np.linalg.norm(trace.read("grad")[5, 0])
    assert share.numbers[0].value == pytest.approx(0.01 / (g + 1e-6))
    (last,) = (line for line in explanation.lines if line.role == "step")
    assert last.numbers[0].value == trace.read("params")[6, 0, 0]
