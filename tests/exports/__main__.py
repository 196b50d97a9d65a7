"""Makes every export of every ready example, in both languages, and opens it with programs that are not ours.

python -m tests.exports OUT [--python LIBRARY=PATH]... [--ffmpeg PATH] [--only EXAMPLE]...

Needs poppler-utils, librsvg2-bin, imagemagick, sqlite3 and a Chinese font. LIBRARY is torch, optax or keras, PATH a
Python that has it: NumPy's scripts run with this one. OUT gets the files and, in OUT/sheets, pictures of all reports,
figures and moving pictures to look at. Prints a table of what holds, and then what does not.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from lrstudio.core.language import tr
from lrstudio.engine.code import LIBRARIES, script
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment.command import command
from lrstudio.engine.lessons.catalogue import lessons
from lrstudio.store.csv.table import write_csv
from lrstudio.store.documents.movie import SUFFIXES, frame_steps, movie
from lrstudio.store.documents.report import report
from lrstudio.store.documents.worksheet import worksheet
from lrstudio.ui.figures.dialog import FigureOptions
from lrstudio.ui.figures.figure import png
from lrstudio.ui.figures.movie_dialog import rgb
from lrstudio.ui.figures.paper import ONE_SHEET, pdf
from lrstudio.ui.window.app import application, picture, wait_until
from lrstudio.ui.window.main_window import MainWindow
from lrstudio.ui.window.program import speak
from tests.engine.code.scripts import Table, trained
from tests.exports import opened

LANGUAGES = ("en", "zh_CN")
FIGURE, MOVIE = QSize(1280, 800), QSize(800, 450)
SECONDS = 10
Problems = list[str]


class Exports:
    """Makes and opens the exports of a language in a folder."""

    def __init__(self, folder: Path, language: str, pythons: dict[str, str], ffmpeg: str | None) -> None:
        self._folder, self._language, self._pythons, self._ffmpeg = folder, language, pythons, ffmpeg
        self._tables: dict[str, Table] = {}
        speak(language)
        self.window = MainWindow("light")
        self.window.resize(1280, 800)

    def of(self, example: Example) -> Iterator[tuple[str, Callable[[], Problems]]]:
        """Yields the kinds of exports of an example, each with a function that returns what is wrong with it."""
        experiment = example.experiment
        picture(self.window, example, self._path(example, "window.png"))
        while self.window.bench.busy:  # it measures curvatures
            QApplication.processEvents()
        trace = self.window.session.trace
        assert trace is not None and self.window.session.experiment == experiment
        if self._language == "en":
            self._tables[example.key] = trained(experiment)
            for library in LIBRARIES:
                python = sys.executable if library == "numpy" else self._pythons.get(library)
                if python is not None:
                    yield library, lambda library=library, python=python: self._script(example, library, python)  # type: ignore[misc]
            path = self._path(example, "runs.csv")
            write_csv(path, experiment, trace)
            yield "CSV", lambda: opened.table(path, self._tables[example.key])
        yield "report", lambda: self._report(example)
        yield "figure", lambda: self._figure(example, "light")
        yield "for print", lambda: self._figure(example, "print")
        yield "movie", lambda: self._movie(example)

    def worksheets(self) -> Iterator[tuple[str, Callable[[], Problems]]]:
        """Yields the lessons with functions that return what is wrong with their worksheets and keys."""
        for lesson in lessons(self._language):
            yield (
                lesson.key,
                lambda lesson=lesson: [  # type: ignore[misc]
                    *self._sheet(f"worksheet-{lesson.key}", worksheet(lesson), lesson.title),
                    *self._sheet(f"key-{lesson.key}", worksheet(lesson, key=True), lesson.title),
                ],
            )

    def _path(self, example: Example, name: str) -> Path:
        return self._folder / f"{example.key}-{self._language}-{name}"

    def _script(self, example: Example, library: str, python: str) -> Problems:
        path = self._path(example, f"{library}.py")
        path.write_text(script(example.experiment, library), encoding="utf-8")
        single = example.experiment.precision == "float32"
        return opened.script(python, path, self._tables[example.key], single=single)

    def _report(self, example: Example) -> Problems:
        trace = self.window.session.trace
        assert trace is not None
        text = report(example.experiment, trace)
        words = [example.title, example.question, tr("Verdicts"), command(example.experiment)]
        html, paper = self._path(example, "report.html"), self._path(example, "report.pdf")
        html.write_text(text, encoding="utf-8")
        paper.write_bytes(pdf(text, ONE_SHEET))
        wrong = opened.page(html, words) + opened.document(paper, words, self._shown("report", paper))
        return wrong if opened.sheets(paper) == 1 else [*wrong, f"{opened.sheets(paper)} sheets"]

    def _figure(self, example: Example, theme: str) -> Problems:
        figure = self.window.figures.figure(FigureOptions(size=FIGURE, theme=theme))
        image, vectors, paper = (self._path(example, f"{theme}.{suffix}") for suffix in ("png", "svg", "pdf"))
        drawn, svg = figure.image_and_svg()
        image.write_bytes(png(drawn))
        vectors.write_bytes(svg)
        paper.write_bytes(figure.pdf())
        words = [figure.title, tr("step")]
        wrong = opened.figure(image, vectors, paper, (FIGURE.width(), FIGURE.height()), words)
        for path in (vectors.with_suffix(".svg.png"), paper.with_suffix(".pdf.png")):
            path.replace(self._shown(f"figure-{path.suffixes[0][1:]}-{theme}", path))
        return wrong

    def _movie(self, example: Example) -> Problems:
        steps = frame_steps(SECONDS, self.window.session.steps_done)
        figure = self.window.figures.figure(FigureOptions(size=MOVIE))
        frames = [rgb(image) for image in figure.frames(steps) if image is not None]
        wrong: Problems = []
        for suffix in SUFFIXES:
            path = self._path(example, f"movie{suffix}")
            path.write_bytes(movie(frames, suffix, lambda _fraction: None))
            places = [self._shown(f"movie{suffix}-{name}", path) for name in ("middle", "end")]
            wrong += opened.movie(path, SECONDS, (MOVIE.width(), MOVIE.height()), places, self._ffmpeg)
        return wrong

    def _sheet(self, name: str, text: str, title: str) -> Problems:
        html, paper = (self._folder / f"{name}-{self._language}.{suffix}" for suffix in ("html", "pdf"))
        html.write_text(text, encoding="utf-8")
        paper.write_bytes(pdf(text))
        headings = opened.headings(html)
        wrong = opened.page(html, [title]) + opened.document(paper, [title], self._shown("worksheet", paper))
        return wrong + opened.headings_alone(paper, headings)

    def _shown(self, kind: str, path: Path) -> Path:
        """Returns where the picture of a file to look at is."""
        folder = self._folder / "sheets" / f"{kind}-{self._language}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{path.name.split('.')[0]}.png"

    def close(self) -> None:
        self.window.files.when_safe = lambda go_on: go_on()  # type: ignore[method-assign, assignment]
        self.window.close()
        wait_until(self.window.feed.stopped, lambda: not self.window.feed.alive)


def montage(folder: Path) -> None:
    """Lays the pictures of a folder beside one another, some on each sheet."""
    pictures = sorted(folder.glob("*.png"))
    across, down = (3, 2) if "movie" not in folder.name else (4, 5)
    for number, first in enumerate(range(0, len(pictures), across * down)):
        some = pictures[first : first + across * down]
        sheet = folder.with_name(f"{folder.name}-{number}.png")
        opened.output("montage", *some, "-tile", f"{across}x", "-geometry", "640x>+4+4", sheet)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--python", action="append", default=[], metavar="LIBRARY=PATH")
    parser.add_argument("--ffmpeg")
    parser.add_argument("--only", action="append")
    args = parser.parse_args()
    if absent := opened.missing():
        parser.error(f"not installed: {', '.join(absent)}")
    args.out.mkdir(parents=True, exist_ok=True)
    app = application()
    wrong: list[str] = []

    def said(name: str, open_it: Callable[[], Problems]) -> str:
        try:
            problems = open_it()
        except RuntimeError as error:
            problems = [str(error)]
        wrong.extend(f"{name}: {problem}" for problem in problems)
        return "no" if problems else "yes"

    for language in LANGUAGES:
        exports = Exports(args.out, language, dict(pair.split("=", 1) for pair in args.python), args.ffmpeg)
        for example in EXAMPLES:
            if not args.only or example.key in args.only:
                cells = [f"{kind} {said(f'{example.key} {language} {kind}', act)}" for kind, act in exports.of(example)]
                print(f"{example.key:18s} {language:6s} {' · '.join(cells)}", flush=True)
        if not args.only:
            cells = [f"{key} {said(f'worksheet {key} {language}', act)}" for key, act in exports.worksheets()]
            print(f"worksheets {language}: {' · '.join(cells)}", flush=True)
        exports.close()
    for folder in sorted(path for path in (args.out / "sheets").iterdir() if path.is_dir()):
        montage(folder)
    del app
    print("\n".join(wrong) or "everything opens and agrees")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
