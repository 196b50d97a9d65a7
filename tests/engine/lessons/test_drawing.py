"""A drawn loss is judged by its direction, its last power of ten and its ups and downs, in numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lrstudio.engine.claims import Outcome
from lrstudio.engine.lessons import Drawing, Prediction
from lrstudio.engine.lessons.drawing import COLUMNS, DOWN, UP, heights_of, turns
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.training.simulation import Simulation

FALLS = "--problem parabola --start 5 --lr 0.05 --steps 40"
EXPLODES = "--problem parabola --start 5 --lr 1.2 --steps 40"
SWINGS = '--problem parabola --start 5 --run "lr=0.1;optimizer=sgd:momentum=0.95" --steps 60'
LEVEL = "--problem parabola --start 5 --lr 1 --steps 40"


def ran(words: str) -> Outcome:
    simulation = Simulation(experiment_of(words))
    simulation.advance(simulation.experiment.steps)
    return Outcome(simulation.experiment, simulation.trace)


def line(first: float, last: float) -> Drawing:
    return Drawing(tuple(np.linspace(first, last, COLUMNS).tolist()))


def traced(outcome: Outcome) -> Drawing:
    """Returns the drawing of somebody who knows the run."""
    heights = heights_of(outcome, 0)
    assert heights is not None
    return Drawing(tuple(heights[np.linspace(0, len(heights) - 1, COLUMNS).astype(int)].tolist()))


def zigzag(first: float, last: float) -> Drawing:
    heights = np.linspace(first, last, COLUMNS) + 1.5 * (np.arange(COLUMNS) % 2)
    return Drawing(tuple(heights.tolist()))


def judged(words: str, drawing: Drawing) -> tuple[bool | None, str]:
    outcome = ran(words)
    judgement = Prediction("?", draws=0, because="It is {run 1: loss at end}.").judge(
        drawing, outcome, outcome.experiment
    )
    return judgement.right, judgement.text


@pytest.mark.parametrize("words", [FALLS, EXPLODES, LEVEL])
def test_who_draws_what_happens_is_right(words: str) -> None:
    right, text = judged(words, traced(ran(words)))
    assert right is True and text.startswith("Right. You drew a loss that ends at ")


START = math.log10(36)


@pytest.mark.parametrize(
    ("words", "drawing", "says"),
    [
        (FALLS, line(START, START + 2), "The direction is another one."),
        (FALLS, line(START, START - 0.5), "powers of ten off"),
        (FALLS, zigzag(START, START - 3.7), " in your drawing, 0 in the run."),
        (EXPLODES, line(START, START - 3), "The direction is another one."),
        (LEVEL, line(START, START - 2), "powers of ten off"),
        (SWINGS, line(START, -3.0), "Turns up or down: 0 in your drawing"),
    ],
)
def test_what_is_wrong_is_said_in_numbers(words: str, drawing: Drawing, says: str) -> None:
    right, text = judged(words, drawing)
    assert right is False and says in text and "began at 36" in text
    assert "It is" in text


def test_a_run_that_swings_is_drawn_with_turns() -> None:
    outcome = ran(SWINGS)
    heights = heights_of(outcome, 0)
    assert heights is not None and turns(heights) >= 2
    right, _ = judged(SWINGS, zigzag(START, float(heights[-1])))
    assert right is True


def test_ripples_of_less_than_a_tenth_of_a_power_are_no_turns() -> None:
    assert turns([0, 0.05, 0, 0.05, -1, -0.95, -1]) == 0
    assert turns([0, -1, 0, -1]) == 2


def test_a_loss_is_limited_to_what_can_be_drawn() -> None:
    far, near = heights_of(ran(EXPLODES + "0"), 0), heights_of(ran("--problem parabola --lr 0.5 --steps 9"), 0)
    assert far is not None and near is not None
    assert far[-1] == pytest.approx(far[0] + UP) and near[-1] == pytest.approx(near[0] - DOWN)


def test_losses_below_zero_are_not_judged() -> None:
    assert judged("--problem saddle --start 0,0 --lr 0.1 --steps 5", line(0, -1))[0] is None
