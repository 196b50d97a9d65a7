"""The log of errors, and the reports of crashes, also without a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, qWarning

from lrstudio.ui.window.errors import ErrorLog


class Unspeakable(Exception):  # noqa: N818 - what it does
    def __str__(self) -> str:
        raise ValueError("no description")


def text_of(log: ErrorLog) -> str:
    assert log.path is not None
    return log.path.read_text("utf-8")


def test_an_error_that_comes_a_thousand_times_is_a_few_lines(tmp_path: Path, qapp: QObject) -> None:
    log = ErrorLog(tmp_path / "made" / "when needed")
    for _ in range(1000):
        log.add(ZeroDivisionError, ZeroDivisionError("again"))
    assert log.count == 1000
    assert text_of(log).count("again") == 4
    assert "(1000 times)" in text_of(log) and "(1000 times)" in log.details()


def test_the_log_does_not_grow_without_end(tmp_path: Path, qapp: QObject) -> None:
    log = ErrorLog(tmp_path)
    for number in range(300):
        log.add(ValueError, ValueError(f"{number}" + "x" * 10_000))
    sizes = [file.stat().st_size for file in tmp_path.iterdir()]
    assert len(sizes) == 3 and max(sizes) <= 2**19
    assert len(log.details()) < 300_000


def test_an_error_without_a_description_is_logged(tmp_path: Path, qapp: QObject) -> None:
    log = ErrorLog(tmp_path)
    log.add(Unspeakable, Unspeakable())
    assert "Unspeakable" in text_of(log) and log.count == 1


def test_a_log_that_cannot_be_written_does_not_hide_the_error(tmp_path: Path, qapp: QObject) -> None:
    (tmp_path / "file").write_text("")
    log = ErrorLog(tmp_path / "file" / "folder")
    log.add(ValueError, ValueError("seen"))
    assert log.count == 1 and "seen" in log.details() and "seen" in log.last


@pytest.mark.qt_log_ignore(".*")
def test_a_warning_of_qt_is_in_the_log_alone(tmp_path: Path, qapp: QObject) -> None:
    log = ErrorLog(tmp_path)
    log.install()
    qWarning("a warning of Qt")
    log.uninstall()
    assert "Qt warning: a warning of Qt" in text_of(log)
    assert log.count == 0


CRASH = """
import faulthandler, os, sys
from pathlib import Path
from lrstudio.ui.window.crash import CrashReports

sys.stderr = sys.__stderr__ = None
os.close(2)
reports = CrashReports(Path(sys.argv[1]))
if sys.argv[2] == "crash":
    faulthandler._sigsegv()
print(reports.last)
reports.end()
"""


def start(folder: Path, how: str = "end") -> tuple[int, str]:
    """Starts a program without a terminal; returns its exit code and the report that it found."""
    done = subprocess.run([sys.executable, "-c", CRASH, str(folder), how], stdout=subprocess.PIPE, text=True)
    return done.returncode, done.stdout.strip()


def test_a_crash_of_native_code_is_told_once_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    assert start(folder) == (0, "None")
    assert list(folder.iterdir()) == []
    assert start(folder, "crash")[0] not in (0, 1)
    code, report = start(folder)
    assert code == 0
    assert 'File "<string>", line 10' in Path(report).read_text("utf-8")
    assert start(folder) == (0, "None")
    assert Path(report).exists()


def test_only_the_last_few_reports_are_kept(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"running-{number}.txt").write_text("stack")
    (tmp_path / "running-99.txt").write_text("")
    os.utime(tmp_path / "running-99.txt", (0, 0))
    code, report = start(tmp_path)
    assert code == 0
    assert len(list(tmp_path.iterdir())) == 5 and Path(report).exists()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert start(tmp_path / "file" / "folder") == (0, "None")
