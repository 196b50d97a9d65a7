"""Every text that is seen goes through a catalogue, and there is room for longer ones.

The language of these tests is made up: it has every text of the program's catalogue between ⟦ and ⟧, 40 % longer.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from PySide6.QtGui import QKeySequence, QPainter
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialogButtonBox, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from lrstudio.core.declaration import Declared
from lrstudio.core.formula.parse import ARITY
from lrstudio.core.language import LANGUAGES, look_up_in, tr, use
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.parameter import Choice
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.schedules import SCHEDULES
from lrstudio.core.schedules.presets import PRESETS
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Experiment, Gradient
from lrstudio.engine.experiment.optimizer_presets import OPTIMIZER_PRESETS
from lrstudio.engine.sweep.range_test import RangeTest
from lrstudio.store.csv.format import ENCODINGS
from lrstudio.ui.fields.form import DeclarationForm
from lrstudio.ui.figures.dialog import FigureDialog, FigureOptions
from lrstudio.ui.files.restore_dialog import RestoreDialog
from lrstudio.ui.instruments.explain.view import ExplainView
from lrstudio.ui.instruments.log.window import LogWindow
from lrstudio.ui.instruments.map.window import MapWindow
from lrstudio.ui.instruments.range_test.log_pick import PickDialog
from lrstudio.ui.instruments.range_test.window import RangeTestWindow
from lrstudio.ui.instruments.sweep.window import SweepWindow
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.lessons.editor import StepEditor
from lrstudio.ui.look.theme import LIGHT
from lrstudio.ui.runs.dialogs import StylePopup, VaryDialog
from lrstudio.ui.window.help import ShortcutsDialog
from tests.e2e.conftest import Driver, opened
from tests.e2e.screen import clipped, texts_of

CATALOGUE = Path(__file__).parents[2] / "resources/i18n/zh_CN/LC_MESSAGES/lrstudio.po"
WORD = re.compile(r"\b[^\W\d_]{2,}\w*")
"""Letters and what follows them: a name of one letter is one of a formula."""
FORMULAS = re.compile(r"^(= .*|\w+:?)$", re.MULTILINE)
"""The lines of an explained step that are formulas or the names before them."""


@cache
def known() -> frozenset[str]:
    """The texts of the catalogue."""
    with CATALOGUE.open("rb") as stream:
        messages = [message.id for message in read_po(stream) if message.id]
    return frozenset(part for text in messages for part in ((text,) if isinstance(text, str) else text))


class Longer(gettext.NullTranslations):
    """Shows each text of the catalogue 40 % longer, between brackets."""

    def gettext(self, message: str) -> str:
        if message not in known():
            return message
        more = "longer " * (1 + int(0.4 * len(message)) // 7)
        return f"⟦{message}{more[: int(0.4 * len(message))].rstrip()}⟧"

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.gettext(one if n == 1 else many)


def outside(text: str) -> str:
    """What of a text is between no brackets; a painted one may begin or end between them."""
    before = ""
    while before != text:
        before, text = text, re.sub("⟦[^⟦⟧]*⟧", " ", text)
    return re.sub("^[^⟦⟧]*⟧|⟦[^⟦⟧]*$", " ", text)


def names() -> set[str]:
    """The words that no language changes: names and values of hyper-parameters, columns of a CSV, formats."""
    found = {
        "LR",
        "Studio",
        "CSV",
        "PNG",
        "lr",
        "true",
        "false",
        "utf",
        "sig",
        "be",
        "le",
        *LANGUAGES.values(),
        *ENCODINGS,
        *ARITY,
        *(f"layer{number}" for number in (1, 2, 3)),
        *WORD.findall("Keras Optax Hugging Face timm PyTorch torch optim params lr"),
        *WORD.findall(" ".join(preset.name for preset in OPTIMIZER_PRESETS)),
        *(word for preset in PRESETS for word in WORD.findall(preset.name)),
    }
    kinds: list[type[Declared]] = [Experiment, Gradient, RangeTest, *OPTIMIZERS, *SCHEDULES, *PROBLEMS]
    for kind in kinds:
        for parameter in kind.parameters():
            found |= {parameter.name, *(map(str, parameter.choices) if isinstance(parameter, Choice) else ())}
    return found


def is_key(text: str) -> bool:
    return QKeySequence(text).toString() == text


def words(text: str) -> set[str]:
    """The words of a text that are between no brackets, without keys as (Ctrl+Z) and columns as grad_w or start.w."""
    lines = [line for line in text.splitlines() if not all(map(is_key, line.split(", ")))]
    text = re.sub(r"\(([^()]+)\)", lambda part: "" if is_key(part[1]) else part[0], "\n".join(lines))
    text = re.sub(r"\b(grad|loss_plus)_\w+|\b(optimizer|schedule|problem|start)\.\w+|[⁰¹²³⁴-⁹]", "", outside(text))
    return set(WORD.findall(text))


class Painted:
    """The texts that were painted while it watched."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: set[str] = set()
        paint: Callable[..., Any] = QPainter.drawText

        def draw(painter: QPainter, *arguments: Any) -> Any:
            self.texts.update(each for each in arguments if isinstance(each, str))
            return paint(painter, *arguments)

        monkeypatch.setattr(QPainter, "drawText", draw)


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> Painted:
    return Painted(monkeypatch)


