"""Finds the lessons of the program: `resources/lessons/LANGUAGE/KEY.md`."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

from lrstudio.core.language import tr
from lrstudio.engine.lessons.lesson import Lesson
from lrstudio.engine.lessons.reader import MAX_BYTES, PATHS, LessonError, read_lesson

LANGUAGES = ("en", "zh_CN")
_SUFFIX = ".md"


def lesson_file(language: str, key: str) -> Traversable:
    return files("lrstudio.resources") / "lessons" / language / f"{key}{_SUFFIX}"


def lessons(language: str) -> tuple[Lesson, ...]:
    """Returns the lessons of a language by path and order; LessonError for an invalid one."""
    folder = files("lrstudio.resources") / "lessons" / language
    pages = [page for page in folder.iterdir() if page.name.endswith(_SUFFIX)] if folder.is_dir() else []
    found = [_read(page, language) for page in pages]
    return tuple(sorted(found, key=lambda lesson: (PATHS.index(lesson.path), lesson.order, lesson.key)))


def _read(page: Traversable, language: str) -> Lesson:
    with page.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LessonError(
            tr("{name}: is no UTF-8 text ({reason}); save it as UTF-8", name=page.name, reason=error.reason)
        ) from None
    return read_lesson(text, page.name.removesuffix(_SUFFIX), language)
