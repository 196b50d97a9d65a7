"""The curvature along a trace, against eigenvalues of Hessians that the test makes itself at the recorded weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Classification, Proportional, Rosenbrock
from lrstudio.engine.curvature_track import COARSE, FINE, CurvatureTrack, Samples
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation

BY_KEY = {example.key: example.experiment for example in EXAMPLES}


def measured(track: CurvatureTrack) -> Samples:
    """Everything that the track wants to know."""
    while steps := track.missing(whole=True):
        track.measure(steps, lambda: False)
    return track.samples()


def tracked(experiment: Experiment, steps: int) -> tuple[Simulation, CurvatureTrack]:
    simulation = Simulation(experiment)
    simulation.advance(steps)
    return simulation, CurvatureTrack(experiment, simulation.trace)


def network_hessian(experiment: Experiment, w: np.ndarray) -> np.ndarray:
    """Of a tanh network with one output and the logistic loss, from its own forward and backward pass, by columns."""
    problem = experiment.problem
    assert isinstance(problem, Classification)
    split = problem.split(experiment.seed)

    def gradient(w: np.ndarray) -> np.ndarray:
        layers, at, width = [], 0, split.x.shape[1]
        for units in (*[problem.units] * problem.layers, 1):
            layers.append((w[at : at + units * width].reshape(units, width), w[at + units * width :][:units]))
            at, width = at + units * (width + 1), units
        outputs = [split.x]
        for index, (matrix, bias) in enumerate(layers):
            z = outputs[-1] @ matrix.T + bias
            outputs.append(z if index == len(layers) - 1 else np.tanh(z))
        delta = (1 / (1 + np.exp(-outputs[-1])) - split.labels[:, None]) / len(split.labels)
        parts = []
        for (matrix, _), before in zip(reversed(layers), reversed(outputs[:-1]), strict=True):
            parts.append(np.concatenate([(delta.T @ before).ravel(), delta.sum(axis=0)]))
            delta = (delta @ matrix) * (1 - before**2)
        return np.concatenate(parts[::-1])

    nudge = 1e-4
    columns = [(gradient(w + nudge * unit) - gradient(w - nudge * unit)) / (2 * nudge) for unit in np.eye(len(w))]
    hessian = np.stack(columns)
    return (hessian + hessian.T) / 2


def test_of_a_formula_it_is_the_exact_eigenvalue_at_the_recorded_weights() -> None:
    runs = (Run(lr=0.001), Run(lr=0.0005, optimizer=SGD(momentum=0.9)), Run(lr=0.02, optimizer=Adam()))
    simulation, track = tracked(Experiment(problem=Rosenbrock(), runs=runs, steps=900), 900)
    samples = measured(track)
    assert samples.steps[0] == 0 and samples.steps[-1] == 900 and len(samples.steps) > FINE / 2
    for index, step in enumerate(samples.steps.astype(int)):
        for run, (x, y) in enumerate(simulation.trace.read("params", step, step + 1)[0]):
            hessian = np.array([[2 - 400 * (y - 3 * x**2), -400 * x], [-400 * x, 200.0]])
            assert samples.curvatures[index, run] == pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-9)
    np.testing.assert_allclose(samples.limits[:, 0], 2 / 0.001)
    np.testing.assert_allclose(samples.limits[:, 1], 3.8 / 0.0005)
    assert np.isnan(samples.limits[:, 2]).all()


def test_of_a_network_it_is_the_eigenvalue_of_its_whole_hessian_at_the_snapshots() -> None:
    experiment = replace(BY_KEY["edge"], steps=700)
    simulation, track = tracked(experiment, 700)
    samples = measured(track)
    snapshots = simulation.trace.snapshots
    assert snapshots is not None and samples.steps.tolist() == snapshots.steps
    for index in range(0, len(samples.steps), 70):
        w = snapshots.at(int(samples.steps[index]))[1]
        for run in range(3):
            expected = np.linalg.eigvalsh(network_hessian(experiment, w[run]))[-1]
            assert samples.curvatures[index, run] == pytest.approx(expected, rel=1e-3)


def test_it_goes_from_coarse_to_fine_the_newest_first() -> None:
    _, track = tracked(Experiment(problem=Proportional(), runs=(Run(lr=0.01),), steps=5000), 5000)
    rounds: list[set[int]] = []
    while steps := track.missing(whole=True):
        assert steps == sorted(steps, reverse=True)
        assert not set(steps) & set[int]().union(*rounds)
        rounds.append(set(steps))
        track.measure(steps, lambda: False)
    assert rounds[0] >= {0, 1, 2, 4, 4096, 5000} and COARSE / 2 < len(rounds[0]) < 2 * COARSE
    assert len(set[int]().union(*rounds)) < FINE + 20


def test_a_longer_trace_makes_few_new_steps_necessary_and_old_ones_are_not_measured_again() -> None:
    simulation, track = tracked(Experiment(problem=Proportional(), runs=(Run(lr=0.01),), steps=5000), 1000)
    before = set(measured(track).steps)
    simulation.advance(1000)
    after = []
    while steps := track.missing(whole=False):
        after += steps
        track.measure(steps, lambda: False)
    assert not set(after) & before
    assert len(after) < 0.7 * FINE
    assert len(track.samples().steps) < FINE + 20


def test_it_ends_early_when_told_and_goes_on_later() -> None:
    _, track = tracked(BY_KEY["moons"], 100)
    steps = track.missing(whole=True)
    track.measure(steps, lambda: False, lambda: True)
    assert track.samples().steps.tolist() == steps[:1]
    assert track.missing(whole=True) == steps[1:]


def test_the_rate_is_that_of_the_step_and_after_the_last_update_the_one_before() -> None:
    simulation, track = tracked(BY_KEY["rising_rate"], 50)
    samples = measured(track)
    np.testing.assert_array_equal(samples.rates[:-1], simulation.trace.read("lr")[:-1])
    np.testing.assert_array_equal(samples.rates[-1], samples.rates[-2])
    _, track = tracked(BY_KEY["proportional"], 0)
    assert measured(track).rates.tolist() == [[0.01, 0.1, 1.0]]


def test_a_run_that_has_ended_has_no_curvature() -> None:
    _, track = tracked(BY_KEY["proportional"], 300)
    samples = measured(track)
    ended = samples.steps >= 128
    assert np.isnan(samples.curvatures[ended, 2]).all()
    np.testing.assert_allclose(samples.curvatures[~ended], 16.7006, rtol=1e-4)


def test_a_crossing_is_where_the_curvature_rises_above_its_limit_from_well_below() -> None:
    curve = np.array([1, 4, 9, 10.5, 9.9, 10.1, np.nan, 3, 20, 20])
    samples = Samples(np.arange(10.0) * 10, curve[:, None], np.full((10, 1), 10.0), np.full((10, 1), 0.2))
    first, second = samples.crossings(0)
    assert first == pytest.approx(20 + 10 * np.log(10 / 9) / np.log(10.5 / 9))
    assert second == pytest.approx(70 + 10 * np.log(10 / 3) / np.log(20 / 3))
    assert Samples(samples.steps, curve[:, None], np.full((10, 1), np.nan), samples.rates).crossings(0) == []
