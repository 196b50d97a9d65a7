"""Runs with batch sizes of their own: each trains as if alone, and all end at equal steps, epochs or samples."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrstudio.core.dataset import Dataset
from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Digits, NoisyLine, OwnData, Parabola
from lrstudio.core.schedules import Cosine, Plateau
from lrstudio.engine.compare.comparison import Comparison, data_points
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.codec import decode, encode
from lrstudio.store.session import Session, load, save
from tests.engine.training.conftest import Both

RECORDED = json.loads((Path(__file__).parents[2] / "reference" / "torch_batches.json").read_text())
RUNS = (
    Run(lr=0.1, batch_size=8),
    Run(lr=0.05, optimizer=Adam(), schedule=Cosine(), batch_size=32),
    Run(lr=0.1, batch_size=20, schedule=Plateau(unit="epoch", patience=0)),
    Run(lr=0.1),
    Run(lr=30.0, batch_size=8),
)


def trained(experiment: Experiment, block: int = 7) -> Simulation:
    simulation = Simulation(experiment)
    while not simulation.done:
        simulation.advance(min(block, experiment.steps - simulation.step))
    return simulation


def assert_as_alone(together: Simulation) -> None:
    experiment, trace = together.experiment, together.trace
    for run in range(len(experiment.runs)):
        alone = trained(experiment.alone(run)).trace
        assert trace.rows(run) == alone.rows(0)
        assert trace.diverged[run] == alone.diverged[0]
        for column in trace.columns:
            mine, own = (each.of_run(column, index, each.rows(index)) for each, index in ((trace, run), (alone, 0)))
            np.testing.assert_array_equal(mine, own, err_msg=f"{column} of run {run}")
        for row in range(alone.rows(0)):
            assert trace.judged(row)[run] == alone.judged(row)[0] or not np.isfinite(alone.judged(row)[0])


@pytest.mark.parametrize("equal", ["steps", "epochs", "samples"])
@pytest.mark.parametrize("problem", [NoisyLine(), Digits(hidden=(4,), n=200)], ids=["formula", "network"])
def test_a_run_trains_beside_others_bit_for_bit_as_alone(problem: NoisyLine | Digits, equal: str) -> None:
    assert_as_alone(trained(Experiment(problem=problem, runs=RUNS, steps=40, equal=equal)))  # type: ignore[arg-type]


def test_a_schedule_follows_the_validation_loss_at_the_ends_of_its_own_epochs() -> None:
    plan = Plateau(unit="epoch", monitor="val_loss", patience=0, factor=0.5, threshold=0.5)
    runs = (Run(lr=0.1, batch_size=16, schedule=plan), Run(lr=0.1, batch_size=50, schedule=plan))
    together = trained(Experiment(problem=Digits(hidden=(4,), n=200), runs=runs, steps=60))
    assert (np.unique(together.trace.read("lr")[:-1, 0]) < 0.1).any()
    assert_as_alone(together)


def test_numpy_and_the_kernels_give_the_same_rows(both: Both) -> None:
    one, other = both(Experiment(problem=NoisyLine(), runs=RUNS, steps=40, equal="epochs"))
    for column in one.trace.columns:
        np.testing.assert_array_equal(one.trace.read(column), other.trace.read(column), err_msg=column)
    assert one.trace.ends.tolist() == other.trace.ends.tolist()


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_losses_and_rates_are_those_of_pytorch_for_equal_epochs(optimizer: str) -> None:
    cases = [case for case in RECORDED["cases"] if case["optimizer"] == optimizer]
    k = np.arange(RECORDED["points"])
    x = np.sin(1.7 * k)
    problem = OwnData(dataset=Dataset("points", ("x", "y"), (x, 3 * x + 2 + 0.5 * np.cos(2.3 * k))), standardize=False)
    kind = {"sgd": SGD(momentum=0.9), "adam": Adam()}[optimizer]
    runs = tuple(
        Run(
            lr=case["options"]["lr"],
            optimizer=kind,
            schedule=Cosine(),
            start=(0.5, -0.5),
            batch_size=case["batch_size"],
        )
        for case in cases
    )
    steps = max(len(case["losses"]) for case in cases)
    experiment = Experiment(problem=problem, runs=runs, steps=steps, equal="epochs", seed=RECORDED["seed"])
    trace = trained(experiment).trace
    for run, case in enumerate(cases):
        count = len(case["losses"])
        assert trace.rows(run) == count + 1
        np.testing.assert_allclose(trace.read("loss")[:count, run], case["losses"], rtol=1e-11)
        np.testing.assert_allclose(trace.read("lr")[:count, run], case["rates"], rtol=1e-12, atol=1e-17)
        np.testing.assert_allclose(trace.read("params")[count, run], case["weights"], rtol=1e-11)


def test_runs_end_after_equal_epochs_or_samples() -> None:
    """100 points: 13 steps of 8, 4 of 32 and 1 of 100 are an epoch; 15 steps of 8 see 100 + 16 points."""
    runs = tuple(Run(lr=0.1, batch_size=size) for size in (8, 32, None))
    plain = Experiment(problem=NoisyLine(), runs=runs, steps=26)
    assert plain.steps_each == (26, 26, 26)
    assert replace(plain, equal="epochs").steps_each == (26, 8, 2)
    assert replace(plain, equal="samples", steps=15).steps_each == (15, 5, 2)
    assert replace(plain, equal="epochs", steps=15).lengths == (15, 5, 2)
    experiment = replace(plain, equal="epochs")
    assert [data_points(experiment, steps, run) for run, steps in enumerate(experiment.steps_each)] == [200] * 3


def test_a_comparison_stands_at_equal_epochs_on_the_way_too() -> None:
    runs = (Run(lr=0.1, batch_size=10), Run(lr=0.1, batch_size=50))
    simulation = trained(Experiment(problem=NoisyLine(), runs=runs, steps=40, equal="epochs"))
    standings = Comparison(simulation.experiment, simulation.trace).at(simulation.experiment, 20)
    assert standings is not None
    assert [standing.step for standing in standings] == [20, 4]
    assert all(standing.diverged_at is None for standing in standings)


def test_a_session_goes_on_after_a_run_has_ended(tmp_path: Path) -> None:
    experiment = Experiment(problem=NoisyLine(), runs=RUNS, steps=40, equal="epochs")
    whole, half = trained(experiment), Simulation(experiment)
    half.advance(20)
    assert half.trace.finished.tolist() == [False, True, True, True, False]
    save(tmp_path / "a.lrs", Session.of(half))
    opened = load(tmp_path / "a.lrs").simulation()
    assert opened.trace.finished.tolist() == half.trace.finished.tolist()
    opened.advance(20)
    for column in whole.trace.columns:
        np.testing.assert_array_equal(opened.trace.read(column), whole.trace.read(column), err_msg=column)
    with pytest.raises(ValueError, match="runs have ended at equal epochs: more steps need a new start"):
        opened.amend(replace(experiment, steps=50))


def test_a_file_without_batch_sizes_of_runs_is_as_before() -> None:
    experiment = Experiment(problem=NoisyLine(), runs=(Run(lr=0.1),), batch_size=10)
    document = encode(experiment)
    assert "equal" not in document and "batch_size" not in document["runs"][0]
    own = replace(experiment, runs=RUNS, equal="samples")
    assert decode(encode(own)).experiment == own


def test_a_batch_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="batch size = 101: noisy_line has 100 data points"):
        Experiment(problem=NoisyLine(), runs=(Run(lr=0.1), Run(lr=0.1, batch_size=101)))
    with pytest.raises(ValueError, match="batch size = 5: parabola has no data to take batches from"):
        Experiment(problem=Parabola(), runs=(Run(lr=0.1, batch_size=5),))
    with pytest.raises(ValueError, match="batch size = 0: must be a whole number from 1 to"):
        Run(lr=0.1, batch_size=0)
    kept = Experiment(problem=NoisyLine(), runs=(Run(lr=0.1, batch_size=50),)).with_problem(Parabola())
    assert kept.runs[0].batch_size is None
