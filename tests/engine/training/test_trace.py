"""Growing columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.problems import NoisyLine, Rosenbrock
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training import columns as module
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import UNENDED, Trace


@pytest.fixture(params=[1, 2, 5, 7])
def rows_in_block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(module, "BLOCK_ROWS", request.param)
    return int(request.param)


def filled(lengths: list[int]) -> tuple[Trace, np.ndarray[Any, Any]]:
    trace = Trace(2, ("a", "b"))
    loss = np.arange(2.0 * sum(lengths)).reshape(-1, 2)
    start = 0
    for length in lengths:
        trace.write("loss", start, loss[start : start + length])
        start += length
        trace.publish(start)
    return trace, loss


@pytest.mark.parametrize("lengths", [[1], [5], [7], [1] * 15, [3, 4, 8], [15], [2, 13], [14, 1]])
def test_every_stretch_reads_back_across_blocks(rows_in_block: int, lengths: list[int]) -> None:
    trace, loss = filled(lengths)
    for start in range(len(loss) + 1):
        for stop in range(len(loss) + 3):
            read = trace.read("loss", start, stop)
            np.testing.assert_array_equal(read, loss[start : max(start, stop)])
            assert read.shape[1:] == (2,)
    np.testing.assert_array_equal(trace.read("loss"), loss)


def test_a_reader_sees_published_rows_only() -> None:
    trace, loss = filled([3])
    trace.write("loss", 3, loss + 100)
    np.testing.assert_array_equal(trace.read("loss"), loss)
    np.testing.assert_array_equal(trace.read("loss", 0, 6), loss)


def test_what_a_reader_holds_never_moves(rows_in_block: int) -> None:
    trace, loss = filled([4])
    held = [trace.read("loss", row, row + 1) for row in range(4)]
    trace.write("loss", 4, np.full((100, 2), -1.0))
    trace.publish(104)
    np.testing.assert_array_equal(np.concatenate(held), loss)
    assert all(not row.flags.owndata for row in held)


def test_columns_have_the_shapes_of_runs_and_parameters() -> None:
    trace = Trace(3, ("a", "b"), loss_plus=True)
    assert trace.columns == ("loss", "lr", "params", "grad", "loss_plus")
    shapes = {name: trace.read(name).shape for name in trace.columns}
    assert shapes == {"loss": (0, 3), "lr": (0, 3), "params": (0, 3, 2), "grad": (0, 3, 2), "loss_plus": (0, 3, 2)}
    assert Trace(3, ("a",)).columns == ("loss", "lr", "params", "grad")


def test_a_run_has_as_many_rows_as_it_lived() -> None:
    trace, _ = filled([10])
    assert (trace.rows(0), trace.rows(1)) == (10, 10)
    trace.ends[1] = 4
    assert (trace.rows(0), trace.rows(1)) == (10, 4)
    assert trace.ends[0] == UNENDED


def test_a_simulation_does_not_notice_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = Experiment(problem=Rosenbrock(), runs=(Run(lr=1e-4), Run(lr=1e-3), Run(lr=1.0)), steps=60)
    traces = []
    for rows in (65536, 1, 7):
        monkeypatch.setattr(module, "BLOCK_ROWS", rows)
        simulation = Simulation(experiment)
        for block in (1, 2, 57):
            simulation.advance(block)
        traces.append(simulation.trace)
    for trace in traces[1:]:
        for column in trace.columns:
            np.testing.assert_array_equal(trace.read(column), traces[0].read(column))


def test_the_real_block_is_crossed() -> None:
    trace = Trace(1, ("w",))
    loss = np.arange(70_000.0)[:, None]
    trace.write("loss", 0, loss[:65_000])
    trace.write("loss", 65_000, loss[65_000:])
    trace.publish(70_000)
    np.testing.assert_array_equal(trace.read("loss"), loss)
    np.testing.assert_array_equal(trace.read("loss", 65_535, 65_537), loss[65_535:65_537])


def test_a_trace_is_rebuilt_from_its_columns() -> None:
    simulation = Simulation(Experiment(problem=Rosenbrock(), runs=(Run(lr=1e-4), Run(lr=1.0)), steps=20))
    simulation.advance(20)
    trace = simulation.trace
    again = Trace.from_columns(trace.names, {name: trace.read(name) for name in trace.columns}, trace.ends)
    assert (again.length, again.names, again.runs) == (trace.length, trace.names, trace.runs)
    assert again.columns == trace.columns
    np.testing.assert_array_equal(again.ends, trace.ends)
    for column in trace.columns:
        np.testing.assert_array_equal(again.read(column), trace.read(column))


def test_a_short_trace_that_is_trimmed_has_its_rows_and_no_more_memory_than_these() -> None:
    experiment = Experiment(problem=NoisyLine(), runs=(Run(lr=0.1), Run(lr=0.2)), batch_size=4, steps=100)
    simulation = Simulation(experiment)
    simulation.advance(50)
    trace, full = simulation.trace, simulation.trace.full
    assert full is not None
    before = {name: trace.read(name).copy() for name in trace.columns} | {"full": full.losses(0, full.count).copy()}
    assert trace.nbytes > 1_000_000
    trace.trim()
    assert trace.nbytes == 51 * trace.row_bytes + full.count * 8 * (1 + 2 + 2)
    for name in trace.columns:
        np.testing.assert_array_equal(trace.read(name), before[name])
    np.testing.assert_array_equal(full.losses(0, full.count), before["full"])
    simulation.advance(50)
    np.testing.assert_array_equal(trace.read("params", 0, 51), before["params"])
    assert trace.length == 101 and np.isfinite(trace.read("params")).all()
