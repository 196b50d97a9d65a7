"""The progress of learners survives damage, other windows and a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lrstudio.store.lessons.progress import (
    DEFAULT,
    Progress,
    ProgressFile,
    Record,
    checked_name,
    progress_csv,
)

DONE = Record("The limit", "2.5", False, 3, 1, "2026-11-30T10:00:00+01:00")
BEGUN = Record("A jump", "Left", None, 0, 2)


def add(learner: str, lesson: str, step: int, record: Record) -> Callable[[Progress], None]:
    def change(progress: Progress) -> None:
        progress.learners.setdefault(learner, {})[lesson, step] = record
        progress.last = learner

    return change


@pytest.fixture
def file(tmp_path: Path) -> ProgressFile:
    return ProgressFile(tmp_path / "data" / "progress.json")


def test_what_was_done_is_read_again(file: ProgressFile) -> None:
    assert file.read().learners == {} and file.read().last == DEFAULT
    file.change(add("Ann", "limit", 2, DONE))
    file.change(add("王", "Class 7b/limit", 0, BEGUN))
    found = ProgressFile(file.path).read()
    assert found.learners == {"Ann": {("limit", 2): DONE}, "王": {("Class 7b/limit", 0): BEGUN}}
    assert found.last == "王"


def test_two_programs_that_write_at_the_same_time_lose_nothing(file: ProgressFile) -> None:
    code = """
import sys
from pathlib import Path
from lrstudio.store.lessons.progress import ProgressFile, Record
file = ProgressFile(Path(sys.argv[1]))
for number in range(40):
    name = f"{sys.argv[2]} {number}"
    file.change(lambda progress: progress.learners.update({name: {("limit", 0): Record()}}))
"""
    both = [subprocess.Popen([sys.executable, "-c", code, str(file.path), name]) for name in ("Ann", "Ben")]
    assert [program.wait() for program in both] == [0, 0]
    assert len(file.read().learners) == 80


def test_a_damaged_file_is_set_aside_once_where_two_windows_read_it(
    file: ProgressFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    ProgressFile(file.path).change(add("Ann", "limit", 2, DONE))  # after the other has read the damaged file
    damaged, opened = [io.BytesIO(b"{")], Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode: damaged.pop() if damaged else opened(path, mode))
    assert set(file.read().learners) == {"Ann"} and file.set_aside is None


def test_half_a_character_in_a_text_does_not_prevent_the_export(file: ProgressFile) -> None:
    file.change(add("Ann", "limit", 2, replace(DONE, answer="a\ud800")))
    assert ",a?," in progress_csv(file.read()).encode().decode()


def test_two_windows_keep_what_the_other_has_done(file: ProgressFile, monkeypatch: pytest.MonkeyPatch) -> None:
    other = ProgressFile(file.path)

    def slow(progress: Progress) -> None:
        if not seen:
            seen.append(True)
            other.change(add("Ben", "limit", 0, BEGUN))
        add("Ann", "limit", 2, DONE)(progress)

    seen: list[bool] = []
    file.change(slow)
    assert set(file.read().learners) == {"Ann", "Ben"}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"\xff", b"null", b'{"format": 1}', b"[" * 100_000,
        b'{"format": "lrstudio lesson progress", "version": 2, "learners": {}, "last": "a"}',
        b'{"format": "lrstudio lesson progress", "version": 1, "learners": {"": {}}, "last": "a"}',
        b'{"format": "lrstudio lesson progress", "version": 1, "learners": {}, "last": "a\\u0007b"}',
        b'{"format": "lrstudio lesson progress", "version": 1, "learners": {"a": {"b": {"-1": {}}}}, "last": "a"}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_set_aside_and_never_overwritten(file: ProgressFile, content: bytes) -> None:
    file.path.parent.mkdir()
    for number in (1, 2):
        file.path.write_bytes(content)
        assert file.read().learners == {}
        assert file.set_aside == file.path.with_name(f"progress-damaged-{number}.json")
        assert file.set_aside.read_bytes() == content
        file.change(add("Ann", "limit", 2, DONE))
        assert set(file.read().learners) == {"Ann"}


def test_every_damage_is_told_or_without_effect(file: ProgressFile) -> None:
    file.change(add("Ann", "limit", 2, DONE))
    content, dice = file.path.read_bytes(), random.Random(5)
    before = file.read().learners
    for _ in range(200):
        at = dice.randrange(len(content))
        damaged = content[:at] + bytes([dice.randrange(256)]) * dice.randrange(3) + content[at + dice.randrange(4) :]
        file.path.write_bytes(damaged)
        file.set_aside = None
        found = file.read()
        if file.set_aside is not None:
            assert file.set_aside.read_bytes() == damaged and not file.path.exists()
        else:
            assert isinstance(found, Progress) and len(found.learners) <= len(before)


def test_a_file_that_cannot_be_read_or_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(OSError, match=r"folder\.json"):
        ProgressFile(tmp_path / "folder.json").read()
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        ProgressFile(tmp_path / "file" / "progress.json").change(add("Ann", "limit", 0, DONE))


def test_long_texts_of_a_file_are_cut(file: ProgressFile) -> None:
    file.change(add("Ann", "limit", 2, DONE))
    document = json.loads(file.path.read_text())
    document["learners"]["Ann"]["limit"]["2"]["answer"] = "x" * 10_000
    file.path.write_text(json.dumps(document))
    assert len(file.read().learners["Ann"]["limit", 2].answer) == 400


def test_a_name_is_short_and_printable() -> None:
    assert checked_name("  Ann   Lee ") == "Ann Lee"
    for name in ("", " ", "x" * 61, "a\0b", "\u202eb"):
        with pytest.raises(ValueError, match="1 to 60 letters"):
            checked_name(name)


def test_the_table_for_the_teacher_has_a_row_for_each_step_and_no_formula() -> None:
    hostile = Record("=x", "=HYPERLINK(1)", True, 1, 0, "@now")
    negative = Record("t", "-2.5", True, 1, 0, "")
    learners = {"=Ann": {("limit", 2): DONE, ("limit", 0): BEGUN}, "Ben": {("+a/b", 0): hostile, ("z", 1): negative}}
    rows = list(csv.reader(io.StringIO(progress_csv(Progress(learners)))))
    assert rows == [
        ["learner", "lesson", "step", "first answer", "right at once", "attempts", "hints used", "done at"],
        ["'=Ann", "limit", "1", "Left", "", "0", "2", ""],
        ["'=Ann", "limit", "3", "2.5", "no", "3", "1", "2026-11-30T10:00:00+01:00"],
        ["Ben", "'+a/b", "1", "'=HYPERLINK(1)", "yes", "1", "0", "'@now"],
        ["Ben", "z", "2", "-2.5", "yes", "1", "0", ""],
    ]
