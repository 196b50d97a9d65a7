"""Files are written while the window goes on, and what went wrong is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from lrstudio.ui.instruments.saving import Saving
from lrstudio.ui.session.bench import Bench


@pytest.fixture
def said() -> list[tuple[str, bool]]:
    return []


@pytest.fixture
def saving(qtbot: QtBot, said: list[tuple[str, bool]]) -> Iterator[Saving]:
    window, bench = QWidget(), Bench(lambda: None)
    qtbot.addWidget(window)
    yield Saving(window, bench, lambda text, *, warning=False: said.append((text, warning)))
    bench.stop()


def test_it_writes_and_says_so(saving: Saving, said: list[tuple[str, bool]], tmp_path: Path, qtbot: QtBot) -> None:
    saving.write(tmp_path / "a.csv", lambda: iter([b"1,", b"2\n"]))
    qtbot.waitUntil(lambda: bool(said))
    assert said == [("Exported a.csv", False)]
    assert (tmp_path / "a.csv").read_bytes() == b"1,2\n"


def test_what_cannot_be_written_is_said(
    saving: Saving, said: list[tuple[str, bool]], tmp_path: Path, qtbot: QtBot
) -> None:
    saving.write(tmp_path / "none" / "a.csv", lambda: iter([b"1"]))
    qtbot.waitUntil(lambda: bool(said))
    assert said == [("a.csv: No such file or directory", True)]


def test_a_name_without_a_suffix_gets_one(
    saving: Saving, said: list[tuple[str, bool]], tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(tmp_path / "map"), ""))
    saving.ask("Export", "map.csv", ".csv", lambda: iter([b"x"]))
    qtbot.waitUntil(lambda: bool(said))
    assert (tmp_path / "map.csv").read_bytes() == b"x"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: ("", ""))
    saving.ask("Export", "map.csv", ".csv", lambda: iter([b"y"]))
    assert len(said) == 1
