"""Finds the lessons of the program: `resources/lessons/LANGUAGE/KEY.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from lrstudio.core.language import mark, tr
from lrstudio.engine.lessons.lesson import Lesson
from lrstudio.engine.lessons.reader import MAX_BYTES, PATHS, LessonError, read_lesson

_SUFFIX = ".md"
PATH_TITLES = {
    "beginner": mark("From the beginning"),
    "methods": mark("Optimizers and schedules"),
    "practice": mark("In practice"),
}
"""What the courses are called."""


def lesson_file(language: str, key: str) -> Traversable:
    return files("lrstudio.resources") / "lessons" / language / f"{key}{_SUFFIX}"


def lessons(language: str) -> tuple[Lesson, ...]:
    """Returns the lessons that are written in a language, by path and order; LessonError for an invalid one."""
    return _read_all(dict.fromkeys(_keys(language), language))


def translated(language: str) -> tuple[Lesson, ...]:
    """Returns all lessons by path and order, in English where they are not written in a language."""
    return _read_all(dict.fromkeys(_keys("en"), "en") | dict.fromkeys(_keys(language), language))


def series(lesson: Lesson, among: Sequence[Lesson]) -> tuple[Lesson, ...]:
    """Returns the lessons that a lesson is one of: those of its path, or of the folder that it was read from."""
    return tuple(each for each in among if each.folder == lesson.folder and (lesson.folder or each.path == lesson.path))


def following(lesson: Lesson, among: Sequence[Lesson]) -> Lesson | None:
    """Returns the lesson that comes after one: of its path, then of the next path; of its folder only."""
    own = [each for each in among if each.folder == lesson.folder]
    places = [index for index, each in enumerate(own) if each.id == lesson.id]
    return own[places[0] + 1] if places and places[0] + 1 < len(own) else None


def _keys(language: str) -> list[str]:
    folder = files("lrstudio.resources") / "lessons" / language
    names = [page.name for page in folder.iterdir()] if folder.is_dir() else []
    return [name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)]


def _read_all(languages: Mapping[str, str]) -> tuple[Lesson, ...]:
    found = [_lesson(language, key) for key, language in languages.items()]
    return tuple(sorted(found, key=lambda lesson: (PATHS.index(lesson.path), lesson.order, lesson.key)))


@cache
def _lesson(language: str, key: str) -> Lesson:
    page = lesson_file(language, key)
    with page.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LessonError(
            tr("{name}: is no UTF-8 text ({reason}); save it as UTF-8", name=page.name, reason=error.reason)
        ) from None
    return read_lesson(text, page.name.removesuffix(_SUFFIX), language)
