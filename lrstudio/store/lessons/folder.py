"""Reads a folder of lessons, which may come from a stranger, and adds steps to its files.

Nothing in the folder is executed, and nothing outside it is read: links are refused, texts load no pictures.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.lessons import Lesson, LessonError, Step, read_lesson
from lrstudio.engine.lessons.reader import MAX_BYTES, PATHS
from lrstudio.engine.lessons.writer import new_lesson, with_step
from lrstudio.store.atomic import FileChangedError, writing

SUFFIX, MARKER_SUFFIX = ".md", ".lrlesson"
MARKER = f"open-lessons{MARKER_SUFFIX}"
"""The file that is opened by a double click; what it says is not read."""
MOST_LESSONS, MOST_ENTRIES = 100, 2000
_MARKER_TEXT = "Open this file with LR Studio to see the lessons in this folder.\n"
_README = "readme.md"
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"))
_NO_KEY = re.compile(r"[^a-z0-9]+")
_KEY_LENGTH, _LONGEST = 30, 400


@dataclass(frozen=True)
class Shelf:
    """The lessons of a folder in their order; `problems` are the errors of the files that could not be read."""

    folder: Path
    lessons: tuple[Lesson, ...]
    problems: tuple[str, ...]


def is_lessons(path: Path) -> bool:
    """Whether a path is that of lessons: a folder, its marker, or a lesson's file."""
    return path.suffix.lower() in (SUFFIX, MARKER_SUFFIX) or path.is_dir()


def read_shelf(path: Path, stop: Callable[[], bool] = lambda: False) -> Shelf:
    """Returns the lessons of a folder, which may be given by its marker, or the one of a lesson's file.

    OSError if the folder cannot be read. After `stop()` has returned True, the result is incomplete.
    """
    folder = path if path.is_dir() else path.parent
    files, problems = ([path], []) if path.suffix.lower() == SUFFIX and path != folder else _files(folder)
    found: dict[str, Lesson] = {}
    for file in files:
        if stop():
            break
        try:
            lesson = replace(_lesson(file), folder=_name(folder))
            if lesson.key in found:
                raise LessonError(tr("{file}: another file has this name; rename one of them", file=file.name))
            found[lesson.key] = lesson
        except (LessonError, OSError) as error:
            why = tr(error.strerror) if isinstance(error, OSError) and error.strerror else None
            problems.append((f"{file.name}: {why}" if why else str(error))[:_LONGEST])
    order = sorted(found.values(), key=lambda lesson: (PATHS.index(lesson.path), lesson.order, lesson.key))
    return Shelf(folder, tuple(order), tuple(problems))


def read_text(path: Path) -> str:
    """Returns the text of a lesson's file, which may be no link; LessonError or OSError."""
    if path.is_symlink():
        raise LessonError(tr("{file}: is a link; copy the file itself into the folder", file=path.name))
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise LessonError(tr("{file}: is no file; a lesson is a text file", file=path.name))
        content = file.read(MAX_BYTES + 4)
    try:
        # a text that is too long may be cut in a letter
        return codecs.getincrementaldecoder("utf-8-sig")().decode(content, final=len(content) <= MAX_BYTES + 3)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        why = tr("{file}, line {line}: is no UTF-8 text; save the file as UTF-8", file=path.name, line=line)
        raise LessonError(why, line) from None


def lesson_files(folder: Path) -> list[Path]:
    """Returns the files of a folder that may be lessons, by name."""
    return _files(folder)[0]


def new_file(folder: Path, title: str) -> Path:
    """Returns a free name for a lesson with this title."""
    stem = _NO_KEY.sub("_", title.lower()).strip("_")[:_KEY_LENGTH].strip("_")
    stem = stem if stem[:1].isalpha() else f"lesson_{stem}".rstrip("_")
    taken = {file.name.lower() for file in folder.iterdir()} if folder.is_dir() else set()
    names = (f"{stem}{SUFFIX}", *(f"{stem}_{number}{SUFFIX}" for number in range(2, MOST_ENTRIES + 3)))
    return folder / next(name for name in names if name not in taken)


@dataclass(frozen=True)
class Heading:
    """What the file of a new lesson begins with."""

    title: str
    path: str
    order: int
    minutes: int


def change_lesson(file: Path, change: Callable[[str, str], tuple[str, Lesson]]) -> Lesson:
    """Writes what `change` makes of the text and the key of a lesson; errors as `add_step`."""
    before = read_text(file)
    text, lesson = change(before, file.stem)
    _write(file, text, before)
    return replace(lesson, folder=_name(file.parent))


def add_step(file: Path, step: Step, heading: Heading | None = None, at: int | None = None) -> Lesson:
    """Adds a step to the end of a lesson, or puts it in place of the one with the index `at`.

    With `heading` the lesson is a new one. Puts a marker into the folder. StepError if the step cannot be written,
    LessonError if the lesson is invalid, OSError; then the file is as it was.
    """
    if heading is None:
        before = read_text(file)
    else:
        before = new_lesson(heading.title, heading.path, heading.order, heading.minutes)
    text, lesson = with_step(before, file.stem, step, at)
    _write(file, text, before if heading is None else None)
    marker = file.parent / MARKER
    if not os.path.lexists(marker):
        with writing(marker) as write:
            write(_MARKER_TEXT.encode())
    return replace(lesson, folder=_name(file.parent))


def _write(file: Path, text: str, before: str | None) -> None:
    """Writes a file that has the text `before`, or that does not exist; OSError if it is another by now."""

    def check() -> None:
        if file.exists() != (before is not None) or (before is not None and read_text(file) != before):
            raise FileChangedError(file, None)

    with writing(file, check) as write:
        write(text.encode())


def _name(folder: Path) -> str:
    """Returns the name of a folder, with a mark for each byte of another system's encoding."""
    return os.fsencode(folder.resolve().name or folder.anchor).decode("utf-8", "replace")


def _files(folder: Path) -> tuple[list[Path], list[str]]:
    found: list[Path] = []
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if count >= MOST_ENTRIES:
                why = tr("more than {most} files; put the lessons into a folder of their own", most=MOST_ENTRIES)
                return [], [f"{folder.name}: {why}"]
            name = entry.name.lower()
            if name.endswith(SUFFIX) and not name.startswith(".") and name != _README:
                found.append(Path(entry.path))
    found.sort(key=lambda file: file.name)
    why = tr("a folder has at most {most} lessons", most=MOST_LESSONS)
    problems = [f"{file.name}: {why}" for file in found[MOST_LESSONS:]]
    return found[:MOST_LESSONS], problems


def _lesson(file: Path) -> Lesson:
    text = read_text(file)
    lesson = read_lesson(text, file.name[: -len(SUFFIX)])
    for step in lesson.steps:
        try:
            step.prepare()
        except ValueError as error:
            line = text[: text.find(f"## {step.title}")].count("\n") + 1
            why = tr("{file}, line {line}: {error}", file=file.name, line=line, error=error)
            raise LessonError(why, line, str(error)) from None
    return lesson
