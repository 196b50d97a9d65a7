"""A number to type or to step through."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lrstudio.ui.fields.number_edit import NumberEdit, WholeEdit, is_ambiguous, meanings, number_text, read_number
from lrstudio.ui.fields.rows import WholeSpin, spin_box
from lrstudio.ui.fields.typed_line import OptionalEdit, StartEdit


@pytest.fixture
def edit(qtbot: QtBot) -> NumberEdit:
    edit = NumberEdit(0.0, 1e6, log=True)
    qtbot.addWidget(edit)
    edit.set_value(0.01)
    return edit


def entered(qtbot: QtBot, edit: NumberEdit, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, key)


@pytest.mark.parametrize(
    ("text", "value"), [("0.001", 0.001), ("1e-3", 0.001), ("0,001", 0.001), (" 5 ", 5.0), ("1E2", 100.0)]
)
def test_every_spelling_of_a_number_is_taken(qtbot: QtBot, edit: NumberEdit, text: str, value: float) -> None:
    with qtbot.waitSignal(edit.value_changed) as changed:
        entered(qtbot, edit, text)
    assert changed.args == [value]
    assert edit.value() == value


@pytest.mark.parametrize("text", ["", "fast", "1e", "nan", "inf", "-1", "1e7", "0x10"])
def test_an_invalid_number_is_replaced_by_the_last_one(qtbot: QtBot, edit: NumberEdit, text: str) -> None:
    with qtbot.assertNotEmitted(edit.value_changed):
        entered(qtbot, edit, text)
    assert edit.text() == "0.01"
    assert edit.value() == 0.01


def test_half_typed_numbers_change_nothing(qtbot: QtBot, edit: NumberEdit) -> None:
    with qtbot.assertNotEmitted(edit.value_changed):
        edit.selectAll()
        qtbot.keyClicks(edit, "5")


def test_a_value_set_by_the_program_does_not_disturb_typing(qtbot: QtBot, edit: NumberEdit) -> None:
    edit.selectAll()
    qtbot.keyClicks(edit, "0.5")
    edit.set_value(0.01)
    assert edit.text() == "0.5"


@pytest.mark.parametrize(
    ("start", "key", "after"),
    [(0.01, "Up", 0.02), (0.02, "Up", 0.05), (0.05, "Up", 0.1), (0.1, "Down", 0.05), (1.0, "Down", 0.5),
     (0.03, "Up", 0.05), (0.03, "Down", 0.02), (0.0, "Up", 1e-6), (1e6, "Up", 1e6)],
)  # fmt: skip
def test_arrows_go_through_1_2_5_on_a_logarithmic_scale(
    qtbot: QtBot, edit: NumberEdit, start: float, key: str, after: float
) -> None:
    edit.set_value(start)
    qtbot.keyClick(edit, getattr(Qt.Key, f"Key_{key}"))
    assert edit.value() == after


@pytest.mark.parametrize(
    ("low", "high", "start", "after"), [(0, 1, 0.9, 0.91), (-100, 100, 3, 3.1), (-100, 100, 30, 31)]
)
def test_arrows_go_through_even_steps_on_a_linear_scale(
    qtbot: QtBot, low: float, high: float, start: float, after: float
) -> None:
    edit = NumberEdit(low, high)
    qtbot.addWidget(edit)
    edit.set_value(start)
    qtbot.keyClick(edit, Qt.Key.Key_Up)
    assert edit.value() == after


def test_escape_restores_the_number(qtbot: QtBot, edit: NumberEdit) -> None:
    entered(qtbot, edit, "77", Qt.Key.Key_Escape)
    assert edit.text() == "0.01"


@pytest.fixture
def locale() -> Iterator[Callable[[str], None]]:
    """Set the locale that new widgets have."""
    before = QLocale()
    yield lambda name: QLocale.setDefault(QLocale(name))
    QLocale.setDefault(before)


def test_a_comma_locale_prints_a_comma_and_takes_both(qtbot: QtBot, locale: Callable[[str], None]) -> None:
    locale("de_DE")
    edit = NumberEdit(0.0, 1e6, log=True)
    qtbot.addWidget(edit)
    edit.set_value(0.01)
    assert edit.text() == "0,01"
    for text, value in (("0,05", 0.05), ("0.02", 0.02), ("1,000", 1.0), ("2,5e-3", 0.0025)):
        entered(qtbot, edit, text)
        assert edit.value() == value
    assert edit.text() == "0,0025"
    qtbot.keyClick(edit, Qt.Key.Key_Up)
    assert edit.text() == "0,005"


@pytest.mark.parametrize(("name", "text"), [("en_US", "1,000"), ("de_DE", "1.000")])
def test_an_ambiguous_number_is_refused_and_the_message_names_both(
    qtbot: QtBot, locale: Callable[[str], None], name: str, text: str
) -> None:
    locale(name)
    edit = NumberEdit(0.0, 1e6, log=True)
    qtbot.addWidget(edit)
    edit.set_value(0.5)
    edit.setToolTip("what it is for")
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    assert "can mean 1 or 1000" in edit.toolTip()
    with qtbot.assertNotEmitted(edit.value_changed), qtbot.waitSignal(edit.refused) as refused:
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert refused.args == [f"“{text}” can mean 1 or 1000: please type which"]
    assert edit.value() == 0.5
    assert edit.toolTip() == "what it is for"


def test_the_message_of_a_refused_number_names_the_range(qtbot: QtBot, edit: NumberEdit) -> None:
    with qtbot.waitSignal(edit.refused) as refused:
        entered(qtbot, edit, "1e9")
    assert refused.args == ["“1e9”: must be a number from 0 to 1e+06"]


MOST = 2**63 - 1


@pytest.fixture
def whole(qtbot: QtBot) -> WholeEdit:
    edit = WholeEdit(MOST)
    qtbot.addWidget(edit)
    edit.set_value(7)
    return edit


def enter(qtbot: QtBot, whole: WholeEdit, text: str) -> None:
    whole.selectAll()
    qtbot.keyClick(whole, Qt.Key.Key_Delete)
    qtbot.keyClicks(whole, text)
    qtbot.keyClick(whole, Qt.Key.Key_Return)


@pytest.mark.parametrize(("text", "value"), [("0", 0), (" 12 ", 12), (str(2**31), 2**31), (f"00{MOST}", MOST)])
def test_every_whole_number_is_taken(qtbot: QtBot, whole: WholeEdit, text: str, value: int) -> None:
    with qtbot.waitSignal(whole.value_changed) as changed:
        enter(qtbot, whole, text)
    assert changed.args == [value]
    assert whole.text() == str(value)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", "seed", str(2**63), "9" * 400])
def test_an_invalid_whole_number_is_replaced_by_the_last_one(qtbot: QtBot, whole: WholeEdit, text: str) -> None:
    with qtbot.waitSignal(whole.refused), qtbot.assertNotEmitted(whole.value_changed):
        enter(qtbot, whole, text)
    assert whole.text() == "7"


def test_the_arrows_go_by_one_within_the_ends(qtbot: QtBot, whole: WholeEdit) -> None:
    whole.set_value(MOST - 1)
    for expected in (MOST, MOST):
        qtbot.keyClick(whole, Qt.Key.Key_Up)
        assert whole.value() == expected
    whole.set_value(1)
    for expected in (0, 0):
        qtbot.keyClick(whole, Qt.Key.Key_Down)
        assert whole.value() == expected


def test_escape_and_another_value_replace_typed_text_and_the_same_value_does_not(
    qtbot: QtBot, whole: WholeEdit
) -> None:
    whole.selectAll()
    qtbot.keyClicks(whole, "12")
    whole.set_value(7)
    assert whole.text() == "12"
    qtbot.keyClick(whole, Qt.Key.Key_Escape)
    assert whole.text() == "7"
    qtbot.keyClicks(whole, "12")
    whole.set_value(8)
    assert whole.text() == "8"


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("0.001", ".", 0.001),
        ("0,001", ".", 0.001),  # no group of thousands begins with 0
        ("1,5", ".", 1.5),
        ("1.000", ".", 1.0),
        ("1000,5", ".", 1000.5),
        ("0,001", ",", 0.001),
        ("0.001", ",", 0.001),
        ("1,000", ",", 1.0),
        ("1.5e-3", ",", 0.0015),
        ("1,5E-3", ",", 0.0015),
        (" +.5 ", ".", 0.5),
        ("5.", ".", 5.0),
    ],
)
def test_point_and_comma_are_both_read_in_every_locale(text: str, mark: str, value: float) -> None:
    assert read_number(text, mark) == value


@pytest.mark.parametrize(
    ("text", "mark", "both"),
    [
        ("1,000", ".", ("1", "1000")),
        ("-12,345", ".", ("-12.345", "-12345")),
        ("1.000", ",", ("1", "1000")),
        ("123.456", ",", ("123,456", "123456")),
    ],
)
def test_an_ambiguous_number_is_refused_and_both_readings_are_returned(
    text: str, mark: str, both: tuple[str, str]
) -> None:
    assert is_ambiguous(text, mark)
    assert meanings(text, mark) == both
    with pytest.raises(ValueError, match=text):
        read_number(text, mark)


@pytest.mark.parametrize(
    "text", ["", "1_000", "1,000,000", "1.000,5", "nan", "inf", "0x10", "１", "1e", "1 000", "--1"]
)
def test_text_that_is_no_number_is_refused(text: str) -> None:
    for mark in ".,":
        with pytest.raises(ValueError):  # noqa: PT011 - the text itself is the message
            read_number(text, mark)


def test_a_printed_number_reads_back_to_the_last_bit() -> None:
    for value in (0.1 + 0.2, 1e-7, 12345.678, 1e22, 5e-324, 0.0, 1000.0):
        for mark in ".,":
            assert read_number(number_text(value, mark), mark) == value


LOCALES = ("C", "en_US", "pl_PL", "de_DE", "de_CH", "ar_EG", "ar_AE", "zh_CN")


def typed(qtbot: QtBot, field: QWidget, text: str) -> None:
    qtbot.addWidget(field)
    with qtbot.waitExposed(field):
        field.show()
    field.setFocus()
    field.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize("name", LOCALES)
@pytest.mark.parametrize("text", ["0.05", "0,05", "5e-2", ".05", ",05"])
def test_point_and_comma_give_the_same_number_in_every_field_of_every_locale(
    qtbot: QtBot, locale: Callable[[str], None], name: str, text: str
) -> None:
    locale(name)
    for field in (NumberEdit(0, 10), OptionalEdit("none"), StartEdit()):
        if isinstance(field, StartEdit):
            field.show_start(None, ("w",), (1.0,))
        with qtbot.waitSignal(field.value_changed) as changed:
            typed(qtbot, field, text)
        assert changed.args in ([0.05], [(0.05,)])


@pytest.mark.parametrize("text", ["1e309", "-1e309", "9" * 400])
def test_a_number_larger_than_all_is_refused_by_every_field(qtbot: QtBot, text: str) -> None:
    for field in (NumberEdit(), OptionalEdit("none"), StartEdit()):
        if isinstance(field, StartEdit):
            field.show_start(None, ("w",), (7.0,))
        with qtbot.assertNotEmitted(field.value_changed), qtbot.waitSignal(field.refused) as refused:
            typed(qtbot, field, text)
        assert "must be" in refused.args[0]


@pytest.mark.parametrize("name", LOCALES)
@pytest.mark.parametrize("text", ["1.500", "1,500"])
def test_thousands_are_never_taken_for_tenths_nor_the_other_way_round(
    qtbot: QtBot, locale: Callable[[str], None], name: str, text: str
) -> None:
    locale(name)
    mark, separator = QLocale().decimalPoint(), QLocale().groupSeparator()
    for field in (NumberEdit(0, 1e6), OptionalEdit("none"), StartEdit()):
        if isinstance(field, StartEdit):
            field.show_start(None, ("w",), (7.0,))
        refusals: list[str] = []
        values: list[object] = []
        field.refused.connect(refusals.append)
        field.value_changed.connect(values.append)
        typed(qtbot, field, text)
        if text[1] == (mark if mark == "," else "."):
            assert (refusals, values) in (([], [1.5]), ([], [(1.5,)]))
        else:
            assert not values and "can mean " in refusals[0] and "1500" in refusals[0]
    for whole in (WholeEdit(10**6), spin_box(0, 10**6, lambda _value: None)):
        refusals = []
        whole.refused.connect(refusals.append)
        typed(qtbot, whole, text)
        value = whole.value()
        if text[1] == separator:  # as the field prints 1500 itself
            assert (value, refusals) == (1500, [])
        else:
            assert value == 0 and len(refusals) == 1 and "must be a whole number" in refusals[0]


@pytest.mark.parametrize("name", LOCALES)
@pytest.mark.parametrize("text", ["0.05", "0,05", "1.5", "1,5", "15.00", "1,50,0"])
def test_a_field_of_whole_numbers_refuses_what_is_not_whole(
    qtbot: QtBot, locale: Callable[[str], None], name: str, text: str
) -> None:
    locale(name)
    for whole in (WholeEdit(10**6), spin_box(0, 10**6, lambda _value: None), spin_box(0, 10**6, lambda _value: None)):
        if isinstance(whole, WholeSpin):
            whole.setSuffix(" px")
        with qtbot.waitSignal(whole.refused) as refused:
            typed(qtbot, whole, text)
        assert refused.args[0].startswith(f"“{text}”: must be a whole number from 0 to 1000000")
        assert whole.value() == 0


@pytest.mark.parametrize("name", LOCALES)
def test_a_field_of_whole_numbers_reads_what_it_prints(qtbot: QtBot, locale: Callable[[str], None], name: str) -> None:
    locale(name)
    spin = spin_box(-(10**6), 10**6, lambda _value: None)
    qtbot.addWidget(spin)
    for value in (999_999, -12_345, 0, 1500):
        spin.setValue(value)
        printed = spin.text()
        spin.setValue(1)
        spin.selectAll()
        spin.lineEdit().insert(printed)  # letters that no key of the test types
        qtbot.keyClick(spin, Qt.Key.Key_Return)
        assert spin.value() == value


@pytest.mark.parametrize(
    ("name", "text", "start"),
    [
        ("en_US", "1.5,2", (1.5, 2.0)),
        ("en_US", "1,5", (1.0, 5.0)),
        ("en_US", "1,5; 2", (1.5, 2.0)),
        ("en_US", "0,05", None),
        ("de_DE", "1,5; 2", (1.5, 2.0)),
        ("de_DE", "1,5, 2", (1.5, 2.0)),
        ("de_DE", "1.5, 2", (1.5, 2.0)),
        ("de_DE", "1.500; 2", None),
        ("de_DE", "nan; 2", None),
    ],
)
def test_the_start_of_two_weights_keeps_numbers_apart(
    qtbot: QtBot, locale: Callable[[str], None], name: str, text: str, start: tuple[float, ...] | None
) -> None:
    locale(name)
    field = StartEdit()
    field.show_start(None, ("a", "b"), (1.234, 3.5))
    assert field.text() == ("1,234; 3,5" if name == "de_DE" else "1.234, 3.5")
    assert field.read(field.text()) == (1.234, 3.5)
    values: list[object] = []
    field.value_changed.connect(values.append)
    typed(qtbot, field, text)
    assert values in ([], [(0.05,)]) if start is None else values == [start]
