"""Figures of the window: exported, copied and printed at the chosen size."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.training.pilot import State
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.drawing.pixels import draw_text_in
from lrstudio.ui.figures import figure as figures
from lrstudio.ui.figures.copies import redrawn
from lrstudio.ui.figures.dialog import FigureDialog, FigureOptions
from lrstudio.ui.figures.figure import Figure, panels
from lrstudio.ui.figures.movie_dialog import MovieDialog
from lrstudio.ui.look.theme import DARK, LIGHT
from lrstudio.ui.window.app import picture
from tests.e2e.conftest import Driver
from tests.paints import rgb


def pixels(image: QImage) -> np.ndarray:
    """Returns the colours (h, w, 3) of an image."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def count(image: QImage, color: QColor) -> int:
    return int((np.abs(pixels(image) - rgb(color)).max(axis=2) < 8).sum())


def text_heights(pdf: bytes) -> list[float]:
    """Returns the heights of all texts of a PDF in points, from the operators of its page."""
    heights: list[float] = []
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            page = zlib.decompress(part)
        except zlib.error:
            continue
        if b" Tf" not in page:
            continue
        scale, stack = 1.0, []
        for cm, tf, word in re.findall(rb"(?:\S+ \S+ \S+ (\S+) \S+ \S+ cm)|(?:/\S+ (\S+) Tf)|\b(q|Q)\b", page):
            if cm:
                scale *= abs(float(cm))
            elif tf:
                heights.append(float(tf) * scale)
            elif word == b"q":
                stack.append(scale)
            else:
                scale = stack.pop()
    return heights


