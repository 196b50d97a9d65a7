"""The sentence about rates that another problem has changed."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.other_problem import changed_rates

_MOST = 4


def rates_said(before: Experiment, after: Experiment) -> str:
    """Which rates are others than before; empty where none are."""
    changed = changed_rates(before, after)
    if not changed:
        return ""
    pairs = ", ".join(f"{old:g} → {new:g}" for old, new in changed[:_MOST]) + (", …" if len(changed) > _MOST else "")
    text = QCoreApplication.translate("rates_said", "None of the rates suited this problem: {pairs} (undo: Ctrl+Z)")
    return text.format(pairs=pairs)
