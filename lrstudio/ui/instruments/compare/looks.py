"""What the cells of the comparison are drawn with; pictures are made once, for a table paints them again and again."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap

from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.ui.drawing.header import draw_sample
from lrstudio.ui.look.theme import Theme, icon, mix
from lrstudio.ui.look.verdict_style import verdict_style

SAMPLE = 36
"""The width of a piece of a run's line."""
_FINE = 64
_PALE = 0.55


class Looks:
    """Pictures and colours in one theme. Those of hidden runs are pale."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.pale = mix(theme.foreground, theme.background, _PALE)
        self.bold = QFont()
        self.bold.setBold(True)
        icons = {key: verdict_style(key, theme).icon for key in VERDICTS}
        icons |= {"best": icon("best", theme, theme.accent)}  # type: ignore[dict-item]
        self._icons = {(key, pale): _drawn(made, pale=pale) for key, made in icons.items() for pale in (False, True)}
        self._samples: dict[tuple[int, int, float, bool], QPixmap] = {}

    def picture(self, key: str, *, pale: bool) -> QIcon:
        """That of a verdict, or `best`."""
        return self._icons[key, pale]  # type: ignore[index]

    def sample(self, color: int, height: int, ratio: float, *, pale: bool) -> QPixmap:
        """A piece of the line of runs with this color, with `ratio` pixels of the screen to a pixel."""
        key = color % len(self._theme.runs), height, ratio, pale
        if key not in self._samples:
            pixmap = QPixmap(QSize(SAMPLE, height) * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(QColor(Qt.GlobalColor.transparent))
            painter = QPainter(pixmap)
            painter.setOpacity(1 - _PALE if pale else 1)
            draw_sample(painter, QRectF(0, 0, SAMPLE, height), self._theme.run_style(color), self._theme)
            painter.end()
            self._samples[key] = pixmap
        return self._samples[key]


def _drawn(picture: QIcon, *, pale: bool) -> QIcon:
    return QIcon(picture.pixmap(QSize(_FINE, _FINE), QIcon.Mode.Disabled if pale else QIcon.Mode.Normal))
