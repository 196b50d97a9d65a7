"""The help window: its list, search and pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QTreeWidgetItemIterator
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from lrstudio.ui.look.theme import DARK, LIGHT, Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.window.reference import HelpWindow


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(lambda: None)
    yield bench
    bench.stop()


def opened(qtbot: QtBot, bench: Bench, theme: Theme = LIGHT) -> HelpWindow:
    window = HelpWindow(bench, lambda: theme)
    qtbot.addWidget(window)
    window.show()
    return window


def shown(window: HelpWindow) -> set[str]:
    """The keys of the pages in the list."""
    found, each = set(), QTreeWidgetItemIterator(window.list)
    while (item := each.value()) is not None:
        if item.data(0, Qt.ItemDataRole.UserRole) is not None and not item.isHidden():
            found.add(item.data(0, Qt.ItemDataRole.UserRole))
        each += 1
    return found


def test_a_page_shows_words_formulas_parameters_and_computed_pictures(qtbot: QtBot, bench: Bench) -> None:
    window = opened(qtbot, bench)
    window.show_page("optimizer/adam")
    qtbot.waitUntil(lambda: 'src="effect:beta1"' in window.page.toHtml())
    text = window.page.toPlainText()
    assert "Kingma & Ba 2015" in text and "first moment β₁" in text and "beta1=0.9" in text
    image = window.page.document().resource(QTextDocument.ResourceType.ImageResource, QUrl("effect:beta1"))
    assert isinstance(image, QImage) and len({image.pixel(x, y) for x in range(0, 200, 2) for y in range(90)}) > 4


def test_closing_cancels_the_pictures_that_are_computed(qtbot: QtBot, bench: Bench) -> None:
    window = HelpWindow(bench, lambda: LIGHT)
    window.show()
    bench.hold()
    window.show_page("optimizer/adam")
    window.close()
    qtbot.waitUntil(lambda: not isValid(window))
    assert bench.works and not bench.busy
    bench.release()
    qtbot.waitUntil(lambda: not bench.works)  # a callback that raises fails the test


@pytest.mark.parametrize("key", ["schedule/one_cycle", "problem/rosenbrock", "guide/first", "glossary"])
def test_each_kind_of_page_is_found_by_its_key(qtbot: QtBot, bench: Bench, key: str) -> None:
    window = opened(qtbot, bench, DARK)
    window.show_page(key)
    assert window.list.currentItem().data(0, Qt.ItemDataRole.UserRole) == key
    assert len(window.page.toPlainText()) > 80


def test_a_key_that_does_not_exist_leads_to_the_guide(qtbot: QtBot, bench: Bench) -> None:
    window = opened(qtbot, bench)
    window.show_page("optimizer/nothing")
    assert window.list.currentItem().data(0, Qt.ItemDataRole.UserRole) == "guide/0"


def test_a_search_leaves_the_pages_with_all_words(qtbot: QtBot, bench: Bench) -> None:
    window = opened(qtbot, bench)
    everything = shown(window)
    qtbot.keyClicks(window.search, "reddi amsgrad")
    assert "optimizer/adam" in shown(window) and not shown(window) & {"schedule/step", "problem/parabola", "glossary"}
    window.search.clear()
    assert shown(window) == everything
    qtbot.keyClicks(window.search, "xyzzy")
    assert shown(window) == set()


@pytest.mark.parametrize("key", ["problem/himmelblau", "problem/parabola"])
def test_a_page_about_a_problem_shows_its_loss(qtbot: QtBot, bench: Bench, key: str) -> None:
    window = opened(qtbot, bench)
    window.show_page(key)
    qtbot.waitUntil(lambda: 'src="effect:its loss"' in window.page.toHtml())
    image = window.page.document().resource(QTextDocument.ResourceType.ImageResource, QUrl("effect:its loss"))
    assert isinstance(image, QImage)
    colors = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    assert len(colors) > (50 if "himmelblau" in key else 3)
