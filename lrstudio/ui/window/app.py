"""The application: opens the window, or does the main job without one where there is no display."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QLocale, QSettings
from PySide6.QtGui import QFontDatabase, QFontInfo, QGuiApplication
from PySide6.QtWidgets import QApplication

from lrstudio import __version__
from lrstudio.engine.examples import EXAMPLES
from lrstudio.store.csv.table import write_csv
from lrstudio.ui.files.drops import OpenedFiles
from lrstudio.ui.look.color_scheme import named_theme
from lrstudio.ui.look.theme import icon
from lrstudio.ui.window.main_window import MainWindow
from lrstudio.ui.window.selftest import picture, selftest


def application() -> QApplication:
    """The one application object, made where there is none."""
    known = QApplication.instance()
    if isinstance(known, QApplication):
        return known
    QCoreApplication.setApplicationName("LR Studio")
    QCoreApplication.setOrganizationName("LR Studio")
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName("lrstudio")  # what Wayland takes the window's icon from
    made = QApplication([sys.argv[0]])
    made.setStyle("Fusion")
    made.setWindowIcon(icon("app", named_theme("light")))
    if lack := lacking_font():
        print(f"lrstudio: {lack}", file=sys.stderr)
    return made


def lacking_font() -> str:
    """What the user's language cannot be shown with, and what to install; "" where there is a font for it."""
    if not QFontInfo(QGuiApplication.font()).family():
        return "this system has no fonts: install one (as fonts-dejavu-core) to see letters."
    chinese = (QFontDatabase.WritingSystem.SimplifiedChinese, QFontDatabase.WritingSystem.TraditionalChinese)
    if QLocale.system().language() == QLocale.Language.Chinese and not any(map(QFontDatabase.families, chinese)):
        return "Chinese letters have no font here: install one (as fonts-noto-cjk)."
    return ""


def run_window(path: str | None) -> int:
    """Open the window, with a session where one is given; returns the exit code."""
    if not has_display():
        if path is not None:
            raise ValueError(f"there is no display to open {path!r} on; lrstudio run works without one")
        return without_display()
    app = application()
    window = MainWindow(settings=QSettings())
    sys.excepthook = _telling(window)
    signal.signal(signal.SIGINT, lambda _signal, _frame: window.close())
    window.show()
    window.status.say(lacking_font())
    if sys.platform == "darwin":  # a filter sees every event: only where it is needed
        app.installEventFilter(OpenedFiles(window, window.files.open_path))
    if path is not None:
        window.session.open(Path(path))
    return app.exec()


def _telling(window: MainWindow) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """What Python does with an error that nobody caught: the window says it, and everything stays open."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        window.say_failed(window.tr("An error in the program"), f"{kind.__name__}: {error}")

    return tell


def has_display() -> bool:
    """Whether there is a screen to open a window on."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def without_display() -> int:
    """The first example, trained without a screen; leaves its CSV and its picture in the current folder."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    example = EXAMPLES[0]
    table, image = Path(f"lrstudio-{example.key}.csv"), Path(f"lrstudio-{example.key}.png")
    print(
        "lrstudio: there is no display (DISPLAY and WAYLAND_DISPLAY are not set): no window can open.", file=sys.stderr
    )
    print(f"lrstudio: training “{example.title}” without one ...", file=sys.stderr)
    app = application()
    window = MainWindow("light")
    picture(window, example, image)
    assert window.session.trace is not None
    write_csv(table, example.experiment, window.session.trace)
    window.close()
    app.processEvents()
    print(f"{table}\n{image}")
    return 0


def run_selftest(screenshots: str | None) -> int:
    """Try the real window, on the screen or, where there is none, offscreen."""
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application()
    return selftest(screenshots)
