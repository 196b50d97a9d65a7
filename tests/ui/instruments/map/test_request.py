"""A map is computed from coarse to fine, and the theory's line agrees with the known limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Proportional, Quadratic
from lrstudio.core.schedules import Exponential
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.ui.instruments.map.colors import Column
from lrstudio.ui.instruments.map.presets import presets
from lrstudio.ui.instruments.map.range import MapRange
from lrstudio.ui.instruments.map.request import MapRequest, MapResult, compute_map, limit_line
from lrstudio.ui.look.theme import LIGHT, Theme
from lrstudio.ui.session.bench import Work

RATE = MapRange("lr", 1e-3, 1.0, log=True, least=0.0)
MOMENTUM = MapRange("optimizer.momentum", 0.0, 0.99, least=0.0, most=0.9999)
BASE = Experiment(problem=Proportional(), runs=(Run(lr=0.1, optimizer=SGD(momentum=0.5)),), steps=60)
STEEPEST = float(np.linalg.eigvalsh(2 * np.array([[7.5, 2.5], [2.5, 1.0]])).max())
"""Twice the mean of [[x², x], [x, 1]] over x = 1, 2, 3, 4."""


def style() -> tuple[Column, Theme]:
    return "verdict", LIGHT


def result_of(request: MapRequest) -> tuple[MapResult, list[MapResult], Work]:
    published: list[MapResult] = []
    work = Work(lambda: None, lambda job, _kind, _none: published.append(job.take_partial()))  # type: ignore[attr-defined]
    result = compute_map(request, style, work)
    assert result is not None
    return result, published, work


def test_the_limit_of_momentum_agrees_with_theory() -> None:
    line = limit_line(MapRequest(BASE, RATE, MOMENTUM, 64))
    assert line is not None
    np.testing.assert_allclose(10 ** line[:, 0], 2 * (1 + line[:, 1]) / STEEPEST, rtol=1e-9)
    swapped = limit_line(MapRequest(BASE, MOMENTUM, RATE, 64))
    assert swapped is not None
    np.testing.assert_allclose(swapped, line[:, ::-1])


def test_the_limit_of_a_quadratic_falls_with_its_condition_number() -> None:
    experiment = Experiment(problem=Quadratic(), runs=(Run(lr=0.1),), steps=10)
    condition = MapRange("problem.condition", 1.0, 1e3, log=True, least=1.0, most=1e6)
    line = limit_line(MapRequest(experiment, RATE, condition, 64))
    assert line is not None
    np.testing.assert_allclose(10 ** line[:, 0], 2 / 10 ** line[:, 1], rtol=1e-6)


@pytest.mark.parametrize(
    "unknown",
    [
        MapRequest(BASE, MapRange("start.0", -1, 1), MOMENTUM, 8),
        MapRequest(BASE.with_run(0, optimizer=Adam()), RATE, MapRange("optimizer.beta1", 0.0, 0.99), 8),
        MapRequest(BASE.with_run(0, schedule=Exponential()), RATE, MOMENTUM, 8),
        presets()[1].request,
    ],
)
def test_without_a_theory_there_is_no_line(unknown: MapRequest) -> None:
    assert limit_line(unknown) is None


def test_the_measured_edge_lies_within_a_cell_of_the_line() -> None:
    request = MapRequest(replace(BASE, steps=600), RATE, replace(MOMENTUM, high=0.9), 40)
    result, _, _ = result_of(request)
    axis = np.array(result.sweep.axes[0].values)
    for row, momentum in enumerate(result.sweep.axes[1].values):
        diverged = np.flatnonzero(result.picture.summary.verdict[row] == DIVERGED)
        limit = 2 * (1 + momentum) / STEEPEST
        assert axis[diverged[0] - 2] <= limit <= axis[diverged[0]] * 1.0001, momentum


def test_partial_results_are_published_and_the_last_one_is_complete() -> None:
    result, published, work = result_of(MapRequest(BASE, RATE, MOMENTUM, 64))
    assert published[0].picture.share < 1 and published[-1] is result
    assert result.picture.share == work.fraction == 1.0
    assert (result.colored.image.width(), result.colored.image.height()) == (64, 64)


def test_coordinates_are_those_of_the_painted_cell() -> None:
    result, _, _ = result_of(MapRequest(BASE, RATE, MOMENTUM, 16))
    rates, momenta = result.sweep.axes
    for column, rate in enumerate(rates.values):
        for row, momentum in enumerate(momenta.values):
            assert result.cell(np.log10(rate), momentum) == (column, row)
            assert result.computed_cell(column, row) == (column, row)


def test_a_cancelled_map_has_no_result() -> None:
    work = Work(lambda: None, lambda *_: None)
    work.cancel()
    assert compute_map(MapRequest(BASE, RATE, MOMENTUM, 16), style, work) is None


def test_every_preset_can_be_computed_and_has_an_edge() -> None:
    for preset in presets():
        result, _, _ = result_of(replace(preset.request, side=16))
        verdicts = result.picture.summary.verdict
        assert 0.02 < (verdicts == DIVERGED).mean() < 0.98, preset.title


def test_the_boundary_of_the_network_is_rough_at_every_scale() -> None:
    """Of neighbouring cells near the edge many differ, however far one zooms in: on a smooth edge they would not."""
    request = presets()[1].request
    ranges = [
        ((0.05, 0.07), (-2.2, -1.95)),
        ((0.06, 0.0625), (-2.2, -2.16875)),
        ((0.06010417, 0.06041667), (-2.2, -2.19609375)),
        ((0.06024740, 0.06028646), (-2.2, -2.19951172)),
    ]
    for across, upwards in ranges:
        part = replace(request, side=64, x=request.x.zoomed(*across), y=request.y.zoomed(*upwards))
        diverged = result_of(part)[0].picture.summary.verdict == DIVERGED
        changes = (diverged[:, 1:] != diverged[:, :-1]).sum(axis=1)
        assert np.median(changes) >= 4, across
