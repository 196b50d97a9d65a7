"""How verdicts look wherever they appear: a word, a colour, a picture and, where they fill an area, a pattern."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QBrush, QColor, QIcon

from lrstudio.engine.sweep.rate_keys import RateKey
from lrstudio.ui.look.theme import Theme, icon

Pattern = Qt.BrushStyle
_LIKE: dict[RateKey, str] = {"too_large": "diverged"}
"""No verdict of a run but what other rates tell of its rate has the colour and the picture of one."""
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
    """The looks of one verdict in one theme; `brush` fills an area so that colour is not the only cue."""

    word: str
    color: QColor
    icon: QIcon
    brush: QBrush


def verdict_style(key: RateKey, theme: Theme) -> VerdictStyle:
    """How this verdict looks."""
    color = verdict_color(key, theme)
    picture = icon(f"verdict-{_LIKE.get(key, key)}", theme, color.name())
    return VerdictStyle(verdict_word(key), color, picture, verdict_brush(key, theme))


def verdict_color(key: RateKey, theme: Theme) -> QColor:
    """The colour of this verdict."""
    return QColor(theme.verdicts[_LIKE.get(key, key)])


def verdict_word(key: RateKey) -> str:
    """What this verdict is called."""
    return _words()[key]


def verdict_brush(key: RateKey, theme: Theme) -> QBrush:
    """What fills an area with this verdict; quick enough to be asked for while painting."""
    return QBrush(verdict_color(key, theme), _PATTERNS[key])


def _words() -> dict[RateKey, str]:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Verdict", text)

    return {
        "too_slow": tr("too slow"),
        "converging": tr("converging"),
        "arrived": tr("arrived"),
        "oscillating": tr("oscillating"),
        "cycling": tr("cycling"),
        "diverged": tr("diverged"),
        "stuck": tr("stuck"),
        "plateau": tr("plateau"),
        "too_large": tr("too large"),
    }
