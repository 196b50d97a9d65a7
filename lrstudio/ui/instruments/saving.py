"""Files of an instrument: where to, and writing them while the window goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QPoint, QSize, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from lrstudio.store.atomic import writing
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.figures.figure import png
from lrstudio.ui.session.bench import Bench

Say = Callable[..., None]
Draw = Callable[[QPainter], None]

_SHARPNESS = 2


class Saving(QObject):
    """Asks for a file and writes it in a thread of the bench; how that went is said."""

    def __init__(self, window: QWidget, bench: Bench, say: Say) -> None:
        super().__init__(window)
        self._window, self._bench, self._say = window, bench, say

    def ask(self, title: str, name: str, suffix: str, made: Callable[[], Iterator[bytes]]) -> None:
        """Ask where to and write what made() gives, which is called in another thread."""
        kinds = f"{suffix.removeprefix('.').upper()} (*{suffix})"
        found, _ = QFileDialog.getSaveFileName(self._window, title, name, kinds)
        if found:
            path = Path(found)
            self.write(path if path.suffix else path.with_suffix(suffix), made)

    def ask_picture(self, title: str, name: str, image: QImage) -> None:
        """Ask where to and write a picture."""
        self.ask(title, name, ".png", lambda: iter([png(image)]))

    def write(self, path: Path, made: Callable[[], Iterator[bytes]]) -> None:
        """Replace a file."""

        def job(_work: object) -> None:
            try:
                with writing(path) as write:
                    for part in made():
                        write(part)
            except OSError as error:
                raise ValueError(f"{path.name}: {error.strerror or error}") from None

        done = QCoreApplication.translate("Saving", "Exported {name}").format(name=path.name)
        self._bench.start(job, done=lambda _none: self._say(done), failed=lambda why: self._say(why, warning=True))


class ExportButtons(QWidget):
    """Two buttons: `table_asked` and `picture_asked`."""

    table_asked = Signal()
    picture_asked = Signal()

    def __init__(self, table_tip: str, picture_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table, self.picture = QPushButton(self.tr("Export CSV…")), QPushButton(self.tr("Export picture…"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for button, tip, asked in (
            (self.table, table_tip, self.table_asked),
            (self.picture, picture_tip, self.picture_asked),
        ):
            button.setToolTip(tip)
            button.setAccessibleName(button.text())
            button.clicked.connect(lambda _checked, asked=asked: asked.emit())
            layout.addWidget(button)
        self.setEnabled(False)


def picture_of(plot: Plot, size: QSize, at: QPoint, beside: Draw) -> QImage:
    """A plot as it stands in an image of this size, and at a place of it what beside() draws."""
    image = QImage(size * _SHARPNESS, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SHARPNESS)
    image.fill(plot.theme.background)
    painter = QPainter(image)
    viewport = plot.viewport().rect()
    plot.render(painter, viewport.toRectF(), viewport)
    painter.translate(at)
    beside(painter)
    painter.end()
    return image
