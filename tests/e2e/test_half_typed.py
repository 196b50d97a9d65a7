"""What is being typed stays when something else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from tests.e2e.conftest import Driver
from tests.e2e.test_landscape_window import show


@pytest.mark.parametrize(("name", "text"), [("start", "7."), ("steps", "12"), ("batch_size", "3"), ("seed", "41")])
def test_half_typed_text_stays_when_a_rate_is_changed(driver: Driver, qtbot: QtBot, name: str, text: str) -> None:
    show(driver, "noisy_line")
    field = driver.window.dock.start if name == "start" else driver.window.dock.field(name)
    edit: QLineEdit = field if isinstance(field, QLineEdit) else field.lineEdit()
    driver.window.activateWindow()
    field.setFocus()
    edit.selectAll()
    qtbot.keyClicks(field, text)
    driver.window.dock.ruler.rate_changed.emit(0, 0.02)
    assert driver.session.experiment.runs[0].lr == 0.02
    assert edit.text() == text
    driver.session.history.undo()
    assert edit.text() == text


def test_a_new_start_replaces_half_typed_text(driver: Driver, qtbot: QtBot) -> None:
    show(driver, "noisy_line")
    start = driver.window.dock.start
    start.setFocus()
    start.selectAll()
    qtbot.keyClicks(start, "7.")
    driver.session.edit(driver.session.experiment.with_run(0, start=(2.0, 3.0)))
    assert start.text() == "2, 3"


def test_a_refused_number_of_a_spin_box_is_put_back(driver: Driver) -> None:
    show(driver, "noisy_line")
    box: QSpinBox = driver.window.dock.field("batch_size")
    before = driver.session.experiment.batch_size
    box.setValue(2**31 - 1)
    assert driver.session.experiment.batch_size == before
    assert box.value() == (before or 0)


def test_a_seed_of_any_size_is_shown_as_it_is(driver: Driver) -> None:
    show(driver, "noisy_line")
    driver.until_new_trace(lambda: driver.session.edit(replace(driver.session.experiment, seed=2**63 - 1)))
    assert driver.window.dock.field("seed").text() == str(2**63 - 1)
    driver.until_new_trace(lambda: driver.window.dock.field("seed").stepBy(-1))
    assert driver.session.experiment.seed == 2**63 - 2
