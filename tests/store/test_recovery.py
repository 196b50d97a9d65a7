"""A recovery point gives the same numbers again, from a base or from the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrstudio.core.optimizers import Adam
from lrstudio.core.problems import PROBLEMS
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace
from lrstudio.store.recovery import is_same, read_base, read_point, rebuilt, write_base, write_point
from lrstudio.store.session import Session, save
from tests.store.conftest import MakeExperiment, Same


def snapshot(simulation: Simulation) -> Session:
    states = [{name: values.copy() for name, values in state.items()} for state in simulation.states()]
    return Session(simulation.experiment, simulation.trace, states, {"hidden": [1]}, {"later": 3})


def ignored(_fraction: float) -> bool:
    return False


def write(folder: Path, simulation: Simulation, ends: tuple[int, ...] = (), base: str | None = None) -> Path:
    write_point(folder / "1.point", snapshot(simulation), ends, None, None, base)
    return folder / "1.point"


def restored(source: Path) -> Simulation:
    point = read_point(source)
    simulation = rebuilt(point, read_base(source.parent, point), ignored)
    assert is_same(point, simulation)
    assert simulation.experiment == point.experiment
    return simulation


def equal(one: Simulation, two: Simulation, same: Same) -> None:
    same(one.trace, two.trace)
    assert one.trace.rate_changes == two.trace.rate_changes
    assert np.array_equal(one.trace.hits, two.trace.hits)
    for mine, theirs in zip(one.states(), two.states(), strict=True):
        assert mine.keys() == theirs.keys()
        assert all(np.array_equal(mine[name], theirs[name], equal_nan=True) for name in mine)
    if one.trace.full is not None:
        assert one.trace.full.steps().tolist() == two.trace.full.steps().tolist()
        count = one.trace.full.count
        assert one.trace.full.losses(0, count).tobytes() == two.trace.full.losses(0, count).tobytes()


def with_rates(simulation: Simulation, factor: float) -> Experiment:
    shown = simulation.experiment
    return replace(shown, runs=tuple(replace(run, lr=run.lr * factor) for run in shown.runs))


@pytest.mark.parametrize("based", [False, True])
@pytest.mark.parametrize("data", [False, True])
def test_rates_and_ends_that_changed_on_the_way_are_made_again(
    tmp_path: Path, mixed_runs: MakeExperiment, same: Same, based: bool, data: bool
) -> None:
    simulation, base = Simulation(mixed_runs(data=data)), None
    simulation.advance(30)
    simulation.amend(with_rates(simulation, 0.5))
    if based:
        base = "1-0.base"
        write_base(tmp_path / base, snapshot(simulation), lambda _fraction: None)
    simulation.amend(with_rates(simulation, 0.5))  # at the same step
    simulation.advance(20)
    simulation.amend(with_rates(simulation, 3.0))
    simulation.advance(70)
    assert simulation.done
    simulation.amend(replace(simulation.experiment, steps=200, horizon=120))
    simulation.advance(33)
    simulation.amend(replace(simulation.experiment, steps=153))
    simulation.amend(replace(simulation.experiment, steps=180, target_loss=1e-9))
    simulation.advance(10)
    equal(simulation, restored(write(tmp_path, simulation, (120, 153), base)), same)


def test_the_weights_and_metrics_of_a_network_are_made_again(tmp_path: Path, same: Same) -> None:
    problem = next(kind for kind in PROBLEMS if kind.key == "classification")()
    runs = (Run(lr=0.05, optimizer=Adam()), Run(lr=0.02))
    simulation = Simulation(Experiment(problem=problem, runs=runs, steps=60, batch_size=16))
    simulation.advance(25)
    base = snapshot(simulation)
    write_base(tmp_path / "1-0.base", base, lambda _fraction: None)
    simulation.advance(20)
    again = restored(write(tmp_path, simulation, base="1-0.base"))
    equal(simulation, again, same)
    simulation.advance(15)
    again.advance(15)
    equal(simulation, again, same)


def test_what_belongs_to_the_window_is_kept(tmp_path: Path, small: Session) -> None:
    point = read_point(write(tmp_path, small.simulation()))
    assert (point.view, point.unknown, point.steps) == ({"hidden": [1]}, {"later": 3}, 3)


def lost(path: Path) -> None:
    path.unlink()


def damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("harm", [lost, damaged])
def test_without_its_base_everything_is_made_again(
    tmp_path: Path, other: Session, same: Same, harm: Callable[[Path], None]
) -> None:
    simulation = other.simulation()
    write_base(tmp_path / "1-0.base", snapshot(simulation), lambda _fraction: None)
    harm(tmp_path / "1-0.base")
    equal(simulation, restored(write(tmp_path, simulation, base="1-0.base")), same)


def test_the_file_of_the_session_serves_as_base_while_it_is_the_same(tmp_path: Path, other: Session) -> None:
    file = tmp_path / "mine.lrs"
    known = save(file, other)
    write_point(tmp_path / "1.point", other, (), file, known, None)
    point = read_point(tmp_path / "1.point")
    base = read_base(tmp_path, point)
    assert base is not None and base.rows.length == other.rows.length
    save(file, Session.of(Simulation(other.experiment)))
    assert read_base(tmp_path, point) is None


def another_run(experiment: Experiment) -> Experiment:
    return replace(experiment, runs=(*experiment.runs, experiment.runs[0]))


def one_run_less(experiment: Experiment) -> Experiment:
    return replace(experiment, runs=experiment.runs[:-1])


def another_rate(experiment: Experiment) -> Experiment:
    return experiment.with_run(0, lr=0.7 * experiment.runs[0].lr)


def another_seed(experiment: Experiment) -> Experiment:
    return replace(experiment, seed=experiment.seed + 1)


@pytest.mark.parametrize("saved", [0, 20])
@pytest.mark.parametrize("made", [0, 30])
@pytest.mark.parametrize("edit", [another_run, one_run_less, another_rate, another_seed])
def test_a_session_that_began_anew_after_it_was_saved_does_not_go_on_from_its_file(
    tmp_path: Path, mixed_runs: MakeExperiment, same: Same, edit: Callable[[Experiment], Experiment], made: int,
    saved: int,
) -> None:  # fmt: skip
    before, file = Simulation(mixed_runs(data=True)), tmp_path / "mine.lrs"
    before.advance(saved)
    known = save(file, Session.of(before))
    simulation = Simulation(edit(before.experiment))
    simulation.advance(made)
    write_point(tmp_path / "1.point", snapshot(simulation), (), file, known, None)
    equal(simulation, restored(tmp_path / "1.point"), same)


def test_other_numbers_are_noticed(tmp_path: Path, other: Session) -> None:
    point = read_point(write(tmp_path, other.simulation()))
    simulation = rebuilt(point, None, ignored)
    last: Trace = simulation.trace
    last.write("params", last.length - 1, last.read("params", last.length - 1).copy() + 1e-16 * 2**52)
    assert not is_same(point, simulation)


def test_a_cancelled_restoration_ends_at_once(tmp_path: Path, other: Session) -> None:
    point = read_point(write(tmp_path, other.simulation()))

    def cancel(_fraction: float) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuilt(point, None, cancel)
