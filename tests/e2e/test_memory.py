"""What the window keeps of experiments that it no longer shows."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.instruments.map.window import MapWindow
from lrstudio.ui.instruments.range_test.window import RangeTestWindow
from lrstudio.ui.instruments.sweep.window import SweepWindow
from tests.e2e.conftest import Driver


@pytest.fixture
def collected() -> Iterator[None]:
    """With the objects that the window has frozen among those that are collected."""
    gc.unfreeze()
    yield
    gc.collect()


def traces() -> list[Trace]:
    """All traces that anything still refers to."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.unfreeze()
    gc.collect()
    return [item for item in gc.get_objects() if isinstance(item, Trace)]


def test_no_trace_is_kept_of_experiments_that_are_closed(driver: Driver, collected: None) -> None:
    window, session = driver.window, driver.session
    before = len(traces())
    for name in ("Compare runs", "Explain this step"):
        driver.menu("Tools", name)
    driver.menu("View", "Step table")
    windows = [window.tools.show(kind) for kind in (MapWindow, SweepWindow, RangeTestWindow)]
    for number, example in enumerate(EXAMPLES[:3] + EXAMPLES[-3:]):
        driver.until_new_trace(lambda example=example: session.show(example.experiment))
        for view in window.views.area.applicable:
            window.views.area.set_shown(view, True)
        window.transport.set_pace(None)
        window.run_actions.play.trigger()
        driver.until(lambda: session.steps_done > 5)
        window.run_actions.play.trigger()
        driver.until(lambda: session.state is not State.RUNNING)
        for each in windows if number == 2 else ():
            each.close()
    for dock in (window.compare_dock, window.explain, window.table_dock):
        dock.hide()
    driver.until_new_trace(lambda: session.show(EXAMPLES[0].experiment))
    driver.until(lambda: not window.bench.busy and not window.feed.busy)
    window.views.draw_frame()
    kept = [trace for trace in traces() if trace is not session.trace]
    assert len(kept) <= before - 1, [(trace.names, trace.length) for trace in kept]
