"""A map is answered from coarse to fine, and the theory's line stands where the books have it."""

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
from lrstudio.ui.instruments.map.question import MapAnswer, MapQuestion, answered, limit_line
from lrstudio.ui.instruments.map.range import MapRange
from lrstudio.ui.look.theme import LIGHT, Theme
from lrstudio.ui.session.bench import Work

RATE = MapRange("lr", 1e-3, 1.0, log=True, least=0.0)
MOMENTUM = MapRange("optimizer.momentum", 0.0, 0.99, least=0.0, most=0.9999)
BASE = Experiment(problem=Proportional(), runs=(Run(lr=0.1, optimizer=SGD(momentum=0.5)),), steps=60)
STEEPEST = float(np.linalg.eigvalsh(2 * np.array([[7.5, 2.5], [2.5, 1.0]])).max())
"""Twice the mean of [[x², x], [x, 1]] over x = 1, 2, 3, 4."""


def wanted() -> tuple[Column, Theme]:
    return "verdict", LIGHT


def answer_of(question: MapQuestion) -> tuple[MapAnswer, list[MapAnswer], Work]:
    told: list[MapAnswer] = []
    work = Work(lambda: None, lambda made, _kind, _none: told.append(made.take_partial()))  # type: ignore[attr-defined]
    answer = answered(question, wanted, work)
    assert answer is not None
    return answer, told, work


def test_the_limit_of_momentum_is_the_one_in_the_books() -> None:
    line = limit_line(MapQuestion(BASE, RATE, MOMENTUM, 64))
    assert line is not None
    np.testing.assert_allclose(10 ** line[:, 0], 2 * (1 + line[:, 1]) / STEEPEST, rtol=1e-9)
    turned = limit_line(MapQuestion(BASE, MOMENTUM, RATE, 64))
    assert turned is not None
    np.testing.assert_allclose(turned, line[:, ::-1])


def test_the_limit_of_a_bowl_falls_with_its_condition_number() -> None:
    experiment = Experiment(problem=Quadratic(), runs=(Run(lr=0.1),), steps=10)
    condition = MapRange("problem.condition", 1.0, 1e3, log=True, least=1.0, most=1e6)
    line = limit_line(MapQuestion(experiment, RATE, condition, 64))
    assert line is not None
    np.testing.assert_allclose(10 ** line[:, 0], 2 / 10 ** line[:, 1], rtol=1e-6)


@pytest.mark.parametrize(
    "question",
    [
        MapQuestion(BASE, MapRange("start.0", -1, 1), MOMENTUM, 8),
        MapQuestion(BASE.with_run(0, optimizer=Adam()), RATE, MapRange("optimizer.beta1", 0.0, 0.99), 8),
        MapQuestion(BASE.with_run(0, schedule=Exponential()), RATE, MOMENTUM, 8),
        presets()[1].question,
    ],
)
def test_where_no_theory_is_known_there_is_no_line(question: MapQuestion) -> None:
    assert limit_line(question) is None


def test_the_measured_edge_lies_within_a_cell_of_the_line() -> None:
    question = MapQuestion(replace(BASE, steps=600), RATE, replace(MOMENTUM, high=0.9), 40)
    answer, _, _ = answer_of(question)
    axis = np.array(answer.sweep.axes[0].values)
    for row, momentum in enumerate(answer.sweep.axes[1].values):
        diverged = np.flatnonzero(answer.picture.summary.verdict[row] == DIVERGED)
        limit = 2 * (1 + momentum) / STEEPEST
        assert axis[diverged[0] - 2] <= limit <= axis[diverged[0]] * 1.0001, momentum


def test_it_is_told_of_and_ends_whole() -> None:
    answer, told, work = answer_of(MapQuestion(BASE, RATE, MOMENTUM, 64))
    assert told[0].picture.share < 1 and told[-1] is answer
    assert answer.picture.share == work.fraction == 1.0
    assert (answer.colored.image.width(), answer.colored.image.height()) == (64, 64)


def test_a_place_is_that_of_the_cell_that_is_painted_there() -> None:
    answer, _, _ = answer_of(MapQuestion(BASE, RATE, MOMENTUM, 16))
    rates, momenta = answer.sweep.axes
    for column, rate in enumerate(rates.values):
        for row, momentum in enumerate(momenta.values):
            assert answer.cell(np.log10(rate), momentum) == (column, row)
            assert answer.known(column, row) == (column, row)


def test_what_is_cancelled_gives_no_answer() -> None:
    work = Work(lambda: None, lambda *_: None)
    work.cancel()
    assert answered(MapQuestion(BASE, RATE, MOMENTUM, 16), wanted, work) is None


def test_every_preset_can_be_computed_and_has_an_edge() -> None:
    for preset in presets():
        answer, _, _ = answer_of(replace(preset.question, side=16))
        verdicts = answer.picture.summary.verdict
        assert 0.02 < (verdicts == DIVERGED).mean() < 0.98, preset.title


def test_the_boundary_of_the_network_is_rough_at_every_scale() -> None:
    """Of neighbouring cells near the edge many differ, however far one zooms in: on a smooth edge they would not."""
    question = presets()[1].question
    places = [
        ((0.05, 0.07), (-2.2, -1.95)),
        ((0.06, 0.0625), (-2.2, -2.16875)),
        ((0.06010417, 0.06041667), (-2.2, -2.19609375)),
        ((0.06024740, 0.06028646), (-2.2, -2.19951172)),
    ]
    for across, upwards in places:
        part = replace(question, side=64, x=question.x.zoomed(*across), y=question.y.zoomed(*upwards))
        diverged = answer_of(part)[0].picture.summary.verdict == DIVERGED
        changes = (diverged[:, 1:] != diverged[:, :-1]).sum(axis=1)
        assert np.median(changes) >= 4, across
