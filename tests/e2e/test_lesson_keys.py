"""A lesson by keyboard alone, and what a screen reader and a weak eye get of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget

from lrstudio.ui.look.targets import LEAST
from lrstudio.ui.look.theme import DARK, LIGHT, Theme
from tests.e2e.conftest import Driver
from tests.e2e.test_access import controls, name

_MOST_TABS = 80


def tab_to(driver: Driver, widget: QWidget) -> None:
    """Presses Tab until a widget has the focus."""
    for _ in range(_MOST_TABS):
        focused = QApplication.focusWidget()
        if focused is widget:
            return
        QTest.keyClick(focused or driver.window, Qt.Key.Key_Tab)
    pytest.fail(f"Tab does not reach {name(widget)}")


def enter(driver: Driver, button: QAbstractButton) -> None:
    """Goes to a button and presses it."""
    tab_to(driver, button)
    QTest.keyClick(button, Qt.Key.Key_Return)


def test_a_lesson_is_walked_with_the_keyboard_alone(driver: Driver) -> None:
    window, dock = driver.window, driver.window.lessons
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    driver.until(lambda: "too_slow_too_large" in dock.list.buttons)
    driver.until(dock.list.buttons["too_slow_too_large"].isVisible)  # Qt shows what joins a layout a moment later
    driver.until_new_trace(lambda: enter(driver, dock.list.buttons["too_slow_too_large"]))
    page = dock.page
    enter(driver, page.prediction.choices[0])
    assert page.prediction.choices[0].isChecked()
    enter(driver, page.prediction.button)
    assert window.run_actions.play.isEnabled()
    driver.finish()
    driver.until(page.result.isVisible)
    driver.until_new_trace(lambda: enter(driver, page.next))
    tab_to(driver, page.prediction.sketch_box)
    QTest.keyClick(page.prediction.sketch_box, Qt.Key.Key_Up)
    enter(driver, page.prediction.button)
    assert dock.course.work.guess is not None
    driver.until_new_trace(lambda: enter(driver, page.list_button))
    driver.until_new_trace(lambda: enter(driver, dock.list.buttons["gradient"]))
    driver.until_new_trace(lambda: dock.course.go(1))
    tab_to(driver, page.prediction.number)
    QTest.keyClicks(page.prediction.number, "12")
    QTest.keyClick(page.prediction.number, Qt.Key.Key_Return)
    assert dock.course.work.guess == 12


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(color: QColor) -> float:
        parts = (color.redF(), color.greenF(), color.blueF())
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_texts_of_lessons_have_contrast_in_both_themes(theme: Theme) -> None:
    palette, role = theme.palette(), QPalette.ColorRole
    for text in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        for ground in (role.Window, role.Base, role.Button):
            for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Disabled):
                found = contrast(palette.color(group, text), palette.color(ground))
                assert found >= 4.5, (text, ground, group, found)
    assert contrast(QColor(theme.accent), QColor(theme.surface)) >= 3  # the frame of what is pointed at


def test_every_part_of_a_step_and_of_the_editor_has_a_name_a_tip_and_a_large_target(driver: Driver) -> None:
    driver.menu("Help", "Make a lesson step…")
    editor = driver.window.lessons.editor
    assert editor is not None
    for kind in ("choose", "number", "draw", "task"):
        editor.form.show_values({"kind": kind})
        found = list(controls(editor))
        assert [repr(each) for each in found if not (name(each) and each.toolTip())] == []
        pressed = [each for each in found if isinstance(each, QAbstractButton | QLineEdit) and each.isVisible()]
        pressed = [each for each in pressed if not isinstance(each.parentWidget(), QComboBox)]
        assert len(pressed) > 10
        driver.until(lambda pressed=pressed: all(min(each.width(), each.height()) >= LEAST for each in pressed))
