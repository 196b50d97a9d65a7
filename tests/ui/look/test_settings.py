"""Settings are saved, and invalid ones read as missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from lrstudio.ui.look.settings import Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.ini"


def settings_in(file: Path) -> Settings:
    return Settings(QSettings(str(file), QSettings.Format.IniFormat))


def test_settings_are_restored_at_the_next_start(file: Path) -> None:
    settings = settings_in(file)
    settings.theme, settings.points = "dark", 13.0
    settings.geometry, settings.docks = QByteArray(b"\x00\x01"), QByteArray(b"\x02")
    settings.layout = {"hidden": ["loss"]}
    settings.recent = [Path("a, b.lrs"), Path("学习率.lrs")]
    settings.sync()
    restored = settings_in(file)
    assert (restored.theme, restored.points) == ("dark", 13.0)
    assert (restored.geometry, restored.docks) == (QByteArray(b"\x00\x01"), QByteArray(b"\x02"))
    assert restored.layout == {"hidden": ["loss"]}
    assert restored.recent == [Path("a, b.lrs"), Path("学习率.lrs")]


def test_without_a_store_nothing_is_saved() -> None:
    settings = Settings()
    settings.theme, settings.recent = "dark", [Path("a.lrs")]
    settings.sync()
    assert (settings.theme, settings.points, settings.recent, settings.layout) == (None, None, [], {})
    assert settings.geometry.isEmpty()


def test_none_restores_the_default_font_size(file: Path) -> None:
    settings = settings_in(file)
    settings.points = 20.0
    settings.points = None
    assert settings.points is None


def test_names_that_no_file_can_have_are_left_out_of_the_recent_files(file: Path) -> None:
    store = QSettings(str(file), QSettings.Format.IniFormat)
    store.setValue("files/recent", r'["\ud800.lrs", "a.lrs", "b\u0000.lrs", "", 5, "\udcff", "\ud83d\ude00.lrs"]')
    assert Settings(store).recent == [Path("a.lrs"), Path("😀.lrs")]


@pytest.mark.parametrize(
    "value", ["", "purple", "7", "1e9", "nan", "[1, 2", "[" * 100_000, '{"a": 1}', "@ByteArray(", 5]
)
def test_invalid_values_read_as_missing(file: Path, value: object) -> None:
    store = QSettings(str(file), QSettings.Format.IniFormat)
    for key in ("geometry", "docks", "theme", "points", "views"):
        store.setValue(f"window/{key}", value)
    store.setValue("files/recent", value)
    store.sync()
    settings = settings_in(file)
    assert settings.geometry.isEmpty()
    assert settings.docks.isEmpty()
    assert settings.theme is None
    assert settings.points is None or 9 <= settings.points <= 24
    assert settings.recent == []
    assert settings.layout in ({}, {"a": 1})


def test_a_file_that_is_no_ini_file_reads_as_empty(file: Path) -> None:
    file.write_bytes(bytes(range(256)) * 20)
    settings = settings_in(file)
    assert (settings.theme, settings.points, settings.recent) == (None, None, [])


def test_entries_that_are_no_paths_are_left_out_of_the_recent_files(file: Path) -> None:
    store = QSettings(str(file), QSettings.Format.IniFormat)
    store.setValue("files/recent", '["a.lrs", 3, null, "", "b\\u0000.lrs"]')
    assert Settings(store).recent == [Path("a.lrs")]
