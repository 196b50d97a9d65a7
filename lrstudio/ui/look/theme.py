"""Themes: all colours, run styles and icons."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, cached_property
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPaintEngine,
    QPainter,
    QPalette,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer

from lrstudio.core.record import dataclass
from lrstudio.store.documents.palette import DASHES, RUN_COLORS

_MARKERS = ("o", "s", "d", "p", "t2", "h", "t3", "+")
"""Excludes upright triangles, which mark curves that leave the view, and the star, which marks the optimum."""


@dataclass(frozen=True)
class RunStyle:
    """A run's colour, dash pattern (lengths on, off, ... in pixels), pyqtgraph marker symbol, factor of widths."""

    color: QColor
    dash: tuple[float, ...]
    marker: str
    thick: float = 1.0


@dataclass(frozen=True)
class Theme:
    """The colours of the window and its plots, as #RRGGBB.

    `background` is behind plots, `surface` around them; `faint` is for the grid, `muted` for secondary text. A relief
    goes from `valley` to `hill`. `verdicts` maps verdict keys, `vectors` kinds of a step's vectors to colours. `runs`
    is the Okabe-Ito palette, adapted: all colours of runs and verdicts have a contrast of 3:1 on the background and
    differ pairwise under colour blindness.
    """

    name: str
    background: str
    surface: str
    raised: str
    foreground: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    warning: str
    valley: str
    hill: str
    verdicts: dict[str, str]
    vectors: dict[str, str]
    runs: tuple[str, ...]
    thick: float = 1.0
    """The factor of the widths of curves and markers; greater than 1 for a projector."""

    def run_style(self, index: int) -> RunStyle:
        """Returns the run style of a palette index, modulo eight."""
        return self._run_styles[index % len(self.runs)]

    @cached_property
    def _run_styles(self) -> list[RunStyle]:
        parts = zip(map(QColor, self.runs), DASHES, _MARKERS, strict=True)
        return [RunStyle(color, dash, marker, self.thick) for color, dash, marker in parts]

    def palette(self) -> QPalette:
        """Returns the application palette."""
        role = QPalette.ColorRole
        colors = {
            role.Window: self.surface,
            role.Base: self.background,
            role.AlternateBase: self.surface,
            role.Button: self.raised,
            role.ToolTipBase: self.raised,
            role.WindowText: self.foreground,
            role.Text: self.foreground,
            role.ButtonText: self.foreground,
            role.BrightText: self.warning,
            role.ToolTipText: self.foreground,
            role.PlaceholderText: self.muted,
            role.Highlight: self.accent,
            role.HighlightedText: self.on_accent,
            role.Accent: self.accent,
            role.Link: self.accent,
            role.LinkVisited: self.accent,
        }
        palette = QPalette(QColor(self.raised), QColor(self.surface))
        for color_role, color in colors.items():
            palette.setColor(color_role, QColor(color))
        for color_role in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
            palette.setColor(QPalette.ColorGroup.Disabled, color_role, QColor(self.muted))
        palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(self.faint))
        return palette


LIGHT = Theme(
    name="light",
    background="#FFFFFF",
    surface="#F3F4F6",
    raised="#FAFAFB",
    foreground="#1C2024",
    muted="#5C646E",
    faint="#E2E5E9",
    accent="#0B63CE",
    on_accent="#FFFFFF",
    warning="#B3261E",
    valley="#5795D6",
    hill="#FFFBF2",
    verdicts={
        "too_slow": "#186AEB",
        "converging": "#16A86D",
        "arrived": "#0E5A48",
        "oscillating": "#C48700",
        "cycling": "#5F0900",
        "diverged": "#AD270D",
        "stuck": "#9845A8",
        "plateau": "#8993A0",
    },
    vectors={"gradient": "#C4441A", "direction": "#7B3FA0", "other": "#00688B", "scale": "#7A5B00", "step": "#1C2024"},
    runs=RUN_COLORS,
)
DARK = Theme(
    name="dark",
    background="#16191D",
    surface="#202429",
    raised="#2A2F36",
    foreground="#E9ECEF",
    muted="#A3ACB6",
    faint="#343A41",
    accent="#6CB2FF",
    on_accent="#0C1116",
    warning="#FF8A80",
    valley="#4A90D2",
    hill="#24272B",
    verdicts={
        "too_slow": "#2578F4",
        "converging": "#26BC7B",
        "arrived": "#A1FFE0",
        "oscillating": "#F7D651",
        "cycling": "#D5761C",
        "diverged": "#C12B31",
        "stuck": "#E68BEF",
        "plateau": "#98A0AC",
    },
    vectors={"gradient": "#FF8A5C", "direction": "#D3A4F5", "other": "#6CCBEA", "scale": "#F2BC42", "step": "#E9ECEF"},
    runs=("#3F8AE8", "#FD6D19", "#05B47F", "#CD9BDB", "#FFA60C", "#8ADCF7", "#F3DF59", "#F4F4F4"),
)

PRINT = replace(
    LIGHT, name="print", surface="#FFFFFF", raised="#FFFFFF", foreground="#000000", muted="#3C4248", faint="#D9DDE2"
)
"""White all over, with black letters: of figures only."""

THEME_NAMES = ("system", "light", "dark")


def named_theme(name: str) -> Theme:
    """Returns the theme of a name in THEME_NAMES, or "print"; "system" follows the system's colour scheme."""
    if name == "system":
        return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
    return {"light": LIGHT, "dark": DARK, "print": PRINT}[name]


def mix(color: str, other: str, share: float) -> QColor:
    """Returns the opaque colour (1 - share)·color + share·other."""
    first, second = QColor(color), QColor(other)
    pairs = zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a + share * (b - a)) for a, b in pairs))


def icon(name: str, theme: Theme, color: str = "") -> QIcon:
    """Returns resources/icons/NAME.svg in a colour, by default the foreground; disabled icons are muted."""
    _svg(name)  # raises FileNotFoundError where there is none
    original = QIcon(_SvgIconEngine(name, theme, color or theme.foreground))
    return QIcon(original)  # the original owns the engine in Python: collected in a cycle, it would use a deleted one


@cache
def _svg(name: str) -> str:
    return files("lrstudio.resources").joinpath("icons", f"{name}.svg").read_text("utf-8")


@cache
def _renderer(name: str, color: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_svg(name).replace("currentColor", color).encode()))


def _rendered(name: str, color: str, size: QSize) -> QPixmap:
    key, pixmap = f"{name} {color} {size.width()} {size.height()}", QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        _renderer(name, color).render(painter, QRectF(pixmap.rect()))
        painter.end()
        QPixmapCache.insert(key, pixmap)
    return pixmap


class _SvgIconEngine(QIconEngine):
    """Renders the SVG at every size, so that icons are crisp at any device pixel ratio; Qt keeps what is rendered."""

    def __init__(self, name: str, theme: Theme, color: str) -> None:
        super().__init__()
        self._name, self._theme, self._color = name, theme, color

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        color = self._theme.muted if mode == QIcon.Mode.Disabled else self._color
        painter.save()
        painter.setOpacity(painter.opacity() * (0.5 if mode == QIcon.Mode.Disabled else 1.0))
        if painter.paintEngine().type() == QPaintEngine.Type.Raster:
            painter.drawPixmap(rect, _rendered(self._name, color, rect.size() * painter.device().devicePixelRatioF()))
        else:  # a vector format
            _renderer(self._name, color).render(painter, QRectF(rect))
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _SvgIconEngine(self._name, self._theme, self._color)