def rendered(command: list[str], picture: Path) -> QImage:
    """Returns the image that another program renders; skips the test if it is not installed."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    subprocess.run(command, check=True, capture_output=True)
    return QImage(str(picture))


def open_dialog(driver: Driver) -> FigureDialog:
    driver.menu("File", "Export figure…")
    dialog = driver.window.findChild(FigureDialog)
    assert dialog is not None
    return dialog


def choose_file(monkeypatch: pytest.MonkeyPatch, name: str, kind: str = "PNG (*.png)") -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (name, kind))


def export(driver: Driver, dialog: FigureDialog) -> None:
    with driver.qtbot.waitSignal(driver.session.message):
        dialog.export.click()
    driver.until(lambda: not driver.window.feed.busy)


def test_a_png_has_the_chosen_size_and_all_curves(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.finish()
    dialog = open_dialog(driver)
    dialog.preset.setCurrentIndex(1)
    dialog.preset.activated.emit(1)
    dialog.scale.setCurrentIndex(1)
    choose_file(monkeypatch, str(tmp_path / "figure"))
    export(driver, dialog)
    image = QImage(str(tmp_path / "figure.png"))
    assert image.size() == QSize(3840, 2160)
    for run in driver.session.experiment.runs:
        assert count(image, LIGHT.run_style(run.color).color) > 500
    dialog.close()


def test_an_svg_has_vectors_and_text_and_looks_like_the_png(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.finish()
    dialog = open_dialog(driver)
    choose_file(monkeypatch, str(tmp_path / "figure"), "SVG (*.svg)")
    export(driver, dialog)
    root = ElementTree.parse(tmp_path / "figure.svg").getroot()
    tags = [element.tag.rsplit("}")[-1] for element in root.iter()]
    assert tags.count("image") == 1  # the colours of the landscape
    assert tags.count("path") + tags.count("polyline") > 100
    words = "".join(root.itertext())
    assert "Learning rate" in words and driver.session.example.question in words
    assert root.get("viewBox") == "0 0 1280 800"
    drawn = QImage(1280, 800, QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    QSvgRenderer(str(tmp_path / "figure.svg")).render(painter)
    painter.end()
    assert np.abs(pixels(drawn) - pixels(dialog.figure().image())).mean() < 3
    dialog.close()


@pytest.mark.parametrize("size", [QSize(800, 450), QSize(1920, 1080)], ids=["small", "large"])
def test_texts_have_the_same_size_in_every_format(driver: Driver, size: QSize) -> None:
    driver.finish()
    views = driver.window.views
    figure = Figure(panels([canvas for canvas in views.canvases if canvas.isVisible()]), size, LIGHT, "What?")
    words = re.findall(r'<text[^>]* font-size="([0-9.]+)"', figure.svg().decode())
    heights = sorted({round(float(word), 1) for word in words})
    assert len(words) > 30 and heights == [15, 20]  # 11 and 15 points
    assert sorted({round(height / 0.75, 1) for height in text_heights(figure.pdf())}) == heights


def test_another_program_renders_every_format_alike(driver: Driver, tmp_path: Path) -> None:
    driver.finish()
    views = driver.window.views
    views.canvas(LandscapeCanvas).plotItem.vb.setRange(xRange=(2, 3), yRange=(0, 1), padding=0)  # zoomed in
    views.canvas(LandscapeCanvas).plotItem.vb.sigRangeChangedManually.emit([True, True])
    figure = Figure(panels([canvas for canvas in views.canvases if canvas.isVisible()]), QSize(800, 450), DARK, "What?")
    (tmp_path / "a.svg").write_bytes(figure.svg())
    (tmp_path / "a.pdf").write_bytes(figure.pdf())
    own = pixels(figure.image())
    svg = rendered(["rsvg-convert", str(tmp_path / "a.svg"), "-o", str(tmp_path / "s.png")], tmp_path / "s.png")
    pdf = rendered(
        ["pdftoppm", "-r", "96", "-png", "-singlefile", str(tmp_path / "a.pdf"), str(tmp_path / "p")],
        tmp_path / "p.png",
    )
    for image in (svg, pdf):
        assert abs(image.width() - 800) <= 1 and abs(image.height() - 450) <= 1
        assert np.abs(pixels(image)[:450, :800] - own[: image.height()]).mean() < 4


def test_the_curves_of_an_svg_are_clipped_to_the_plot(driver: Driver) -> None:
    driver.finish()
    canvas = driver.window.views.canvas(WeightsCanvas)
    root = ElementTree.fromstring(Figure(panels([canvas]), QSize(800, 450), LIGHT).svg())
    clips = {part.get("id"): part[0].get("d", "") for part in root.iter() if part.tag.endswith("clipPath")}
    spots = {name: np.array(re.findall(r"-?[0-9.]+", path), float).reshape(-1, 2) for name, path in clips.items()}
    color = LIGHT.run_style(driver.session.experiment.runs[1].color).color.name()
    checked = 0
    for group in root.iter():
        name = group.get("clip-path", "")[5:-1]
        for inner in group.iter() if name else ():
            if inner.get("stroke") == color and inner.find("{*}polyline") is not None:
                (left, top), (right, bottom) = spots[name].min(axis=0), spots[name].max(axis=0)
                assert left > 40 and top > 20 and right < 790 and bottom < 430
                checked += 1
    assert checked


def test_the_title_is_the_question_of_the_session(driver: Driver) -> None:
    figures = driver.window.figures
    assert figures.figure(FigureOptions()).title == driver.session.example.question
    driver.until_new_trace(lambda: driver.session.edit(driver.session.experiment.with_run(0, start=(1.0, 1.0))))
    assert figures.figure(FigureOptions()).title == ""


def test_a_pdf_is_one_page(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = open_dialog(driver)
    choose_file(monkeypatch, str(tmp_path / "figure.pdf"), "PDF (*.pdf)")
    export(driver, dialog)
    data = (tmp_path / "figure.pdf").read_bytes()
    assert data.startswith(b"%PDF") and data.count(b"/Type /Page\n") == 1
    dialog.close()


def test_a_figure_of_one_plot_has_the_theme_and_the_hidden_runs(driver: Driver) -> None:
    driver.finish()
    views = driver.window.views
    driver.window.runs.select(2)
    driver.window.runs.actions_by_name["hide"].trigger()
    views.canvas(LossCanvas).plotItem.vb.setRange(xRange=(100, 200), yRange=(-6, -4), padding=0)
    views.canvas(LossCanvas).plotItem.vb.sigRangeChangedManually.emit([True, True])
    views.set_options(log_steps=False)
    views.canvas(LossCanvas).plotItem.vb.setRange(xRange=(100, 200), yRange=(-6, -4), padding=0)
    views.canvas(LossCanvas).plotItem.vb.sigRangeChangedManually.emit([True, True])
    image = Figure(panels([views.canvas(LossCanvas)]), QSize(900, 500), DARK).image()
    assert image.size() == QSize(900, 500)
    assert pixels(image)[250, 0].tolist() == list(rgb(QColor(DARK.background)))
    assert count(image, DARK.run_style(2).color) == 0  # hidden
    other = Figure(panels([views.canvas(WeightsCanvas)]), QSize(900, 500), DARK).image()
    assert count(other, DARK.run_style(0).color) > 100


def test_a_failed_and_a_cancelled_export_keep_the_old_file(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old.png"
    old.write_bytes(b"old")
    dialog = open_dialog(driver)
    choose_file(monkeypatch, "")
    dialog.export.click()
    choose_file(monkeypatch, str(tmp_path / "missing" / "figure.png"))
    with driver.qtbot.waitSignal(driver.session.failed):
        dialog.export.click()
    assert old.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == [old]
    dialog.close()


def test_exporting_does_not_stop_the_run(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver.window.run_actions.play.trigger()
    driver.until(lambda: driver.session.steps_done > 5)
    dialog = open_dialog(driver)
    choose_file(monkeypatch, str(tmp_path / "figure.png"))
    export(driver, dialog)
    steps = driver.session.steps_done
    driver.until(lambda: driver.session.steps_done > steps)
    assert driver.session.state is State.RUNNING
    dialog.close()


def test_the_canvas_is_copied_as_an_image_and_as_svg(driver: Driver) -> None:
    driver.menu("Edit", "Copy figure")
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert bytes(data.data("image/svg+xml").data()).lstrip().startswith(b"<?xml")
    driver.window.views.canvas(RateCanvas).setFocus()
    driver.until(lambda: driver.window.views.current is driver.window.views.canvas(RateCanvas))
    driver.menu("Edit", "Copy plot")
    assert QGuiApplication.clipboard().image().size() == driver.window.views.canvas(RateCanvas).size() * 2


def test_a_plot_has_a_context_menu(driver: Driver) -> None:
    canvas = driver.window.views.canvas(LossCanvas)
    canvas.customContextMenuRequested.emit(QPoint(50, 50))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    entries = {entry.text().replace("&", ""): entry for entry in menu.actions()}
    assert {"Logarithmic loss", "Smoothing of the loss", "Copy plot", "Export plot…"} <= set(entries)
    entries["Export plot…"].trigger()
    menu.close()
    dialog = driver.window.findChild(FigureDialog)
    assert dialog is not None
    assert dialog.plot.currentText() == "Loss against step"
    dialog.close()


def test_the_page_is_printed(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "printed.pdf"

    def accept(dialog: QPrintDialog) -> QDialog.DialogCode:
        dialog.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        dialog.printer().setOutputFileName(str(file))
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(QPrintDialog, "exec", accept)
    driver.menu("File", "Print…")
    data = file.read_bytes()
    assert data.startswith(b"%PDF")
    heights, width = text_heights(data), float(re.findall(rb"/MediaBox\s*\[\s*0 0 (\S+)", data)[0])
    assert len(heights) > 30
    assert 0.008 * width < min(heights) <= max(heights) < 0.016 * width  # 15 and 20 of 1400 pixels


def test_the_preview_shows_the_whole_figure(driver: Driver) -> None:
    dialog = open_dialog(driver)
    driver.until(lambda: not dialog.preview.pixmap().isNull())
    assert dialog.preview.pixmap().size() == QSize(480, 300)
    dialog.width_px.setValue(1000)
    dialog.height_px.setValue(1000)
    assert dialog.preset.currentText() == "As typed below"
    area = driver.window.views.area.size()
    assert dialog.preset.findText(f"As in the window, {area.width()} x {area.height()}") >= 0
    driver.until(lambda: dialog.preview.pixmap().size() == QSize(320, 320))
    dialog.close()


def test_the_plots_of_a_figure_are_arranged_as_in_the_window(driver: Driver) -> None:
    views = driver.window.views
    shown: Callable[[], list[PlotCanvas]] = lambda: [canvas for canvas in views.canvases if canvas.isVisible()]  # noqa: E731
    shares = [panel.share for panel in panels(shown())]
    assert min(share.left() for share in shares) == 0
    assert max(share.bottom() for share in shares) == pytest.approx(1)
    assert shares[0].left() < shares[2].left()
    assert panels([views.canvas(LossCanvas)])[0].share.getRect() == (0, 0, 1, 1)
    assert views.canvas(LossCanvas).mapTo(driver.window, QPoint()) != QPoint()


def test_the_preview_of_a_large_figure_is_drawn_at_the_size_of_the_preview(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(Figure, "_image", lambda *_: drawn.append(1))
    monkeypatch.setattr(PlotCanvas, "grab", lambda *_: drawn.append(1))
    dialog = open_dialog(driver)
    dialog.width_px.setValue(8000)
    dialog.height_px.setValue(8000)
    driver.until(lambda: dialog.preview.pixmap().size() == QSize(320, 320))
    assert len(np.unique(pixels(dialog.preview.pixmap().toImage()).reshape(-1, 3), axis=0)) > 50
    assert not drawn
    dialog.close()


def test_a_copy_of_a_huge_figure_has_at_most_ten_million_pixels(driver: Driver) -> None:
    with driver.qtbot.waitSignal(driver.session.message) as message:
        driver.window.figures.output.copy(
            Figure(panels([driver.window.views.canvas(LossCanvas)]), QSize(8000, 8000), LIGHT), 3
        )
    size = QGuiApplication.clipboard().image().size()
    assert size.width() == size.height() and 9e6 < size.width() * size.height() <= 10e6
    assert f"{size.width()} x {size.height()}" in message.args[0]


def test_a_copy_redraws_every_plot_only_once(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[object] = []
    monkeypatch.setattr(figures, "redrawn", lambda canvas, *rest: copied.append(canvas) or redrawn(canvas, *rest))
    driver.menu("Edit", "Copy figure")
    assert len(copied) == len(set(copied)) == sum(canvas.isVisible() for canvas in driver.window.views.canvases)


class PaintsOfCopies(QObject):
    """Counts the paint events of widgets that are not on the screen."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self.count += watched.window().testAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        return False


