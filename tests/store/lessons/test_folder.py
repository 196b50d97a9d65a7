"""A folder of lessons may come from a stranger: one bad file hides no other, and nothing outside it is read."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from lrstudio.engine.lessons import LessonError, Step, lesson_file
from lrstudio.engine.lessons.reader import MAX_BYTES
from lrstudio.engine.lessons.writer import StepError, with_step
from lrstudio.store.atomic import FileChangedError
from lrstudio.store.lessons import folder as module
from lrstudio.store.lessons.folder import (
    MARKER,
    MOST_ENTRIES,
    MOST_LESSONS,
    Heading,
    add_step,
    is_lessons,
    new_file,
    read_shelf,
    read_text,
)

GOOD = lesson_file("en", "limit").read_text("utf-8")
HEADING = Heading("A lesson", "practice", 2, 5)
STEP = Step("One", "Read.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two good lessons; beside it stands what must not be read."""
    (tmp_path / "secret.md").write_text(GOOD)
    folder = tmp_path / "Class 7b"
    folder.mkdir()
    (folder / "second.md").write_text(GOOD.replace("order: 3", "order: 9"))
    (folder / "first.md").write_text(GOOD)
    return folder


def keys(folder: Path) -> list[str]:
    return [lesson.key for lesson in read_shelf(folder).lessons]


@pytest.mark.parametrize("before", range(3))
def test_a_text_that_is_too_long_is_told_as_that_wherever_it_is_cut(folder: Path, before: int) -> None:
    (folder / "long.md").write_bytes(b"a" * before + "数".encode() * MAX_BYTES)
    (problem,) = read_shelf(folder).problems
    assert "longer than 64 KiB" in problem


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_of_a_folder_in_another_encoding_becomes_one_that_can_be_written(folder: Path) -> None:
    named = folder.rename(os.fsdecode(os.fsencode(folder.parent) + b"/Kl\xe4sse"))
    ids = [lesson.id for lesson in read_shelf(named).lessons]
    assert ids == ["Kl\ufffdsse/first", "Kl\ufffdsse/second"]
    assert add_step(named / "third.md", STEP, HEADING).id == "Kl\ufffdsse/third"


def test_a_folder_its_marker_and_a_file_are_lessons(folder: Path) -> None:
    (folder / MARKER).write_text("whatever")
    assert is_lessons(folder) and is_lessons(folder / MARKER) and is_lessons(folder / "first.MD")
    assert not is_lessons(folder / "a.lrs") and not is_lessons(folder / "a.csv")
    assert keys(folder) == keys(folder / MARKER) == ["first", "second"]
    assert keys(folder / "second.md") == ["second"]
    shelf = read_shelf(folder)
    assert shelf.problems == ()
    assert [lesson.id for lesson in shelf.lessons] == ["Class 7b/first", "Class 7b/second"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (
            "bad.md",
            GOOD.replace("value: run 1: limit", "value: run 1: limits").encode(),
            "line 89: 'run 1: limits': “limits” begins with no measure; the nearest is “limit”",
        ),
        ("Bad name.md", GOOD.encode(), "the file's name is its key"),
        (
            "latin.md",
            GOOD.replace("A jump", "Ä jump").encode("latin-1", "replace"),
            "latin.md, line 8: is no UTF-8 text",
        ),
        ("late.md", GOOD.replace("A little more", "{run 1: loss at end}").encode(), "late.md, line 34: "),
        ("other.md", GOOD.replace("when: run 1: distance", "when: run 2: distance", 1).encode(), "there is no run 2"),
        ("dollar.md", GOOD.replace("done: ", "done: $", 1).encode(), "a $ stands alone"),
        ("long.md", b" " * (MAX_BYTES + 1), "longer than 64 KiB"),
        ("empty.md", b"", "empty.md, line 1: the file begins with a line ---"),
        ("binary.md", bytes(range(256)), "no UTF-8"),
        ("FIRST.md", GOOD.encode(), "the file's name is its key"),
    ],
)
def test_a_bad_file_is_listed_with_what_to_do_and_hides_no_other(
    folder: Path, name: str, content: bytes, says: str
) -> None:
    (folder / name).write_bytes(content)
    (folder / "README.md").write_text("For the teacher")
    shelf = read_shelf(folder)
    assert [lesson.key for lesson in shelf.lessons] == ["first", "second"]
    (problem,) = shelf.problems
    assert problem.startswith(name) and says in problem and len(problem) <= 400


