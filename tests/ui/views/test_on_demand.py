"""A canvas is made when its view is first shown, and then shows what was chosen before."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import numpy as np

from lrstudio.engine.examples import EXAMPLES
from lrstudio.ui.canvases.landscape.surface_view import TurnableLandscape
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.pictures import MistakesCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.look.theme import DARK
from lrstudio.ui.views.catalogue import VIEWS, first_layout
from tests.e2e.conftest import KNOWN_VIEWS, Driver
from tests.ui.views.conftest import Opened

LOSS, RATE, LANDSCAPE = "Loss against step", "Learning rate against step", "Landscape"


def without(opened: Opened, *hidden: str) -> Driver:
    """The window as it was left with some views hidden."""
    layout = first_layout(VIEWS)
    added = (view for view in VIEWS if view not in KNOWN_VIEWS and view.key in hidden)
    return opened(*added, layout=json.dumps(replace(layout, hidden=layout.hidden.union(hidden)).to_save()))


def made(driver: Driver) -> list[str]:
    return [key for key, frame in driver.window.views.area.frames.items() if frame.built_canvas is not None]


def test_only_what_is_shown_is_made_and_it_is_kept(opened: Opened) -> None:
    driver = without(opened, "loss")
    assert made(driver) == ["landscape", "data", "weights", "rate"]
    driver.menu("View", LOSS)
    assert made(driver) == ["landscape", "data", "weights", "loss", "rate"]
    canvas = driver.window.views.canvas(LossCanvas)
    driver.menu("View", LOSS)
    driver.menu("View", LOSS)
    assert driver.window.views.canvas(LossCanvas) is canvas and canvas.isVisible()


def test_what_was_chosen_before_holds(opened: Opened) -> None:
    driver = without(opened, "loss")
    driver.menu("View", "Logarithmic loss")
    driver.menu("View", "Logarithmic steps")
    driver.menu("View", "Smoothing of the loss", "0.9")
    driver.menu("View", "Theme", "Dark")
    driver.session.arrange(driver.session.arrangement.toggled(1))
    driver.finish()
    assert "loss" not in made(driver)
    driver.menu("View", LOSS)
    canvas = driver.window.views.canvas(LossCanvas)
    assert (canvas.log, canvas.scale.log, canvas.beta) == (False, True, 0.9)
    assert canvas.theme is DARK and canvas.hidden == {1}
    driver.until(lambda: canvas.pyramid.length == 1001)
    canvas.step_clicked.emit(7)
    assert driver.window.time_cursor.step == 7


def test_a_new_canvas_shows_the_selected_run_and_step(opened: Opened) -> None:
    driver = without(opened, "mistakes")
    digits = next(example for example in EXAMPLES if example.experiment.problem.key == "digits")
    driver.until_new_trace(lambda: driver.session.show(digits.experiment))
    driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.window.time_cursor.newest == 1)
    driver.window.runs.select(1)
    driver.window.time_cursor.go(0)
    driver.menu("View", "Images read wrong")
    canvas = driver.window.views.canvas(MistakesCanvas)
    driver.until(lambda: canvas.step == 0)
    assert canvas.selected == 1


def test_a_new_rate_canvas_shows_the_preview(opened: Opened) -> None:
    driver = without(opened, "rate")
    driver.until(lambda: driver.session.preview is not None)
    driver.menu("View", RATE)
    preview = driver.window.views.canvas(RateCanvas).preview
    assert preview is not None
    assert driver.session.preview is not None
    np.testing.assert_array_equal(preview[1], driver.session.preview[1])


def test_the_landscape_fetches_its_ground_and_the_next_step_and_lies_in_space(opened: Opened) -> None:
    driver = without(opened, "landscape")
    driver.menu("View", "Landscape in space")
    driver.until(lambda: not driver.window.feed.busy)
    assert "landscape" not in made(driver)
    with driver.qtbot.waitSignal(driver.session.next_step_changed):
        driver.menu("View", LANDSCAPE)
    canvas = driver.window.views.canvas(TurnableLandscape)
    driver.until(lambda: canvas.domain_background is not None)
    driver.until(canvas.surface.isVisible)


def test_an_explained_step_is_drawn_over_a_landscape_that_is_shown_later(opened: Opened) -> None:
    driver = without(opened, "landscape")
    driver.menu("Tools", "Explain this step")
    driver.until(lambda: driver.window.explain.explanation is not None)
    driver.menu("View", LANDSCAPE)
    canvas = driver.window.views.canvas(TurnableLandscape)
    driver.until(lambda: len(canvas.explained.item.vectors) > 0)


def test_every_view_is_drawn_when_it_is_shown(opened: Opened) -> None:
    driver = without(opened, *(view.key for view in VIEWS))
    assert made(driver) == []
    for view in sorted(VIEWS, key=lambda view: view.applies(driver.session.experiment.problem), reverse=True):
        if not view.applies(driver.session.experiment.problem):
            example = next(example for example in EXAMPLES if view.applies(example.experiment.problem))
            driver.until_new_trace(partial(driver.session.show, example.experiment))
        assert view.key not in made(driver)
        driver.window.views.area.set_shown(view.key, True)
        canvas = driver.window.views.area.frames[view.key].canvas
        assert canvas.isVisible() and canvas.trace is driver.session.trace
    assert sorted(made(driver)) == sorted(view.key for view in VIEWS)