def test_a_moving_picture_is_drawn_in_pieces_and_its_plots_are_not_painted_besides(driver: Driver) -> None:
    driver.finish()
    paints, application = PaintsOfCopies(), QApplication.instance()
    assert application is not None
    application.installEventFilter(paints)
    pieces, images = 0, []
    for image in driver.window.figures.figure(FigureOptions(size=QSize(640, 480))).frames([0, 20, 40]):
        QApplication.processEvents()
        pieces += image is None
        images += [] if image is None else [image.copy()]
    application.removeEventFilter(paints)
    shown = sum(canvas.isVisible() for canvas in driver.window.views.canvases)
    assert pieces > 3 * (1 + 2 * shown) + 5 * shown
    assert len(images) == 3 and images[0] != images[1] != images[2]
    assert paints.count == 0


def test_a_frame_in_columns_is_the_picture_in_one_piece(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of crowded curves, which are areas with an outline; Qt may round an end of a line otherwise."""
    example = next(example for example in EXAMPLES if example.key == "six_rates")
    driver.until_new_trace(lambda: driver.session.show(example.experiment))
    driver.finish()
    driver.until(lambda: not (driver.window.bench.busy or driver.window.feed.busy))
    figure, frames = driver.window.figures.figure(FigureOptions(size=QSize(1300, 700))), []
    for column in (100_000, figures.COLUMN):
        monkeypatch.setattr(figures, "COLUMN", column)
        frames += [pixels(image) for image in figure.frames([driver.session.steps_done]) if image is not None]
    whole, columns = frames
    assert (np.abs(whole - columns).max(axis=2) > 8).sum() <= 20


def test_without_a_view_there_is_a_message_and_no_figure(driver: Driver) -> None:
    area = driver.window.views.area
    for view in area.applicable:
        area.set_shown(view, False)
    for path in (("Edit", "Copy plot"), ("Edit", "Copy figure"), ("File", "Export figure…"), ("File", "Export plot…")):
        driver.session.message.emit("")
        driver.menu(*path)
        assert driver.window.status.note.text() == "There is no picture: all views are hidden"


def test_a_report_of_what_was_run_is_written_by_the_worker(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.finish()
    choose_file(monkeypatch, str(tmp_path / "report"), "PDF (*.pdf)")
    with driver.qtbot.waitSignal(driver.session.message):
        driver.menu("File", "Export report…")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("box", [QRectF(10, 10, 90, 30), QRectF(10, 10, 90, 4)])
def test_a_text_in_an_svg_clips_nothing_that_is_drawn_after_it(qtbot: QtBot, box: QRectF, tmp_path: Path) -> None:
    buffer = QBuffer()
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(100, 100))
    painter = QPainter(generator)
    painter.setClipRect(QRectF(0, 0, 100, 100))
    draw_text_in(painter, box, Qt.AlignmentFlag.AlignVCenter, "第 1 轮")
    painter.fillRect(QRectF(20, 60, 60, 30), QColor("red"))
    painter.end()
    (tmp_path / "a.svg").write_bytes(buffer.data().data())
    command = ["rsvg-convert", str(tmp_path / "a.svg"), "-o", str(tmp_path / "a.png")]
    assert rendered(command, tmp_path / "a.png").pixelColor(50, 75) == QColor("red")


def test_nothing_is_exported_of_an_experiment_with_the_trace_of_the_one_before(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trace follows from the worker; a report in between failed with an error of the program."""
    experiment = next(example for example in EXAMPLES if example.key == "six_rates").experiment
    choose_file(monkeypatch, str(tmp_path / "early"), "HTML (*.html)")
    said: list[str] = []
    driver.session.message.connect(said.append)

    def at_once() -> None:
        driver.session.show(experiment)
        driver.menu("File", "Export report…")
        driver.menu("File", "Export moving picture…")
        assert said[-2:] == ["The experiment is not ready yet; please try again"] * 2
        assert driver.window.findChild(MovieDialog) is None
        driver.menu("File", "Export script", "NumPy…")

    driver.until_new_trace(at_once)
    driver.until(lambda: driver.session.task is None)
    assert [file.name for file in tmp_path.iterdir() if not file.name.startswith(".")] == ["early.py"]


def test_a_full_disk_leaves_the_screenshot_before(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "shot.png"
    path.write_bytes(b"before")
    monkeypatch.setattr("lrstudio.store.atomic.os.fsync", full)
    with pytest.raises(OSError, match="No space left on device") as refused:
        picture(driver.window, EXAMPLES[0], path)
    assert refused.value.filename == str(path)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"before"]