def test_a_lesson_of_a_foreign_editor_is_read(folder: Path) -> None:
    (folder / "first.md").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert keys(folder) == ["first", "second"]


@pytest.mark.skipif(os.name != "posix", reason="making links and pipes")
def test_links_pipes_and_folders_are_not_read(folder: Path) -> None:
    (folder / "link.md").symlink_to(folder.parent / "secret.md")
    (folder / "inner.md").symlink_to("first.md")
    (folder / "nowhere.md").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.md")
    (folder / "sub.md").mkdir()
    shelf = read_shelf(folder)
    assert [lesson.key for lesson in shelf.lessons] == ["first", "second"]
    told = dict(problem.split(":", 1) for problem in shelf.problems)
    assert set(told) == {"inner.md", "link.md", "nowhere.md", "pipe.md", "sub.md"}
    assert all("is a link" in told[name] for name in ("inner.md", "link.md", "nowhere.md"))
    assert "is no file" in told["pipe.md"]


def test_a_folder_that_is_too_large_is_read_as_far_as_allowed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LESSONS", 1)
    assert keys(folder) == ["first"]
    assert read_shelf(folder).problems == ("second.md: a folder has at most 1 lessons",)
    monkeypatch.setattr(module, "MOST_ENTRIES", 1)
    assert read_shelf(folder).lessons == ()
    assert "more than 1 files" in read_shelf(folder).problems[0]
    assert MOST_LESSONS * MAX_BYTES < 2**23 and MOST_ENTRIES < 10_000


def test_reading_can_be_stopped_and_a_missing_folder_is_an_error(folder: Path) -> None:
    assert read_shelf(folder, lambda: True).lessons == ()
    with pytest.raises(FileNotFoundError):
        read_shelf(folder / "gone" / MARKER)


AUDIT = """
import os, sys
from pathlib import Path
from lrstudio.store.lessons.folder import read_shelf
folder = Path(sys.argv[1])
read_shelf(folder)  # modules and tables of the program are loaded now
kinds = ("open", "os.scandir", "os.listdir", "exec", "subprocess.Popen", "os.system", "socket.connect", "import")
seen = []
def hook(event, arguments):
    if event in kinds and not isinstance(arguments[0], int):  # a file that is open already
        seen.append((event, str(arguments[0])))
sys.addaudithook(hook)
shelf = read_shelf(folder)
for event, name in seen:
    print(event, name)
"""


def test_opening_a_hostile_folder_runs_nothing_and_opens_nothing_outside(folder: Path) -> None:
    hostile = GOOD.replace("A little more", f"![x](file://{folder.parent}/secret.md) <script>x</script> [a](secret.md)")
    (folder / "hostile.md").write_text(hostile)
    (folder / "data.md").write_text(
        GOOD.replace("--problem parabola", f"--problem data:path={folder.parent}/secret.md")
    )
    (folder / "save.md").write_text(GOOD.replace("--lr 1 ", f"--lr 1 --save {folder.parent}/made.lrs "))
    if os.name == "posix":
        (folder / "link.md").symlink_to(folder.parent / "secret.md")
    done = subprocess.run([sys.executable, "-c", AUDIT, folder], capture_output=True, text=True, check=True)
    events = [line.split(" ", 1) for line in done.stdout.splitlines()]
    assert {kind for kind, _ in events} == {"open", "os.scandir"}
    names = {Path(name) for _, name in events} - {Path("/proc/meminfo")}  # the memory that is free
    assert names == {folder, *(folder / f"{key}.md" for key in ("first", "second", "hostile", "data", "save"))}
    assert {path.name for path in folder.parent.iterdir()} == {"secret.md", "Class 7b"}


