"""The dialog for moving pictures: it draws between other events and can be cancelled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from lrstudio.store.documents.movie import MOST_BYTES, frame_steps
from lrstudio.ui.figures.dialog import FigureOptions
from lrstudio.ui.figures.movie_dialog import MovieDialog, MovieOptions, rgb


class Drawn:
    """Stands for a figure with one plot: each frame has a colour of its own."""

    def __init__(self, options: FigureOptions) -> None:
        self.options = options
        self.steps: Sequence[int] = ()

    def frames(self, steps: Sequence[int]) -> Iterator[QImage | None]:
        self.steps = steps
        for step in steps:
            yield None
            image = QImage(self.options.size, QImage.Format.Format_RGB32)
            image.fill(QColor(step % 256, 0, 0))
            yield image


@pytest.fixture
def parts(qtbot: QtBot) -> Iterator[dict[str, Any]]:
    made: dict[str, Any] = {"path": Path("a.gif"), "written": []}

    def figure(options: FigureOptions) -> Any:
        made["figure"] = Drawn(options)
        return made["figure"]

    made["dialog"] = MovieDialog(
        ["Loss"], figure, MovieOptions(size=QSize(200, 200), seconds=2), 50,
        lambda: made["path"], lambda path, content: made["written"].append((path, content)),
    )  # fmt: skip
    yield made
    if isValid(made["dialog"]):  # it deletes itself once it is finished
        made["dialog"].reject()


def test_it_writes_all_frames_of_the_chosen_plot_and_size(qtbot: QtBot, parts: dict[str, Any]) -> None:
    dialog = parts["dialog"]
    dialog.plot.setCurrentIndex(1)
    dialog.width_px.setValue(240)
    with qtbot.waitSignal(dialog.accepted):
        dialog.export.click()
    figure, ((path, content),) = parts["figure"], parts["written"]
    assert (figure.options.plot, figure.options.size, path) == (0, QSize(240, 200), Path("a.gif"))
    assert (figure.steps[0], figure.steps[-1], len(figure.steps)) == (0, 50, 11)
    (make,) = content()
    data = make(lambda _fraction: None)
    assert data[:6] == b"GIF89a" and data[6:10] == (240).to_bytes(2, "little") + (200).to_bytes(2, "little")


def test_a_large_picture_has_fewer_seconds_so_that_its_frames_stay_in_bounds_of_memory(parts: dict[str, Any]) -> None:
    dialog, longest = parts["dialog"], {}
    for width, height in ((800, 450), (1920, 1080), (1920, 1920)):
        dialog.width_px.setValue(width)
        dialog.height_px.setValue(height)
        longest[width, height] = dialog.seconds.maximum()
    assert longest == {(800, 450): 60, (1920, 1080): 16, (1920, 1920): 9}
    assert all(
        len(frame_steps(seconds, 1000)) * 3 * width * height <= MOST_BYTES
        for (width, height), seconds in longest.items()
    )


def test_it_can_be_cancelled_and_without_a_file_it_stays(qtbot: QtBot, parts: dict[str, Any]) -> None:
    dialog = parts["dialog"]
    parts["path"] = None
    dialog.export.click()
    assert "figure" not in parts and dialog.export.isEnabled()
    parts["path"] = Path("a.gif")
    dialog.export.click()
    assert not dialog.export.isEnabled()
    with qtbot.waitSignal(dialog.rejected):
        dialog.buttons.rejected.emit()
    assert parts["written"] == []


def test_pixels_are_rgb() -> None:
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    image.fill(QColor(1, 2, 3))
    assert rgb(image).tolist() == [[[1, 2, 3]] * 3] * 2