@pytest.fixture
def driver(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[Driver]:
    """The window in a language, by default the made-up one."""
    if language := getattr(request, "param", ""):
        use(language)
    else:
        look_up_in(Longer())
    for each in opened(qtbot):
        yield each
        each.window.font_size.choose(None)
    use("en")


def is_of_qt(widget: QWidget) -> bool:
    """Whether it is a button that Qt makes and names, as those of a title bar."""
    return type(widget) is QAbstractButton or isinstance(widget.parentWidget(), QTabBar | QDialogButtonBox)


def untranslated(*windows: QWidget, painted: Painted | None = None) -> list[str]:
    """The texts of windows that have words between no brackets."""
    found = set() if painted is None else {("painted", text) for text in painted.texts}
    for window in windows:
        window.grab()
        for widget in [window, *window.findChildren(QWidget)]:
            for kind, text in () if is_of_qt(widget) else texts_of(widget):
                prose = FORMULAS.sub("", text) if isinstance(widget, ExplainView) else text
                found.add((f"{type(widget).__name__} {kind}", prose))
    allowed = names()
    return sorted(f"{kind}: {text}" for kind, text in found if words(text) - allowed)


def instruments(driver: Driver) -> list[InstrumentWindow]:
    """All windows of instruments, with their results."""
    windows = [driver.window.tools.show(kind) for kind in (MapWindow, RangeTestWindow, SweepWindow, LogWindow)]
    driver.until(lambda: not any(each.busy for each in windows))
    return windows


def docks(driver: Driver) -> Iterator[QWidget]:
    """The docks one after the other, each in front."""
    window = driver.window
    for dock in (window.table_dock, window.compare_dock, window.explain):
        dock.show()
        dock.raise_()
        driver.until(lambda dock=dock: dock.in_front)
        yield dock


def dialogs(driver: Driver, folder: Path) -> Iterator[QWidget]:
    """All dialogs, one after the other."""
    window = driver.window
    table = folder / "7.csv"
    table.write_text("a,b,c\n0,1,2\n1,?,3\n2,3,4\n", encoding="utf-8")
    window.files.data.begin(table)
    data = window.files.data
    driver.until(lambda: data.dialog is not None and data.dialog.model.rowCount() > 0)
    assert data.dialog is not None
    yield data.dialog
    logs = window.tools.show(RangeTestWindow).logs
    logs.begin([table])
    driver.until(lambda: logs.dialog is not None and logs.dialog.model.rowCount() > 0)
    assert logs.dialog is not None
    yield logs.dialog
    yield PickDialog(LIGHT, window)
    yield VaryDialog(driver.session.experiment, 0, LIGHT, window)
    yield RestoreDialog([], window)
    yield StylePopup(LIGHT, 0, window)
    yield ShortcutsDialog(window.menuBar(), window)
    places = {"loss": tr("Loss")}
    editor = StepEditor(driver.session, window.bench, window.settings, places, window)
    for kind in ("choose", "number", "draw", "task"):
        editor.form.show_values({"kind": kind})
        yield editor
    plots = [frame.title for frame in window.views.area.frames.values()]
    yield FigureDialog(plots, window.figures.figure, FigureOptions(), window.size(), window)


def show(driver: Driver, points: float) -> None:
    driver.window.font_size.choose(points)
    driver.until(lambda: driver.window.dock.field("steps").font().pointSizeF() == points)
    for _ in range(5):
        QApplication.processEvents()


def test_every_text_of_the_window_goes_through_the_catalogue(driver: Driver, painted: Painted) -> None:
    driver.finish()
    found = [text for dock in docks(driver) for text in untranslated(dock)]
    driver.window.simple.show(True)
    found += untranslated(driver.window)
    driver.window.simple.show(False)
    assert found + untranslated(driver.window, *instruments(driver), painted=painted) == []


@pytest.mark.parametrize("key", ["digits", "moons"])
def test_every_text_of_the_plots_of_a_network_goes_through_the_catalogue(
    driver: Driver, painted: Painted, key: str
) -> None:
    example = next(example for example in EXAMPLES if example.key == key)
    driver.session.show(replace(example.experiment, steps=20))
    driver.finish()
    for view in driver.window.views.area.frames:
        driver.window.views.area.set_shown(view, True)
    assert untranslated(driver.window, painted=painted) == []


def test_every_text_of_the_forms_goes_through_the_catalogue(driver: Driver) -> None:
    form = DeclarationForm("optimizer")
    kinds: list[type[Declared]] = [RangeTest, *OPTIMIZERS, *SCHEDULES, *PROBLEMS]
    for kind in kinds:
        form.show_entry(kind())
        assert untranslated(form) == []


def test_every_text_of_the_dialogs_goes_through_the_catalogue(driver: Driver, tmp_path: Path) -> None:
    for dialog in dialogs(driver, tmp_path):
        assert untranslated(dialog) == []
        dialog.close()


@pytest.mark.parametrize(
    ("driver", "points"), [("", 9), ("", 12), ("", 18), ("zh_CN", 12), ("zh_CN", 18)], indirect=["driver"]
)
def test_no_text_is_cut_off(driver: Driver, tmp_path: Path, points: int) -> None:
    show(driver, points)
    driver.window.resize(1280, 800)
    found = clipped(driver.window)
    for part in chain(docks(driver), instruments(driver), dialogs(driver, tmp_path)):
        part.show()
        for _ in range(3):
            QApplication.processEvents()
        found += [f"{type(part).__name__}: {text}" for text in clipped(part)]
        part.close()
    assert found == []
    assert driver.window.width() == 1280
