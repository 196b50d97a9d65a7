"""A lock belongs to a process that lives; what is left of others is replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile

from lrstudio.ui.session.file_lock import FileLock, remove_stale
from lrstudio.ui.session.recovery_files import clear_leftovers

HOLDER = """
import sys
from pathlib import Path
from lrstudio.ui.session.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.take(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.lrs"


def lock_file(file: Path) -> Path:
    return file.with_name(".mine.lrs.lock")


@pytest.mark.parametrize("name", ["a" * 246 + ".lrs", "a" * 251 + ".lrs", "学" * 83 + ".lrs"])
def test_a_file_with_the_longest_name_that_a_folder_takes_has_a_lock(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.touch()
    first, second = FileLock(file), FileLock(file)
    assert first.take() and not second.take() and second.alive
    first.release()
    assert second.take() and not FileLock(tmp_path / name.replace(".lrs", "")).exists()
    second.release()
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_has_one_lock_whatever_it_is_called(file: Path, tmp_path: Path) -> None:
    file.touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "link.lrs").symlink_to(file)
    first, second = FileLock(file), FileLock(tmp_path / "folder" / ".." / "folder" / "link.lrs")
    assert first.take() and not second.take()
    assert second.alive and f"process {os.getpid()}" in second.owner()
    first.release()
    assert second.take()


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_the_lock_of_a_killed_process_is_replaced_and_that_of_a_living_one_is_not(file: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "True\n"
        lock = FileLock(file)
        assert not lock.take() and not lock.override()
        assert str(holder.pid) in lock.owner()
        holder.send_signal(signal.SIGKILL)
    assert lock_file(file).exists()
    assert lock.take()
    lock.release()
    assert not lock_file(file).exists()


def test_the_lock_of_an_earlier_process_with_the_same_number_is_replaced(file: Path) -> None:
    other = QLockFile(str(lock_file(file)))
    assert other.tryLock(0)
    content = lock_file(file).read_bytes()
    other.unlock()
    lock_file(file).write_bytes(content)
    assert FileLock(file).take()


def test_only_stale_locks_are_removed(file: Path) -> None:
    lock = FileLock(file)
    assert lock.take()
    remove_stale(file)
    assert lock_file(file).exists()
    lock.release()
    lock_file(file).write_bytes(b"no lock")
    remove_stale(file)
    assert lock_file(file).exists()


def test_the_lock_of_a_window_that_was_killed_before_its_first_point_is_removed(tmp_path: Path) -> None:
    kept, killed, living = (tmp_path / f"{name}.point" for name in ("kept", "killed", "living"))
    lock, other = FileLock(living), QLockFile(str(tmp_path / ".killed.point.lock"))
    assert lock.take() and other.tryLock(0)
    content = (tmp_path / ".killed.point.lock").read_bytes()
    other.unlock()
    kept.touch()
    for name in ("killed", "kept"):
        (tmp_path / f".{name}.point.lock").write_bytes(content)
    clear_leftovers(tmp_path, ())
    assert not FileLock(killed).exists()
    assert FileLock(kept).exists() and FileLock(living).exists()
    lock.release()


def test_a_folder_that_takes_no_lock_has_none_to_respect(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "missing" / "mine.lrs")
    assert lock.take() and not lock.refused
