"""The values along a side of a map."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lrstudio.core.declaration import Declared
from lrstudio.core.optimizers import OPTIMIZERS, SGD, Adam, Optimizer
from lrstudio.core.problems import (
    PROBLEMS,
    Classification,
    Digits,
    NoisyLine,
    Problem,
    Proportional,
    Quadratic,
    Rosenbrock,
)
from lrstudio.core.schedules import SCHEDULES, Exponential
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.axis import names
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.ui.instruments.map.range import MapRange, MapViews, usual_range

WHOLE = MapRange("lr", 0.001, 1.0), MapRange("start.0", -1.0, 1.0)
ZOOMED = [(MapRange("lr", 0.01, 1.0 / k), MapRange("start.0", -1.0 / k, 1.0)) for k in (2, 3, 4)]


def test_cells_have_the_values_in_their_middles() -> None:
    axis, indices = MapRange("start.0", -1.0, 1.0).cells(4)
    assert axis.values == (-0.75, -0.25, 0.25, 0.75)
    assert indices.tolist() == [0, 1, 2, 3]
    axis, _ = MapRange("lr", 1e-2, 1.0, log=True).cells(2)
    np.testing.assert_allclose(axis.values, [10**-1.5, 10**-0.5])


def test_whole_numbers_are_computed_once_and_shown_wide() -> None:
    axis, indices = MapRange("batch_size", 1.0, 4.0, whole=True, least=1.0, most=4.0).cells(60)
    assert axis.values == (1.0, 2.0, 3.0, 4.0)
    assert [axis.values[index] for index in indices] == [
        float(np.clip(np.round(1 + 3 * (cell + 0.5) / 60), 1, 4)) for cell in range(60)
    ]


def test_a_coordinate_is_in_the_cell_whose_middle_is_nearest() -> None:
    side = MapRange("lr", 1e-4, 10.0, log=True)
    axis, _ = side.cells(77)
    middles = np.log10(axis.values)
    for coordinate in np.random.default_rng(0).uniform(-4, 1, 200):
        assert side.cell(coordinate, 77) == int(np.abs(middles - coordinate).argmin())


def test_zooming_stays_within_the_bounds_of_the_values() -> None:
    momentum = MapRange("optimizer.momentum", 0.0, 0.99, least=0.0, most=0.9999)
    assert momentum.zoomed(-3.0, 7.0) == replace(momentum, low=0.0, high=0.9999)
    rate = MapRange("lr", 1e-3, 1.0, log=True, least=0.0)
    near = rate.zoomed(-2.0, -1.0)
    assert (near.low, near.high) == pytest.approx((0.01, 0.1))
    assert rate.zoomed(-400.0, 1.0).low > 0
    assert momentum.zoomed(2.0, 3.0) == momentum


def test_ends_in_the_wrong_order_and_logarithms_of_negative_ends_are_refused() -> None:
    with pytest.raises(ValueError, match="first must be below"):
        MapRange("lr", 1.0, 1.0)
    with pytest.raises(ValueError, match="above 0"):
        MapRange("start.0", -1.0, 1.0, log=True)
    with pytest.raises(ValueError, match="first must be below"):
        MapRange("lr", 0.1, math.nan)


@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(problem=Proportional(), runs=(Run(lr=0.1, optimizer=SGD(momentum=0.5)),), steps=3),
        Experiment(problem=Quadratic(), runs=(Run(lr=0.1, optimizer=Adam(), schedule=Exponential()),), steps=3),
        Experiment(problem=NoisyLine(), runs=(Run(lr=0.1),), steps=3, batch_size=8),
        Experiment(problem=Rosenbrock(), runs=(Run(lr=0.001),), steps=3),
        Experiment(problem=Classification(n=20, layers=1), runs=(Run(lr=0.1),), steps=3),
    ],
    ids=lambda experiment: experiment.problem.key,
)
def test_the_usual_range_of_every_name_can_be_swept(experiment: Experiment) -> None:
    for name in names(experiment):
        side = usual_range(experiment, name)
        axis, indices = side.cells(5)
        other, _ = usual_range(experiment, "lr" if name != "lr" else "seed").cells(2)
        summary = Sweep(experiment, [axis, other]).run()
        assert indices.max() == len(axis.values) - 1
        assert (summary.verdict >= 0).all(), name


@pytest.mark.parametrize("kind", [*PROBLEMS, *OPTIMIZERS, *SCHEDULES], ids=lambda kind: f"{kind.__module__}")
def test_every_number_of_the_catalogues_has_a_usual_range(kind: type[Declared]) -> None:
    entry = kind()
    run = Run(lr=0.1)
    if isinstance(entry, Problem):
        experiment = Experiment(problem=entry, runs=(run,), steps=50)
    else:
        group = "optimizer" if isinstance(entry, Optimizer) else "schedule"
        plain = Proportional()
        fits = not isinstance(entry, Optimizer) or not entry.refusal(plain.key, plain.tensors)
        runs = (replace(run, **{group: entry}),)  # type: ignore[arg-type]
        experiment = Experiment(problem=plain if fits else Digits(), runs=runs, steps=50)
    for name in names(experiment):
        axis, _ = usual_range(experiment, name).cells(7)
        axis.check(experiment)


def test_back_and_forward_go_through_the_ranges_in_view() -> None:
    views = MapViews()
    views.restart(*WHOLE)
    assert views.at_home and not views.can_go(-1) and not views.can_go(1)
    for zoomed in ZOOMED:
        views.add(*zoomed)
    assert not views.at_home
    assert views.go(-1) == ZOOMED[1] and views.go(-1) == ZOOMED[0] and views.go(-1) == WHOLE
    assert views.at_home and not views.can_go(-1)
    assert views.go(1) == ZOOMED[0]


def test_new_ranges_replace_those_ahead() -> None:
    views = MapViews()
    views.restart(*WHOLE)
    views.add(*ZOOMED[0])
    views.go(-1)
    views.add(*ZOOMED[1])
    assert not views.can_go(1)
    assert views.go(-1) == WHOLE == views.home


def test_equal_ranges_are_stored_once() -> None:
    views = MapViews()
    views.restart(*WHOLE)
    views.add(*WHOLE)
    assert not views.can_go(-1)
