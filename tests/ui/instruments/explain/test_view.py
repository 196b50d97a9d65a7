"""The page of an explained step: its texts, its layouts and its links to vectors."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QFont, QTextDocument
from pytestqt.qtbot import QtBot

from lrstudio.core.optimizers import OPTIMIZERS, SGD, Adam, Optimizer, RMSprop
from lrstudio.core.problems import (
    Classification,
    Formula,
    GoldsteinPrice,
    Parabola,
    Problem,
    Proportional,
    Ravine,
    Rosenbrock,
)
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
    explanation = explain(Replay(experiment, simulation.trace, 0), step)
    assert explanation is not None
    return explanation, experiment


def page_of(problem: Problem, optimizer: Optimizer, **other: Any) -> Page:
    explanation, experiment = explained(problem, optimizer, **other)
    dimensions = min(2, len(problem.domain))
    notes = remarks(explanation, experiment)
    return Page(explanation, headings(explanation, experiment), notes, kinds(explanation, dimensions))


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
def test_the_estimated_width_is_that_of_the_document(
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
def test_nothing_is_cut_off_if_the_narrowest_layout_fits(qtbot: QtBot, width: int) -> None:
    view = ExplainView()
    qtbot.addWidget(view)
    font = QFont()
    font.setPointSize(9)
    view.setFont(font)
    view.resize(width, 300)
    view.show()
    view.show_page(page_of(Ravine(), SGD(momentum=0.9)))
    assert view.horizontalScrollBar().maximum() == 0


def test_a_layout_that_just_fits_is_kept(qtbot: QtBot) -> None:
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
def test_every_optimizer_has_a_page_and_vectors(qtbot: QtBot, kind: type[Optimizer]) -> None:
    problem = Ravine() if not kind().refusal(Ravine.key, Ravine().tensors) else Classification()
    page = page_of(problem, kind())
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


def test_lines_that_share_a_vector_highlight_the_same_one(qtbot: QtBot) -> None:
    explanation, _ = explained(Ravine(), Adam())
    assert strong(explanation, "gradient:1", 2) == strong(explanation, "gradient:0", 2) == "gradient:0"
    assert strong(explanation, "rate:0", 2) == "rate:0"


def test_a_momentum_is_the_sum_of_its_labelled_parts() -> None:
    explanation, _ = explained(Ravine(), SGD(momentum=0.9))
    momentum = next(vector for vector in vectors(explanation, 2) if vector.kind == "direction")
    assert [label for _, label in momentum.parts] == ["−0.9·b", "−g"]
    summed = [sum(values) for values in zip(*(delta for delta, _ in momentum.parts), strict=True)]
    assert summed == pytest.approx(momentum.delta)


def test_the_bars_show_the_step_per_unit_of_the_direction_along_each_axis() -> None:
    explanation, _ = explained(Ravine(), Adam())
    m = next(line.vector for line in explanation.lines if line.role == "direction")
    assert m is not None
    bars = next(vector for vector in vectors(explanation, 2) if vector.kind == "scale")
    assert bars.delta == pytest.approx(tuple(abs(explanation.stretch / m)))


def test_a_dimmed_page_has_the_same_text_in_another_colour(qtbot: QtBot) -> None:
    view = ExplainView()
    qtbot.addWidget(view)
    view.show_page(page_of(Parabola(), SGD()))
    before = view.toPlainText()
    view.set_dimmed(True)
    assert view.toPlainText() == before
    assert LIGHT.foreground not in view.page.html(LIGHT, wide=True, beside=True, dimmed=True)


def test_the_outcome_describes_the_change_of_the_loss() -> None:
    fall, _ = explained(Parabola(), SGD(), lr=0.1)
    rise, _ = explained(Parabola(), SGD(), lr=1.2, schedule=OneCycle(max_lr=2.0))
    still, _ = explained(Parabola(), SGD(), lr=0.0)
    assert ("it falls by" in outcome(fall)[0], outcome(fall)[1]) == (True, True)
    assert ("it rises by" in outcome(rise)[0], outcome(rise)[1]) == (True, False)
    assert ("the same" in outcome(still)[0], outcome(still)[1]) == (True, None)


def test_the_step_at_which_a_run_diverges_is_not_still_to_be_made() -> None:
    run = Run(lr=1e200, optimizer=SGD())
    experiment = Experiment(problem=Parabola(), runs=(run,), steps=30)
    simulation = Simulation(experiment)
    simulation.advance(30)
    explanation = explain(Replay(experiment, simulation.trace, 0), 30)
    assert explanation is not None
    assert "still" not in title(explanation, experiment)
    assert "has diverged" in outcome(explanation)[0]


def test_float32_batches_and_many_parameters_have_remarks() -> None:
    explanation, experiment = explained(Parabola(), SGD(), lr=1e-12, precision="float32")
    assert any("float32" in remark for remark in remarks(explanation, experiment))
    explanation, experiment = explained(Proportional(), SGD(), lr=0.01, batch_size=2)
    assert any("batch of 2" in remark for remark in remarks(explanation, experiment))
    explanation, experiment = explained(Formula(loss="a^2 + b^2 + c^2"), SGD())
    assert any("3 parameters" in remark for remark in remarks(explanation, experiment))
    explanation, experiment = explained(Ravine(), SGD(), gradient=Gradient(mode="central"))
    assert remarks(explanation, experiment) == []


def test_a_very_long_formula_is_broken_into_lines(qtbot: QtBot) -> None:
    view = ExplainView()
    qtbot.addWidget(view)
    view.resize(900, 300)
    view.show()
    page = page_of(GoldsteinPrice(), SGD(), lr=1e-7)
    view.show_page(page)
    assert length(page.lines("loss")[0].formula) > LONG
    assert view.horizontalScrollBar().maximum() == 0


def test_the_heading_of_a_plateau_names_the_step_of_its_loss() -> None:
    explanation, experiment = explained(Ravine(), SGD(), schedule=Plateau(patience=2))
    assert headings(explanation, experiment)["rate"].endswith("after the loss of step 5")
