"""The page of an explained step: what it says, how it fits, what its lines are linked to."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QFont, QTextDocument
from pytestqt.qtbot import QtBot

from lrstudio.core.optimizers import OPTIMIZERS, SGD, Adam, Optimizer, RMSprop
from lrstudio.core.problems import Formula, GoldsteinPrice, Parabola, Problem, Proportional, Ravine, Rosenbrock
from lrstudio.core.schedules import Cosine, OneCycle, Plateau
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.explain.explanation import Explanation, explain
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.instruments.explain.page import LONG, Page, headings, length, outcome, remarks, title
from lrstudio.ui.instruments.explain.vectors import kinds, strong, vectors
from lrstudio.ui.instruments.explain.view import ExplainView, Measure
from lrstudio.ui.look.theme import DARK, LIGHT


def explained(problem: Problem, optimizer: Optimizer, step: int = 6, **other: Any) -> tuple[Explanation, Experiment]:
    run = Run(lr=other.pop("lr", 0.05), optimizer=optimizer, schedule=other.pop("schedule", Cosine()))
    experiment = Experiment(problem=problem, runs=(run,), steps=30, **other)
    simulation = Simulation(experiment)
    simulation.advance(step + 2)
    found = explain(Replay(experiment, simulation.trace, 0), step)
    assert found is not None
    return found, experiment


def page_of(problem: Problem, optimizer: Optimizer, **other: Any) -> Page:
    found, experiment = explained(problem, optimizer, **other)
    dimensions = min(2, len(problem.domain))
    notes = remarks(found, experiment)
    return Page(found, headings(found, experiment), notes, kinds(found, dimensions))


@pytest.mark.parametrize("points", [9, 14, 24])
@pytest.mark.parametrize(
    ("problem", "optimizer"),
    [
        (Parabola(), SGD()),
        (Ravine(), Adam()),
        (Proportional(), RMSprop(momentum=0.5)),
        (Rosenbrock(), SGD(momentum=0.9)),
    ],
    ids=str,
)
def test_the_measured_width_is_that_of_the_page(
    qtbot: QtBot, problem: Problem, optimizer: Optimizer, points: int
) -> None:
    page, font = page_of(problem, optimizer), QFont()
    font.setPointSize(points)
    measure = Measure(page, font)
    document = QTextDocument()
    document.setDefaultFont(font)
    for wide in (True, False):
        for beside in (True, False):
            document.setHtml(page.html(LIGHT, wide=wide, beside=beside))
            assert measure.width(wide, beside) == pytest.approx(document.idealWidth(), rel=0.04)


@pytest.mark.parametrize("width", [1800, 1000, 700, 420])
def test_nothing_is_cut_off_where_there_is_room_for_the_narrowest_page(qtbot: QtBot, width: int) -> None:
    view = ExplainView()
    qtbot.addWidget(view)
    font = QFont()
    font.setPointSize(9)
    view.setFont(font)
    view.resize(width, 300)
    view.show()
    view.show_page(page_of(Ravine(), SGD(momentum=0.9)))
    assert view.horizontalScrollBar().maximum() == 0


def test_a_page_that_just_fits_keeps_its_form(qtbot: QtBot) -> None:
    view = ExplainView()
    qtbot.addWidget(view)
    view.show()
    view.resize(1800, 300)
    page = page_of(Ravine(), SGD())
    view.show_page(page)
    measure = Measure(page, view.font())
    margin = 2 * view.document().documentMargin() + view.width() - view.viewport().width()
    view.resize(round(measure.width(True, True) + margin + 2), 300)
    assert view.shown_layout == 0
    view.resize(round(measure.width(True, True) + margin - 4), 300)
    qtbot.waitUntil(lambda: view.shown_layout != 0)
    view.resize(round(measure.width(True, True) + margin + 2), 300)
    qtbot.wait(20)
    assert view.shown_layout != 0


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.key)
def test_every_optimizer_has_a_page_and_its_vectors(qtbot: QtBot, kind: type[Optimizer]) -> None:
    page = page_of(Ravine(), kind())
    view = ExplainView()
    qtbot.addWidget(view)
    for theme in (LIGHT, DARK):
        view.set_theme(theme)
        view.show_page(page)
    assert "lr" in view.toPlainText()
    drawn = vectors(page.explanation, 2)
    assert drawn[0].kind == "gradient"
    assert drawn[-1].kind == "step"
    assert page.text("title", "outcome").count("\n") > 8


def test_lines_that_stand_for_one_vector_bring_out_the_same(qtbot: QtBot) -> None:
    found, _ = explained(Ravine(), Adam())
    assert strong(found, "gradient:1", 2) == strong(found, "gradient:0", 2) == "gradient:0"
    assert strong(found, "rate:0", 2) == "rate:0"


def test_a_momentum_says_of_what_it_is_the_sum() -> None:
    found, _ = explained(Ravine(), SGD(momentum=0.9))
    momentum = next(vector for vector in vectors(found, 2) if vector.kind == "direction")
    assert [label for _, label in momentum.parts] == ["−0.9·b", "−g"]
    summed = [sum(values) for values in zip(*(delta for delta, _ in momentum.parts), strict=True)]
    assert summed == pytest.approx(momentum.delta)


def test_the_bars_are_as_long_as_a_unit_is_taken_along_each_axis() -> None:
    found, _ = explained(Ravine(), Adam())
    m = next(line.vector for line in found.lines if line.role == "direction")
    assert m is not None
    bars = next(vector for vector in vectors(found, 2) if vector.kind == "scale")
    assert bars.delta == pytest.approx(tuple(abs(found.stretch / m)))


def test_a_dimmed_page_says_the_same_in_another_ink(qtbot: QtBot) -> None:
    view = ExplainView()
    qtbot.addWidget(view)
    view.show_page(page_of(Parabola(), SGD()))
    before = view.toPlainText()
    view.set_dimmed(True)
    assert view.toPlainText() == before
    assert LIGHT.foreground not in view.page.html(LIGHT, wide=True, beside=True, dimmed=True)


def test_the_outcome_is_in_words() -> None:
    fall, _ = explained(Parabola(), SGD(), lr=0.1)
    rise, _ = explained(Parabola(), SGD(), lr=1.2, schedule=OneCycle(max_lr=2.0))
    still, _ = explained(Parabola(), SGD(), lr=0.0)
    assert ("it falls by" in outcome(fall)[0], outcome(fall)[1]) == (True, True)
    assert ("it rises by" in outcome(rise)[0], outcome(rise)[1]) == (True, False)
    assert ("the same" in outcome(still)[0], outcome(still)[1]) == (True, None)


def test_the_step_at_which_a_run_diverges_was_made() -> None:
    run = Run(lr=1e200, optimizer=SGD())
    experiment = Experiment(problem=Parabola(), runs=(run,), steps=30)
    simulation = Simulation(experiment)
    simulation.advance(30)
    found = explain(Replay(experiment, simulation.trace, 0), 30)
    assert found is not None
    assert "still" not in title(found, experiment)
    assert "has diverged" in outcome(found)[0]


def test_float32_and_batches_and_many_parameters_are_remarked_on() -> None:
    found, experiment = explained(Parabola(), SGD(), lr=1e-12, precision="float32")
    assert any("float32" in remark for remark in remarks(found, experiment))
    found, experiment = explained(Proportional(), SGD(), lr=0.01, batch_size=2)
    assert any("batch of 2" in remark for remark in remarks(found, experiment))
    found, experiment = explained(Formula(loss="a^2 + b^2 + c^2"), SGD())
    assert any("3 parameters" in remark for remark in remarks(found, experiment))
    found, experiment = explained(Ravine(), SGD(), gradient=Gradient(mode="central"))
    assert remarks(found, experiment) == []


def test_a_very_long_loss_is_broken_into_lines(qtbot: QtBot) -> None:
    view = ExplainView()
    qtbot.addWidget(view)
    view.resize(900, 300)
    view.show()
    page = page_of(GoldsteinPrice(), SGD(), lr=1e-7)
    view.show_page(page)
    assert length(page.lines("loss")[0].formula) > LONG
    assert view.horizontalScrollBar().maximum() == 0


def test_a_plateau_says_which_loss_made_the_rate() -> None:
    found, experiment = explained(Ravine(), SGD(), schedule=Plateau(patience=2))
    assert headings(found, experiment)["rate"].endswith("after the loss of step 5")
