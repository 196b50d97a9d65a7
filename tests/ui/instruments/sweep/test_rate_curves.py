"""The analysis of a sweep agrees with theory, the single runs and the terminal."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lrstudio.core.analysis.verdict import ARRIVED, CONVERGING, CYCLING, DIVERGED, TOO_SLOW
from lrstudio.core.optimizers import SGD, Adam, Lion, Optimizer
from lrstudio.core.problems import Parabola, Problem, Proportional, Quadratic
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.options import add_experiment_options, experiment_from
from lrstudio.engine.sweep.survey import Survey
from lrstudio.engine.training.simulation import Simulation
from lrstudio.terminal.cli import main
from lrstudio.ui.instruments.sweep.rate_curves import (
    Entry,
    RateCurve,
    csv_lines,
    good_stretch,
    rates_between,
    swept_curves,
)
from lrstudio.ui.instruments.sweep.table import SweepTable
from lrstudio.ui.look.theme import LIGHT
from lrstudio.ui.session.bench import Work

STEEPEST = float(np.linalg.eigvalsh(2 * np.array([[7.5, 2.5], [2.5, 1.0]])).max())


def swept(*optimizers: Optimizer, steps: int = 400, count: int = 200, target: float | None = None) -> list[RateCurve]:
    entries = [
        Entry(
            f"{optimizer.title} {index}",
            Experiment(
                problem=Proportional(), runs=(Run(lr=1.0, optimizer=optimizer),), steps=steps, target_loss=target
            ),
            index,
        )
        for index, optimizer in enumerate(optimizers)
    ]
    return swept_curves(entries, rates_between(1e-3, 1.0, count), Work(lambda: None, lambda *_: None))


def test_the_table_tells_for_which_optimizer_there_is_no_theory(qtbot: QtBot) -> None:
    table = SweepTable(LIGHT)
    qtbot.addWidget(table)
    table.show_curves(swept(SGD(), Adam(), Lion(), count=20))
    assert ["no theory known" in table.item(row, 1).text() for row in range(3)] == [False, False, True]


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_limit_agrees_with_theory(momentum: float) -> None:
    (curve,) = swept(SGD(momentum=momentum), steps=1000)
    low, high = curve.limit
    assert low * 0.999 <= 2 * (1 + momentum) / STEEPEST <= high * 1.001
    assert curve.limit_rate is not None and low < curve.limit_rate < high


def test_the_best_rate_of_gradient_descent_on_a_quadratic_agrees_with_theory() -> None:
    entry = Entry("SGD", Experiment(problem=Quadratic(condition=20.0), runs=(Run(lr=1.0),), steps=60))
    (curve,) = swept_curves([entry], rates_between(1e-3, 1.0, 400), Work(lambda: None, lambda *_: None))
    assert curve.best is not None
    assert curve.best.rate == pytest.approx(2 / 21, rel=0.06)


def test_values_are_those_of_the_single_runs() -> None:
    (curve,) = swept(SGD(momentum=0.5), steps=40, count=9)
    final = curve.values("final_loss")
    for index in range(9):
        simulation = Simulation(curve.sweep.experiment_at(index))
        simulation.advance(40)
        losses = simulation.trace.read("loss", 0, simulation.trace.length)[:, 0]
        if curve.summary.verdict[index] == DIVERGED:
            assert np.isnan(final[index])
        else:
            assert final[index] == pytest.approx(losses[-1], rel=1e-12)


def test_with_a_target_the_best_rate_takes_the_fewest_steps() -> None:
    (curve,) = swept(SGD(), target=1e-3)
    steps = curve.values("steps_to_target")
    assert curve.best is not None and curve.best.rule == "target"
    assert curve.best.summary.steps_to_target <= np.nanmin(steps)


def experiment_of(problem: Problem, steps: int) -> Experiment:
    return Experiment(problem=problem, runs=(Run(lr=1.0),), steps=steps)


@pytest.mark.parametrize("experiment", [experiment_of(Proportional(), 300), experiment_of(Parabola(), 20)])
def test_ruler_and_sweep_agree_on_the_same_rates(experiment: Experiment) -> None:
    zones = list(Survey(experiment, 0, -6, 1).pictures(lambda: False))[-1]
    rates = tuple(zones.rates.tolist())
    (curve,) = swept_curves([Entry("SGD", experiment)], rates, Work(lambda: None, lambda *_: None))
    assert zones.best is not None and curve.best is not None
    assert (zones.best.text, zones.best.rule) == (curve.best.text, curve.best.rule)


@pytest.mark.parametrize(
    "options",
    [
        ["--problem", "proportional", "--steps", "200"],
        ["--problem", "proportional", "--steps", "200", "--target-loss", "1e-3"],
        ["--problem", "noisy_line", "--batch-size", "10", "--steps", "50"],
        ["--problem", "parabola", "--optimizer", "adam", "--steps", "60"],
        ["--problem", "formula:loss=a^2-5", "--steps", "60"],
    ],
    ids=" ".join,
)
def test_the_terminal_and_the_window_find_the_same_best_rate(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", *options, "--lr", "1e-4:10:128"]) == 0
    (line,) = (text for text in capsys.readouterr().out.splitlines() if text.startswith("best rate"))
    parser = argparse.ArgumentParser()
    add_experiment_options(parser)
    experiment = experiment_from(parser.parse_args([*options, "--lr", "1"]))
    rates = rates_between(1e-4, 10.0, 128)
    (curve,) = swept_curves([Entry("", experiment)], rates, Work(lambda: None, lambda *_: None))
    assert curve.best is not None
    assert line.startswith(f"best rate {curve.best.text}: ")
    assert ("target" in line) == (curve.best.rule == "target") == ("--target-loss" in options)


def test_good_rates_are_consecutive_around_the_best_one() -> None:
    verdicts = np.array([CONVERGING, TOO_SLOW, CONVERGING, ARRIVED, ARRIVED, CYCLING, ARRIVED])
    assert good_stretch(verdicts, 3) == (2, 4)
    assert good_stretch(verdicts, 0) == (0, 0)
    assert good_stretch(verdicts, 5) is None


def test_one_curve_is_written_as_the_terminal_writes_it(tmp_path: Path) -> None:
    (curve,) = swept(SGD(momentum=0.5), steps=50, count=32)
    path = tmp_path / "sweep.csv"
    options = ["sweep", "--problem", "proportional", "--optimizer", "sgd:momentum=0.5", "--lr", "0.001:1:32"]
    assert main([*options, "--steps", "50", "--csv", str(path), "--quiet"]) == 0
    assert path.read_bytes() == "".join(csv_lines([curve])).encode()


def test_several_curves_have_a_column_with_their_names() -> None:
    curves = swept(SGD(), Adam(), steps=20, count=5)
    text = "".join(csv_lines(curves))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 10
    assert [row["optimizer"] for row in rows] == ["SGD 0"] * 5 + ["Adam 1"] * 5
    assert [float(row["lr"]) for row in rows[5:]] == list(curves[1].rates)


@pytest.mark.parametrize(("low", "high", "count"), [(0.0, 1.0, 5), (1.0, 1.0, 5), (0.1, 1.0, 1)])
def test_an_empty_range_of_rates_is_refused(low: float, high: float, count: int) -> None:
    with pytest.raises(ValueError, match="rate"):
        rates_between(low, high, count)
