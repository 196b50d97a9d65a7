"""The ready experiments: each is run, and what its answer says is checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from lrstudio.engine.curvature_track import CurvatureTrack
from lrstudio.engine.examples import EXAMPLES, Example
from lrstudio.engine.simulation import Simulation
from lrstudio.engine.trace import UNENDED

Array = np.ndarray[Any, np.dtype[Any]]
BY_KEY = {example.key: example for example in EXAMPLES}


class Outcome:
    """A finished example; `loss` (n, R) is that on all data, `floor` the least there is."""

    def __init__(self, example: Example) -> None:
        experiment = example.experiment
        simulation = Simulation(experiment)
        simulation.advance(experiment.steps)
        self.trace = simulation.trace
        self.w = self.trace.read("params")
        with np.errstate(all="ignore"):
            self.loss = np.array([simulation.objective.loss(w) for w in self.w], float)
        self.optimum = np.array(experiment.problem.optimum(simulation.objective.data))
        point = self.optimum[None].astype(simulation.objective.dtype)
        self.floor = float(simulation.objective.loss(point)[0])
        self.curvatures = np.linalg.eigvalsh(simulation.objective.hessian(point)[0])
        self.names = [experiment.label(run) for run in range(len(experiment.runs))]

    def first(self, run: int, loss: float) -> int | None:
        """The first step with this loss or less."""
        found = np.flatnonzero(self.loss[:, run] <= loss)
        return int(found[0]) if len(found) else None

    def near(self, run: int) -> int | None:
        """The first step within 1 % of the least loss."""
        return self.first(run, 1.01 * self.floor)

    def diverged(self, run: int) -> int | None:
        end = int(self.trace.ends[run])
        return None if end == UNENDED else end


@cache
def outcome(key: str) -> Outcome:
    return Outcome(BY_KEY[key])


def proportional(seen: Outcome) -> None:
    assert (seen.first(0, 0.01), seen.first(1, 0.01)) == (440, 44)
    assert seen.diverged(2) == 128
    assert round(seen.curvatures[1], 1) == 16.7
    assert round(2 / seen.curvatures[1], 2) == 0.12


def float32_trap(seen: Outcome) -> None:
    assert (seen.w[3:, 2, 0] == 12755.16015625).all()
    assert seen.w[2, 2, 0] != seen.w[3, 2, 0]
    assert (seen.trace.read("grad")[3:, 2] == 0).all()
    assert f"{seen.loss[-1, 2]:.3g}" == "1.47e+09"
    assert np.spacing(np.float32(12755)) == pytest.approx(0.001, rel=0.03)
    assert outcome("proportional").diverged(2) is not None


def parabola(seen: Outcome) -> None:
    assert [f"{loss:.2f}" for loss in seen.loss[-1, :2]] == ["0.63", "0.63"]
    assert seen.loss[-1, 2] < 1e-9


def parabola_edge(seen: Outcome) -> None:
    distance = np.abs(seen.w[:, :, 0] + 1)
    assert int(np.flatnonzero(distance[:, 0] < 1e-6)[0]) == 18
    assert distance[1, 1] == 0
    assert set(seen.w[:, 2, 0]) == {5.0, -7.0}
    np.testing.assert_allclose(seen.w[1:, 3, 0] + 1, -1.1 * (seen.w[:-1, 3, 0] + 1))


def parabola_measured(seen: Outcome) -> None:
    assert round(seen.w[-1, 1, 0]) == 3954
    assert f"{seen.loss[-1, 1]:.3g}" == "1.56e+07"
    assert seen.trace.read("grad")[-1, 1, 0] == 0
    assert np.spacing(np.float32(2048)) / 2 > 0.0001 > np.spacing(np.float32(2047)) / 2
    assert f"{seen.w[-1, 0, 0]:.5f}" == "-1.00005"


def schedules(seen: Outcome) -> None:
    steps = {name: seen.first(run, 1.0) for run, name in enumerate(seen.names)}
    assert steps == {
        "constant": None, "exponential": 7, "step": 21, "cosine": 16, "linear": 11, "polynomial": 8,
    }  # fmt: skip
    assert seen.loss[20, 2] == 36
    assert seen.loss[21, 2] == 0
    assert set(seen.w[:, 0, 0]) == {5.0, -7.0}


def noisy_line(seen: Outcome) -> None:
    assert f"{seen.curvatures[1]:.2f}" == "2.03"
    assert f"{2 / seen.curvatures[1]:.2f}" == "0.99"
    assert (seen.near(0), seen.near(1)) == (59, 7)
    assert (np.diff(seen.loss[50:, 2]) > 0).all()


def noisy_batches(seen: Outcome) -> None:
    wander = seen.w[-100:, :, 0].std(axis=0)
    assert [f"{value:.{digits}f}" for value, digits in zip(wander, (2, 3, 3), strict=True)] == [
        "0.13",
        "0.014",
        "0.001",
    ]
    slow, fast, decay = seen.near(1), seen.near(0), seen.near(2)
    assert slow is not None and fast is not None and decay is not None
    assert slow > 10 * fast
    assert decay < 10


def six_rates(seen: Outcome) -> None:
    assert seen.names[4] == "0.256"
    assert [seen.near(run) for run in range(6)] == [None, None, None, 93, 22, None]
    assert seen.loss[-1, 5] > 1e6


def rising_rate(seen: Outcome) -> None:
    rates, loss = seen.trace.read("lr")[:-1, 0], seen.loss[:, 0]
    assert 0.17 < rates[np.diff(np.log(loss)).argmin()] < 0.25
    assert 0.4 < rates[loss.argmin()] < 0.65
    assert seen.loss[:, 1].max() > 1e4
    assert seen.trace.read("lr")[0, 1] > 1


def momentum(seen: Outcome) -> None:
    assert [seen.first(run, 0.01) for run in range(3)] == [220, 39, 25]
    assert seen.w[:, 1, 0].max() > 3.2  # it overshoots
    assert seen.w[:, 0, 0].max() < 3


def momentum_limit(seen: Outcome) -> None:
    curvature = seen.curvatures[1]
    limits = 2 / curvature, 2 * 1.9 / curvature, 2 * 1.9 / (curvature * (1 + 2 * 0.9))
    assert [f"{limit:.2f}" for limit in limits] == ["0.12", "0.23", "0.08"]
    assert seen.loss[-1, 1] < 1e-3
    assert (seen.loss[-1, [0, 2]] > 1e100).all()


def rosenbrock(seen: Outcome) -> None:
    last = dict(zip(seen.names, seen.loss[-1], strict=True))
    assert {name for name, loss in last.items() if loss < 1e-6} == {"momentum", "Adam"}
    assert min(loss for name, loss in last.items() if name not in ("momentum", "Adam")) > 0.01
    assert max(last, key=lambda name: last[name]) == "Adadelta"


class NetworkOutcome:
    """A finished example of a network: at each step that was measured, the share (R,) of test examples it has right."""

    def __init__(self, example: Example) -> None:
        self.simulation = Simulation(example.experiment)
        self.simulation.advance(example.experiment.steps)
        self.trace = self.simulation.trace
        share = self.trace.read("val_accuracy")
        self.share = {int(step): share[step] for step in np.flatnonzero(np.isfinite(share[:, 0]))}
        self.loss = self.trace.read("loss")


@cache
def network_outcome(key: str) -> NetworkOutcome:
    return NetworkOutcome(BY_KEY[key])


def moons(seen: NetworkOutcome) -> None:
    assert [round(share, 2) for share in seen.share[400]] == [0.8, 0.99, 0.5]
    assert seen.loss[-1, 2] > 5 * seen.loss[0, 2]


def spiral(seen: NetworkOutcome) -> None:
    at_400 = next(share for step, share in seen.share.items() if step >= 400)
    assert at_400[1] == 1 and round(at_400[0], 2) == 0.85
    assert max(share[2] for share in seen.share.values()) > 0.95
    late = [share[2] for step, share in seen.share.items() if step > 750]
    assert max(late) < 0.9 and np.ptp(late) > 0.05


def digits(seen: NetworkOutcome) -> None:
    slow, good, dead = seen.share[600]
    assert (round(slow, 2), round(good, 2)) == (0.28, 0.97) and dead < 0.15
    assert seen.trace.snapshots is not None
    problem: Any = seen.simulation.experiment.problem
    hidden = problem.network.activations(seen.trace.snapshots.at(600)[1], problem.split(0).x)[1]
    alive = (hidden > 0).any(axis=1).sum(axis=1)
    assert alive[1] > 25 and alive[2] == 0


def edge(seen: NetworkOutcome) -> None:
    experiment, snapshots = seen.simulation.experiment, seen.trace.snapshots
    assert experiment.batch_size is None and snapshots is not None
    track = CurvatureTrack(experiment, seen.trace)
    while steps := track.missing(whole=True):
        track.measure(steps, lambda: False)
    samples = track.samples()
    assert [round(samples.crossings(run)[0]) for run in range(3)] == [490, 161, 51]
    assert (samples.curvatures[0] < 0.6).all()
    late = samples.steps >= 1000
    share = (samples.curvatures * samples.rates)[late]
    assert (np.abs(share - 2).mean(axis=0) < 0.05).all() and share.min() > 1.9 and share.max() < 2.2
    assert [f"{value:.2g}" for value in np.median(samples.curvatures[late], axis=0)] == ["10", "5", "2.4"]
    hessian = seen.simulation.objective.hessian(snapshots.at(1500)[1])  # of 177 weights, whole
    exact = np.linalg.eigvalsh(hessian)[:, -1] * [run.lr for run in experiment.runs]
    np.testing.assert_allclose(exact, share[samples.steps[late] == 1500][0], rtol=1e-3)


NETWORK_CLAIMS: tuple[Callable[[NetworkOutcome], None], ...] = (moons, spiral, digits, edge)
CLAIMS: tuple[Callable[[Outcome], None], ...] = (
    proportional, float32_trap, parabola, parabola_edge, parabola_measured, schedules, noisy_line, noisy_batches,
    six_rates, rising_rate, momentum, momentum_limit, rosenbrock,
)  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
def test_the_answer_is_what_is_seen(claim: Callable[[Outcome], None]) -> None:
    claim(outcome(claim.__name__))


@pytest.mark.parametrize("claim", NETWORK_CLAIMS, ids=lambda claim: claim.__name__)
def test_the_answer_of_a_network_is_what_is_seen(claim: Callable[[NetworkOutcome], None]) -> None:
    claim(network_outcome(claim.__name__))


def test_every_example_is_checked_and_has_what_a_class_needs() -> None:
    assert [claim.__name__ for claim in (*CLAIMS, *NETWORK_CLAIMS)] == [example.key for example in EXAMPLES]
    for example in EXAMPLES:
        assert example.question.endswith("?")
        assert len(example.title) <= 40
        assert len(example.question) <= 90
        assert 80 <= len(example.answer) <= 330
        assert example.group
        assert example.pace is None or example.experiment.steps / example.pace <= 20


def test_examples_of_a_group_stand_together() -> None:
    groups = [example.group for example in EXAMPLES]
    assert groups == sorted(groups, key=groups.index)
    assert len({example.title for example in EXAMPLES}) == len(EXAMPLES)
