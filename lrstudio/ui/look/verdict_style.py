"""Styles of verdicts: word, colour, icon and, for filled areas, brush pattern."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QIcon

from lrstudio.core.analysis.proof import WORDS
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.sweep.zones import RateKey
from lrstudio.ui.look.theme import Theme, icon

Pattern = Qt.BrushStyle
_LIKE: dict[RateKey, str] = {"too_large": "diverged"}
"""Maps keys that are no verdict of a run to the verdict whose colour and icon they share."""
_PATTERNS: dict[RateKey, Qt.BrushStyle] = {
    "too_slow": Pattern.Dense6Pattern,
    "converging": Pattern.SolidPattern,
    "arrived": Pattern.SolidPattern,
    "oscillating": Pattern.VerPattern,
    "cycling": Pattern.CrossPattern,
    "diverged": Pattern.BDiagPattern,
    "stuck": Pattern.DiagCrossPattern,
    "plateau": Pattern.HorPattern,
    "too_large": Pattern.FDiagPattern,
}


@dataclass(frozen=True)
class VerdictStyle:
    """The style of one verdict in one theme; `brush` has a pattern so that colour is not the only cue."""

    word: str
    color: QColor
    icon: QIcon
    brush: QBrush


def verdict_style(key: RateKey, theme: Theme) -> VerdictStyle:
    """Returns the style of a verdict."""
    color = verdict_color(key, theme)
    svg = icon(f"verdict-{_LIKE.get(key, key)}", theme, color.name())
    return VerdictStyle(verdict_word(key), color, svg, verdict_brush(key, theme))


def verdict_color(key: RateKey, theme: Theme) -> QColor:
    """Returns the colour of a verdict."""
    return QColor(theme.verdicts[_LIKE.get(key, key)])


def verdict_word(key: RateKey) -> str:
    """Returns the name of a verdict in the user's language."""
    return tr(WORDS[key])


def verdict_brush(key: RateKey, theme: Theme) -> QBrush:
    """Returns the brush for areas of a verdict."""
    return QBrush(verdict_color(key, theme), _PATTERNS[key])
