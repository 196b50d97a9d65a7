"""Lessons: Markdown files whose steps set experiments up, ask for predictions and check tasks."""

from lrstudio.engine.lessons.catalogue import PATH_TITLES, following, lesson_file, lessons, series, translated
from lrstudio.engine.lessons.drawing import Drawing
from lrstudio.engine.lessons.judgement import Guess, Judgement
from lrstudio.engine.lessons.lesson import Choice, Lesson, Prediction, Reply, Setup, Step, Task
from lrstudio.engine.lessons.prose import Prose, prose, shown
from lrstudio.engine.lessons.reader import LOOKS, LessonError, read_lesson
from lrstudio.engine.lessons.table import Table

__all__ = [
    "LOOKS",
    "PATH_TITLES",
    "Choice",
    "Drawing",
    "Guess",
    "Judgement",
    "Lesson",
    "LessonError",
    "Prediction",
    "Prose",
    "Reply",
    "Setup",
    "Step",
    "Table",
    "Task",
    "following",
    "lesson_file",
    "lessons",
    "prose",
    "read_lesson",
    "series",
    "shown",
    "translated",
]