def test_mutated_lessons_raise_nothing(folder: Path) -> None:
    pieces = [
        b"```", b"## ", b"---", b"$", b"{", b"}", b"- ", b"\n", b"when:", b"\0", b"\xff", b"run 9: ", b"1e999", b"<b>",
        b"{run 1: weight z at 1}", b"--lr 1e300", b"=> ", b"\xe2\x80\xae", b"within 0 %", b"not ", b"end",
    ]  # fmt: skip
    dice, content, good = random.Random(3), GOOD.encode(), 0
    for number in range(150):
        mutated = content
        for _ in range(dice.randint(1, 5)):
            at = dice.randrange(len(mutated))
            mutated = mutated[:at] + dice.choice(pieces) + mutated[at + dice.randrange(9) :]
        (folder / "second.md").write_bytes(mutated)
        shelf = read_shelf(folder / "second.md")
        assert len(shelf.lessons) + len(shelf.problems) == 1, number
        good += len(shelf.lessons)
    assert 5 < good < 145


def test_a_step_is_added_to_a_new_and_to_an_existing_lesson(tmp_path: Path) -> None:
    file = new_file(tmp_path, "A lesson: über η")
    assert file == tmp_path / "a_lesson_ber.md"
    lesson = add_step(file, STEP, HEADING)
    assert (lesson.title, lesson.path, lesson.order, lesson.minutes) == ("A lesson", "practice", 2, 5)
    two = Step("Two", "And more.")
    assert add_step(file, two).steps == (STEP, two)
    assert (tmp_path / MARKER).exists()
    (shelved,) = read_shelf(tmp_path / MARKER).lessons
    assert (shelved.key, shelved.steps, shelved.folder) == (file.stem, (STEP, two), tmp_path.name)
    assert new_file(tmp_path, "A LESSON, ber").name == "a_lesson_ber_2.md"
    assert [new_file(tmp_path, title).stem for title in ("", "三", "12", "x" * 99)] == [
        "lesson", "lesson", "lesson_12", "x" * 30,
    ]  # fmt: skip


def test_what_cannot_be_added_changes_no_file(folder: Path) -> None:
    file = folder / "first.md"
    with pytest.raises(StepError):
        add_step(file, Step("", "x"))
    with pytest.raises(FileChangedError):
        add_step(file, STEP, HEADING)
    (folder / "second.md").write_text("mine")
    with pytest.raises(StepError, match="begins with a line ---"):
        add_step(folder / "second.md", STEP)
    (folder / "second.md").write_text("## mine")
    with pytest.raises(LessonError, match=r"second\.md, line 1"):
        add_step(folder / "second.md", STEP)
    assert (file.read_text(), (folder / "second.md").read_text()) == (GOOD, "## mine")
    with pytest.raises(FileNotFoundError):
        add_step(folder / "third.md", STEP)
    assert sorted(path.name for path in folder.iterdir()) == ["first.md", "second.md"]


def test_a_change_by_another_program_is_not_overwritten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "first.md"

    def changed(text: str, key: str, step: Step, at: int | None = None) -> object:
        file.write_text(GOOD + "\n\n")
        return with_step(text, key, step, at)

    monkeypatch.setattr(module, "with_step", changed)
    with pytest.raises(FileChangedError):
        add_step(file, STEP)
    assert read_text(file) == GOOD + "\n\n"


@pytest.mark.skipif(os.name != "posix", reason="making links")
def test_the_marker_is_written_through_no_link(tmp_path: Path) -> None:
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / MARKER).symlink_to(tmp_path / "outside")
    add_step(folder / "a.md", STEP, HEADING)
    assert not (tmp_path / "outside").exists()
