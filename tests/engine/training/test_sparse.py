"""Long traces: what there is no memory for is made again, to the last bit, wherever it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lrstudio.core.optimizers import SGD, Adam, Newton
from lrstudio.core.problems import Classification, NoisyLine, Problem, Proportional, Rosenbrock
from lrstudio.core.schedules import Cosine, Plateau
from lrstudio.engine.compare.comparison import Comparison
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.judgement import judge_run
from lrstudio.engine.training import sparse
from lrstudio.engine.training.batch_runner import compiled
from lrstudio.engine.training.kernel_recorder import KernelRecorder
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace

Short = Callable[[int], None]
RUNS = (
    Run(lr=0.01, optimizer=SGD(momentum=0.9)),
    Run(lr=0.02, optimizer=Adam(amsgrad=True), schedule=Cosine()),
    Run(lr=0.05, schedule=Plateau(patience=3)),
    Run(lr=0.4),  # overflows on the way
)
KINDS: dict[str, dict[str, Any]] = {
    "data": {"problem": Proportional()},
    "batches": {"problem": NoisyLine(n=20), "batch_size": 6},
    "float32": {"problem": Rosenbrock(), "precision": "float32"},
    "mixed, forward": {"problem": Proportional(), "precision": "mixed", "gradient": Gradient(mode="forward")},
    "central": {"problem": Rosenbrock(), "gradient": Gradient(mode="central")},
    "target": {"problem": Proportional(), "target_loss": 1e-9},
}


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Short:
    """Returns a function that leaves memory for so many rows, and for the fewest of those that are made again."""

    def leave(rows: int) -> None:
        monkeypatch.setattr("lrstudio.engine.training.simulation.stored_rows", lambda _row, _every: rows)
        monkeypatch.setattr(sparse, "_BYTES", 0)

    return leave


def experiment(kind: str, **changes: Any) -> Experiment:
    values: dict[str, Any] = {"runs": RUNS, "steps": 700}
    return Experiment(**(values | KINDS[kind] | changes))


def every(made: Experiment, steps: int, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    monkeypatch.setattr(Experiment, "kept_every", steps)
    return made


def trained(made: Experiment, *blocks: int) -> Simulation:
    simulation = Simulation(made)
    for block in blocks or (made.steps,):
        simulation.advance(block)
    return simulation


def assert_same(one: Trace, other: Trace) -> None:
    assert one.length == other.length
    for values in ("ends", "hits"):
        np.testing.assert_array_equal(getattr(one, values), getattr(other, values))
    for column in one.columns:
        np.testing.assert_array_equal(one.read(column), other.read(column), err_msg=column)


@pytest.mark.parametrize(("kind", "by_numpy"), [*((kind, False) for kind in KINDS), ("data", True), ("batches", True)])
def test_a_trace_without_memory_has_the_rows_of_one_that_has(
    kind: str, by_numpy: bool, memory: Short, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_numpy:
        monkeypatch.setattr(KernelRecorder, "takes", staticmethod(lambda _runner: False))
        monkeypatch.setattr("lrstudio.engine.training.simulation._KEPT_BY_NUMPY", 64)
    made = every(experiment(kind), 64, monkeypatch)
    whole = trained(made).trace
    assert whole.sparse is None
    memory(128)
    short = trained(made, 120, 31, 3, 300, 246).trace
    assert short.sparse is not None and short.sparse.first == 128
    assert_same(short, whole)
    for start, stop in ((127, 129), (191, 194), (192, 193), (600, 601), (400, 500)):
        np.testing.assert_array_equal(short.read("loss", start, stop), whole.read("loss", start, stop))


def test_rates_that_were_changed_on_the_way_are_used_again(memory: Short, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(made: Experiment) -> Trace:
        simulation = Simulation(made)
        for steps, run, lr in ((300, 0, 0.02), (14, 2, 0.01), (0, 1, 0.03), (36, 0, 0.01), (100, 0, 0.005)):
            simulation.advance(steps)
            simulation.amend(simulation.experiment.with_run(run, lr=lr))
        simulation.advance(250)
        return simulation.trace

    made = every(experiment("data"), 64, monkeypatch)
    whole = changed(made)
    memory(64)
    short = changed(made)
    assert len(short.rate_changes) == 5 and short.sparse is not None
    assert_same(short, whole)


@pytest.mark.parametrize("kind", ["data", "batches"])
def test_verdicts_comparison_and_targets_are_those_of_the_whole_trace(
    kind: str, memory: Short, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = every(experiment(kind, target_loss=None), 64, monkeypatch)
    whole = trained(made)
    memory(64)
    short = trained(made)
    objective = compiled(made)
    for row in (60, 65, 127, 128, 500, 700):
        for run in range(len(RUNS)):
            judged = [judge_run(made, trace, run, objective, row=row) for trace in (short.trace, whole.trace)]
            assert judged[0] == judged[1]
        assert Comparison(made, short.trace).at(made, row) == Comparison(made, whole.trace).at(made, row)
    losses = whole.trace.read("loss")
    for run, row in ((0, 120), (1, 650), (2, 400)):
        for simulation in (short, whole):
            simulation.amend(replace(made, target_loss=float(losses[row, run])))
        np.testing.assert_array_equal(short.trace.hits, whole.trace.hits)
        assert short.reached(run) == whole.reached(run)
    for run in range(len(RUNS)):
        np.testing.assert_array_equal(short.trace.of_run("loss", run, 650), losses[:650, run])
        last = short.trace.rows(run) - 1
        assert [short.trace.peak(run, row) for row in (50, 63, 64, 127, 128, last)] == [
            losses[: row + 1, run].max() for row in (50, 63, 64, 127, 128, last)
        ]


def test_a_run_that_ends_among_the_kept_rows_is_over_there(memory: Short, monkeypatch: pytest.MonkeyPatch) -> None:
    made = every(experiment("data", runs=(Run(lr=0.2), Run(lr=0.201)), steps=20_000), 64, monkeypatch)
    whole = trained(made).trace
    assert 300 < whole.ends.min() < whole.ends.max() == whole.length
    memory(192)
    assert_same(trained(made).trace, whole)


def test_it_goes_on_beyond_its_memory_when_it_is_extended(memory: Short, monkeypatch: pytest.MonkeyPatch) -> None:
    made = every(experiment("data", runs=RUNS[:3], steps=300), 64, monkeypatch)
    memory(400)
    simulation = trained(made)
    assert simulation.trace.sparse is None
    simulation.amend(replace(made, steps=900, horizon=300))
    simulation.advance(600)
    assert simulation.trace.sparse is not None
    memory(10_000)
    straight = trained(made)
    straight.amend(replace(made, steps=900, horizon=300))
    straight.advance(600)
    assert straight.trace.sparse is None
    assert_same(simulation.trace, straight.trace)


def test_newton_is_made_again_too_and_a_network_keeps_all_of_its_rows(
    memory: Short, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = (Run(lr=0.1, optimizer=Newton()),)
    monkeypatch.setattr("lrstudio.engine.training.simulation._KEPT_BY_NUMPY", 16)
    made = experiment("central", runs=runs, steps=60, gradient=Gradient())
    whole = trained(made).trace
    memory(20)
    short = trained(made).trace
    assert short.sparse is not None
    assert_same(short, whole)
    network = trained(Experiment(problem=Classification(n=20), runs=RUNS[:1], steps=60)).trace
    assert network.sparse is None and network.length == 61


def test_memory_does_not_grow_with_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    made = experiment("data", runs=(Run(lr=0.01),) * 8, steps=1_000_000)
    monkeypatch.setattr("lrstudio.engine.training.simulation.stored_rows", lambda _row, _every: 2**16)
    monkeypatch.setattr(sparse, "_BYTES", 2**22)
    trace = trained(made).trace
    assert made.trace_bytes == 384_000_000
    assert trace.nbytes < 80_000_000
    assert trace.read("loss", 500_000, 500_010).shape == (10, 8)
    assert trace.nbytes < 80_000_000


@pytest.mark.parametrize(
    ("problem", "runs", "steps"),
    [
        (Proportional(), 8, 4096),
        (NoisyLine(n=100), 64, 64),
        (NoisyLine(n=5000), 64, None),
        (Classification(), 1, None),
    ],
)
def test_the_steps_between_two_kept_rows_are_as_many_as_are_made_in_some_milliseconds(
    problem: Problem, runs: int, steps: int | None
) -> None:
    assert Experiment(problem=problem, runs=(Run(lr=0.01),) * runs).kept_every == steps
