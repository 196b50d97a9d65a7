"""Worksheets from the list of lessons."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lrstudio.engine.lessons import lesson_file
from lrstudio.engine.lessons.reader import read_lesson
from lrstudio.ui.lessons.worksheets import key_path, parts


@pytest.mark.parametrize(("name", "begin"), [("a.pdf", b"%PDF"), ("a.HTML", b"<!DOCTYPE html>")])
def test_a_worksheet_is_written_in_the_format_of_its_name(qtbot: QtBot, name: str, begin: bytes) -> None:
    lesson = read_lesson(lesson_file("en", "gradient").read_text("utf-8"), "gradient", "en")
    *shares, data = parts(lesson, Path(name), key=False)
    assert isinstance(data, bytes) and data.startswith(begin)
    assert shares == sorted(shares) and shares[-1] == 1


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("a.pdf", "a-key.pdf"),
        ("a" * 251 + ".pdf", "a" * 247 + "-key.pdf"),
        ("学" * 83 + ".pdf", "学" * 82 + "-key.pdf"),
    ],
)
def test_the_key_has_a_name_that_the_folder_takes(tmp_path: Path, name: str, key: str) -> None:
    assert key_path(tmp_path / name) == tmp_path / key
    (tmp_path / key).touch()
