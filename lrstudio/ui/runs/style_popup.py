"""The eight looks of a run, to choose from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from lrstudio.ui.drawing.header import draw_sample
from lrstudio.ui.look.theme import RunStyle, Theme

_SIZE = QSize(48, 20)


class StylePopup(QListWidget):
    """A list of sample lines; Return or a click chooses, Escape does not."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, color: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("Colour and line of the run"))
        self.setIconSize(_SIZE)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for place in range(len(theme.runs)):
            style = theme.run_style(place)
            item = QListWidgetItem(_picture(style, theme, self.devicePixelRatioF()), self._name(style))
            item.setSizeHint(QSize(0, max(_SIZE.height(), self.fontMetrics().height()) + 8))
            self.addItem(item)
        self.setCurrentRow(color % len(theme.runs))
        frame = 2 * self.frameWidth()
        self.setFixedSize(self.sizeHintForColumn(0) + 24 + frame, 8 * self.sizeHintForRow(0) + frame)
        self.itemClicked.connect(self._choose)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # keys are for this list while it is open
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        self.chosen.emit(self.currentRow())
        self.close()

    def _name(self, style: RunStyle) -> str:
        """A look in words; its marker is the same in every theme."""
        names = {
            "o": self.tr("circle"),
            "s": self.tr("square"),
            "d": self.tr("diamond"),
            "p": self.tr("pentagon"),
            "t2": self.tr("triangle to the right"),
            "h": self.tr("hexagon"),
            "t3": self.tr("triangle to the left"),
            "+": self.tr("plus"),
        }
        return names[style.marker]


def _picture(style: RunStyle, theme: Theme, ratio: float) -> QIcon:
    pixmap = QPixmap(_SIZE * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_sample(painter, QRectF(0, 0, _SIZE.width(), _SIZE.height()), style, theme)
    painter.end()
    made = QIcon(pixmap)
    made.addPixmap(pixmap, QIcon.Mode.Selected)  # the colour is the point: no tint
    return made
