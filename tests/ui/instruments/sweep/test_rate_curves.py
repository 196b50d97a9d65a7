"""What a sweep says of an optimizer agrees with what is known of it."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lrstudio.core.analysis.verdict import ARRIVED, CONVERGING, CYCLING, TOO_SLOW
from lrstudio.core.optimizers import SGD, Adam, Lion, Optimizer
from lrstudio.core.problems import Parabola, Problem, Proportional, Quadratic
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.survey import Survey
from lrstudio.engine.training.simulation import Simulation
from lrstudio.terminal.cli import main
from lrstudio.terminal.options import add_experiment_options, experiment_from
from lrstudio.ui.instruments.sweep.rate_curves import (
    Entry,
    RateCurve,
    csv_lines,
    good_stretch,
    opened,
    rates_between,
    swept_curves,
)
from lrstudio.ui.instruments.sweep.words import SweepWords
from lrstudio.ui.look.theme import LIGHT
from lrstudio.ui.session.bench import Work

STEEPEST = float(np.linalg.eigvalsh(2 * np.array([[7.5, 2.5], [2.5, 1.0]])).max())


def swept(*optimizers: Optimizer, steps: int = 400, count: int = 200, target: float | None = None) -> list[RateCurve]:
    made = [
        Entry(
            f"{optimizer.title} {place}",
            Experiment(
                problem=Proportional(), runs=(Run(lr=1.0, optimizer=optimizer),), steps=steps, target_loss=target
            ),
            place,
        )
        for place, optimizer in enumerate(optimizers)
    ]
    return swept_curves(made, rates_between(1e-3, 1.0, count), Work(lambda: None, lambda *_: None))


def test_the_table_says_of_which_optimizer_no_theory_is_known(qtbot: QtBot) -> None:
    table = SweepWords(LIGHT)
    qtbot.addWidget(table)
    table.show_curves(swept(SGD(), Adam(), Lion(), count=20))
    assert ["no theory known" in table.item(row, 1).text() for row in range(3)] == [False, False, True]


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_limit_is_the_one_in_the_books(momentum: float) -> None:
    (known,) = swept(SGD(momentum=momentum), steps=1000)
    low, high = known.limit
    assert low * 0.999 <= 2 * (1 + momentum) / STEEPEST <= high * 1.001
    assert known.limit_rate is not None and low < known.limit_rate < high


def test_the_best_rate_of_gradient_descent_on_a_bowl_is_the_one_in_the_books() -> None:
    entry = Entry("SGD", Experiment(problem=Quadratic(condition=20.0), runs=(Run(lr=1.0),), steps=60))
    (known,) = swept_curves([entry], rates_between(1e-3, 1.0, 400), Work(lambda: None, lambda *_: None))
    assert known.best is not None
    assert known.best.rate == pytest.approx(2 / 21, rel=0.06)


def test_values_are_those_of_the_single_runs() -> None:
    (known,) = swept(SGD(momentum=0.5), steps=40, count=9)
    final = known.values("final_loss")
    for place in range(9):
        simulation = Simulation(opened(known, place))
        simulation.advance(40)
        losses = simulation.trace.read("loss", 0, simulation.trace.length)[:, 0]
        if known.diverged[place]:
            assert np.isnan(final[place])
        else:
            assert final[place] == pytest.approx(losses[-1], rel=1e-12)


def test_with_a_target_the_best_rate_gets_there_first() -> None:
    (known,) = swept(SGD(), target=1e-3)
    steps = known.values("steps_to_target")
    assert known.best is not None and known.best.rule == "target"
    assert known.best.summary.steps_to_target <= np.nanmin(steps)


def made(problem: Problem, steps: int) -> Experiment:
    return Experiment(problem=problem, runs=(Run(lr=1.0),), steps=steps)


@pytest.mark.parametrize("experiment", [made(Proportional(), 300), made(Parabola(), 20)])
def test_ruler_and_sweep_say_the_same_of_the_same_rates(experiment: Experiment) -> None:
    zones = list(Survey(experiment, 0, -6, 1).pictures(lambda: False))[-1]
    rates = tuple(zones.rates.tolist())
    (known,) = swept_curves([Entry("SGD", experiment)], rates, Work(lambda: None, lambda *_: None))
    assert zones.best is not None and known.best is not None
    assert (zones.best.text, zones.best.rule) == (known.best.text, known.best.rule)


@pytest.mark.parametrize(
    "asked",
    [
        ["--problem", "proportional", "--steps", "200"],
        ["--problem", "proportional", "--steps", "200", "--target-loss", "1e-3"],
        ["--problem", "noisy_line", "--batch-size", "10", "--steps", "50"],
        ["--problem", "parabola", "--optimizer", "adam", "--steps", "60"],
        ["--problem", "formula:loss=a^2-5", "--steps", "60"],
    ],
    ids=" ".join,
)
def test_the_terminal_says_what_the_window_says(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", *asked, "--lr", "1e-4:10:128"]) == 0
    (line,) = (text for text in capsys.readouterr().out.splitlines() if text.startswith("best rate"))
    parser = argparse.ArgumentParser()
    add_experiment_options(parser)
    experiment = experiment_from(parser.parse_args([*asked, "--lr", "1"]))
    rates = rates_between(1e-4, 10.0, 128)
    (known,) = swept_curves([Entry("", experiment)], rates, Work(lambda: None, lambda *_: None))
    assert known.best is not None
    assert line.startswith(f"best rate {known.best.text}: ")
    assert ("target" in line) == (known.best.rule == "target") == ("--target-loss" in asked)


def test_good_rates_are_an_unbroken_row_around_the_best_one() -> None:
    verdicts = np.array([CONVERGING, TOO_SLOW, CONVERGING, ARRIVED, ARRIVED, CYCLING, ARRIVED])
    assert good_stretch(verdicts, 3) == (2, 4)
    assert good_stretch(verdicts, 0) == (0, 0)
    assert good_stretch(verdicts, 5) is None


def test_one_curve_is_written_as_the_terminal_writes_it(tmp_path: Path) -> None:
    (known,) = swept(SGD(momentum=0.5), steps=50, count=32)
    path = tmp_path / "sweep.csv"
    told = ["sweep", "--problem", "proportional", "--optimizer", "sgd:momentum=0.5", "--lr", "0.001:1:32"]
    assert main([*told, "--steps", "50", "--csv", str(path), "--quiet"]) == 0
    assert path.read_bytes() == "".join(csv_lines([known])).encode()


def test_several_curves_have_a_column_that_names_them() -> None:
    found = swept(SGD(), Adam(), steps=20, count=5)
    text = "".join(csv_lines(found))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 10
    assert [row["optimizer"] for row in rows] == ["SGD 0"] * 5 + ["Adam 1"] * 5
    assert [float(row["lr"]) for row in rows[5:]] == list(found[1].rates)


@pytest.mark.parametrize(("low", "high", "count"), [(0.0, 1.0, 5), (1.0, 1.0, 5), (0.1, 1.0, 1)])
def test_rates_that_cannot_be_are_refused(low: float, high: float, count: int) -> None:
    with pytest.raises(ValueError, match="rate"):
        rates_between(low, high, count)
