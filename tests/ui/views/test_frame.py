"""The buttons in the corner of a view: seen while the mouse is over it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.look.theme import LIGHT
from lrstudio.ui.views.catalogue import VIEWS
from lrstudio.ui.views.frame import ViewFrame


def frame_of(qtbot: QtBot) -> ViewFrame:
    view = next(view for view in VIEWS if view.key == "loss")
    frame = ViewFrame(view, lambda _view: LossCanvas(LIGHT))
    qtbot.addWidget(frame)
    frame.set_theme(LIGHT)
    frame.resize(400, 300)
    frame.set_shown(True)
    return frame


def is_blank(widget: QWidget) -> bool:
    """Whether a widget paints one colour alone."""
    image = widget.grab().toImage()
    return len({image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}) == 1


def test_the_buttons_are_seen_only_while_the_mouse_is_over_the_view(qtbot: QtBot) -> None:
    frame = frame_of(qtbot)
    buttons = (frame.grip, frame.enlarge, frame.close_button)
    assert all(map(is_blank, buttons))
    QApplication.sendEvent(frame, QEnterEvent(QPointF(9, 9), QPointF(9, 9), QPointF(9, 9)))
    assert not any(map(is_blank, buttons))
    QApplication.sendEvent(frame, QEvent(QEvent.Type.Leave))
    assert all(map(is_blank, buttons))


def test_the_button_that_shows_all_views_again_stays(qtbot: QtBot) -> None:
    frame = frame_of(qtbot)
    frame.show_enlarged(True)
    assert not is_blank(frame.enlarge) and is_blank(frame.close_button)
