"""The actions of the list of runs, with their texts and keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from lrstudio.core.language import tr
from lrstudio.ui.fields.actions import action


def run_actions(parent: QObject, slots: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Returns the actions of the Edit menu and the context menu by name, in their order."""
    texts = {
        "add": (tr("&Add run"), "Ctrl+Shift+A", tr("Add a run with 3 × the last rate")),
        "duplicate": (tr("&Duplicate run"), "Ctrl+D", tr("Duplicate the selected run")),
        "remove": (tr("&Remove run"), "Ctrl+Shift+D", tr("Remove the selected runs")),
        "vary": (
            tr("&Vary…"),
            "Ctrl+Shift+V",
            tr("Replace the selected run by a family that differs in one number"),
        ),
        "batches": (
            tr("Batch si&zes…"),
            None,
            tr("Replace the selected run by one for each batch size, with the rate scaled or not"),
        ),
        "decay": (
            tr("Other weight deca&y"),
            None,
            tr("Add a run whose weight decay is apart from the gradient, or within it: Adam and AdamW, SGD and SGDW"),
        ),
        "rename": (tr("Re&name run"), "F2", tr("Rename the selected run")),
        "recolour": (tr("&Colour of run…"), "C", tr("Choose a colour and a line")),
        "hide": (tr("&Hide run"), "H", tr("Hide or show the selected runs in all views")),
        "baseline": (
            tr("Use as &baseline"),
            "B",
            tr("Show the losses of the other runs as multiples of this one's"),
        ),
        "up": (tr("Move run &up"), "Alt+Up", tr("List the run further up")),
        "down": (tr("Move run do&wn"), "Alt+Down", tr("List the run further down")),
    }
    return {
        name: action(parent, text, slots[name], keys, tip, checked=False if name in ("hide", "baseline") else None)
        for name, (text, keys, tip) in texts.items()
    }
