"""The form of a view of logs: what is drawn, against what, how smoothed, and on which scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.store.logs.model import Run
from lrstudio.ui.fields.rows import add_row, choice_combo, form_layout, narrow, show_choice
from lrstudio.ui.instruments.log.curves import LOSSES, ONE_LOSS, Choice, axes, kind_of_axis, quantities
from lrstudio.ui.look.plain import without_mnemonic

SMOOTHINGS = (0.0, 0.5, 0.9, 0.98, 0.99)


def quantity_name(quantity: str) -> str:
    """Returns the name of a quantity of curves, as it is shown."""
    return tr("loss") if quantity == LOSSES else quantity.removeprefix(ONE_LOSS)


def axis_name(axis: str) -> str:
    """Returns the name of an axis of curves, as it is shown."""
    names = {
        "step": tr("step"),
        "epoch": tr("epoch"),
        "samples": tr("samples"),
        "time": tr("seconds"),
        "row": tr("row"),
    }
    return names[axis]


class ChoiceForm(QWidget):
    """Chooses a quantity, an axis, a smoothing and a scale; `changed` tells of the first three."""

    changed = Signal()
    scale_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quantity, self.axis, self.smoothing = (
            narrow(choice_combo([], lambda _value: self.changed.emit())) for _ in range(3)
        )
        self.log_scale = QCheckBox(tr("&Logarithmic scale"))
        self.log_scale.setToolTip(tr("A logarithmic scale, where no value is below 0 (Ctrl+L)"))
        self.log_scale.setAccessibleName(without_mnemonic(self.log_scale.text()))
        self.log_scale.setChecked(True)
        self.log_scale.toggled.connect(self.scale_changed)
        form = form_layout()
        for name, field, tip in (
            (tr("&quantity"), self.quantity, tr("What is drawn: the losses, or a metric")),
            (tr("a&gainst"), self.axis, tr("What the curves are drawn against")),
            (tr("s&moothing"), self.smoothing, tr("The share of the old value in the moving average")),
        ):
            add_row(form, name, field, tip)
        for beta in SMOOTHINGS:
            self.smoothing.addItem(f"{beta:g}" if beta else tr("none: raw"), beta)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)
        layout.addWidget(self.log_scale)

    @property
    def choice(self) -> Choice:
        """What is chosen."""
        return Choice(
            self.quantity.currentData() or LOSSES,
            self.axis.currentData() or "step",
            self.smoothing.currentData() or 0.0,
        )

    def offer(self, runs: Sequence[Run]) -> None:
        """Offer what the runs have; the choices stay if they can."""
        axis = self.axis.currentData() or (kind_of_axis(runs[0].counter) if runs else None)
        found = quantities(runs)
        several = any(each.startswith(ONE_LOSS) for each in found)
        names = [(tr("all losses") if several and each == LOSSES else quantity_name(each), each) for each in found]
        _fill(self.quantity, names, self.quantity.currentData())
        _fill(self.axis, [(axis_name(each), each) for each in axes(runs)], axis)
        for widget in (self.quantity, self.axis):
            widget.setEnabled(bool(runs))

    def to_save(self) -> dict[str, Any]:
        """Returns the choices as JSON."""
        choice, log = self.choice, self.log_scale.isChecked()
        return {"quantity": choice.quantity, "axis": choice.axis, "smoothing": choice.beta, "log": log}

    def show_saved(self, saved: dict[str, Any]) -> None:
        """Choose what was saved, without values that are not on offer."""
        for name, combo in (("quantity", self.quantity), ("axis", self.axis), ("smoothing", self.smoothing)):
            value = saved.get(name)
            if type(value) in (str, float, int) and combo.findData(value) >= 0:
                show_choice(combo, value)
        if isinstance(log := saved.get("log"), bool):
            self.log_scale.setChecked(log)


def _fill(combo: QComboBox, entries: Sequence[tuple[str, str]], chosen: str | None) -> None:
    """List entries of a combo box and keep the chosen one, if it is still there."""
    combo.clear()
    for text, value in entries:
        combo.addItem(text, value)
    show_choice(combo, chosen if combo.findData(chosen) >= 0 else None if not entries else entries[0][1])
