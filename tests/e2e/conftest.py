"""The real window, opened for a test and closed after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from lrstudio.engine.training.pilot import State
from lrstudio.ui.views.catalogue import VIEWS
from lrstudio.ui.views.views import Views
from lrstudio.ui.window import main_window
from lrstudio.ui.window.main_window import MainWindow
from tests.conftest import PatientBot

_KNOWN = {"landscape", "data", "weights", "loss", "rate"}
_KNOWN |= {"boundary", "mistakes", "first_layer", "accuracy", "curvature"}
KNOWN_VIEWS = tuple(view for view in VIEWS if view.key in _KNOWN)
"""The views of these tests: another one in the catalogue moves none of them."""


class Driver:
    """What a user does to a window, and waiting for what comes of it."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        self.session = window.session

    def until(self, true: Callable[..., Any]) -> None:
        self.qtbot.waitUntil(true)

    def until_state(self, *states: State) -> None:
        self.until(lambda: self.session.state in states)

    def until_new_trace(self, act: Callable[..., object]) -> None:
        """Do something that makes another trace and wait for it."""
        before = self.session.trace
        act()
        self.until(lambda: self.session.trace is not before and self.session.trace is not None)
        self.until(lambda: self.session.state is not State.RUNNING)

    def menu(self, *path: str) -> None:
        """Trigger a menu entry by its texts."""
        entry = self.entry(*path)
        assert entry.isEnabled()
        entry.trigger()

    def entry(self, *path: str) -> QAction:
        """A menu entry by its texts."""
        actions = self.window.menuBar().actions()
        for name in path:
            found = [action for action in actions if action.text().replace("&", "") == name]
            assert found, f"{name} is not among {[action.text() for action in actions]}"
            menu = found[0].menu()
            actions = menu.actions() if menu is not None else []  # type: ignore[attr-defined]
        return found[0]

    def finish(self) -> None:
        """Run as fast as it goes to the end."""
        ended = State.FINISHED, State.DIVERGED
        old = *ended, State.FAILED
        self.until(lambda: self.session.state not in old or self.is_over())  # the state follows a new trace
        self.window.transport.set_pace(None)
        self.window.run_actions.play.trigger()
        self.until_state(*ended)

    def until_idle(self) -> None:
        """Wait until no other thread computes, whose tuples may not be seen before they are whole (gc.get_objects)."""
        self.until(lambda: not self.window.bench.busy and not self.window.feed.busy)

    def is_over(self) -> bool:
        """Whether the trace has all steps, or ended before them."""
        trace, experiment = self.session.trace, self.session.experiment
        return trace is not None and (trace.length > experiment.steps or trace.over(experiment.target_loss))

    def close(self) -> None:
        """Close the window and discard what is not saved."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Discard)
            self.window.close()
            self.until(lambda: not self.window.feed.alive and not self.window.isVisible())
        self.window.deleteLater()


@pytest.fixture(autouse=True)
def known_views(monkeypatch: pytest.MonkeyPatch) -> None:
    know_views(monkeypatch)


def know_views(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(main_window, "Views", partial(Views, views=KNOWN_VIEWS))


@pytest.fixture(autouse=True)
def no_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog that nobody answers would wait for ever; a test that expects one puts its own in this place."""

    def unexpected(*args: object) -> None:
        pytest.fail(f"the window asked: {args[1:]}")

    monkeypatch.setattr(QMessageBox, "question", unexpected)
    monkeypatch.setattr(QMessageBox, "exec", unexpected)


def opened(qtbot: QtBot) -> Iterator[Driver]:
    """Yields a driver of a new window, which is closed afterwards."""
    window = MainWindow("light")
    window.show()
    driver = Driver(window, qtbot)
    driver.until(lambda: driver.session.trace is not None)
    yield driver
    driver.close()


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    yield from opened(qtbot)


@pytest.fixture(scope="module")
def common(qapp: object, request: pytest.FixtureRequest) -> Iterator[Driver]:
    """A driver of one window for all the tests of a file that leave it as it is."""
    with pytest.MonkeyPatch.context() as patch:
        know_views(patch)
        yield from opened(PatientBot(request))
