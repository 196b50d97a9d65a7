"""What a typed number means in English and in German."""

from __future__ import annotations

import pytest

from lrstudio.ui.fields.number_edit import is_ambiguous, meanings, number_text, read_number


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
def test_what_may_be_thousands_is_refused_and_both_meanings_are_known(
    text: str, mark: str, both: tuple[str, str]
) -> None:
    assert is_ambiguous(text, mark)
    assert meanings(text, mark) == both
    with pytest.raises(ValueError, match=text):
        read_number(text, mark)


@pytest.mark.parametrize(
    "text", ["", "1_000", "1,000,000", "1.000,5", "nan", "inf", "0x10", "１", "1e", "1 000", "--1"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    for mark in ".,":
        with pytest.raises(ValueError):  # noqa: PT011 - the text itself is the message
            read_number(text, mark)


def test_what_is_printed_reads_back_to_the_last_bit() -> None:
    for value in (0.1 + 0.2, 1e-7, 12345.678, 1e22, 5e-324, 0.0, 1000.0):
        for mark in ".,":
            assert read_number(number_text(value, mark), mark) == value
