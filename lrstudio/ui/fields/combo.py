"""Boxes to choose one of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox

from lrstudio.core.declaration import Declared


class Combo(QComboBox):
    """A box whose least size follows its font; Qt's own keeps that of the first one."""

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


def catalogue_combo(catalogue: tuple[type[Declared], ...], chosen: Callable[[Any], object]) -> QComboBox:
    """One entry per catalogue entry, explained in its tooltip; a line between groups; chosen(key)."""
    combo = choice_combo([], chosen)
    for before, kind in zip((None, *catalogue), catalogue, strict=False):
        if before is not None and before.group() != kind.group():
            combo.insertSeparator(combo.count())
        combo.addItem(kind.title, kind.key)
        combo.setItemData(combo.count() - 1, kind.summary(), Qt.ItemDataRole.ToolTipRole)
    return combo


def choice_combo(values: Sequence[Any], chosen: Callable[[Any], object], titles: Sequence[str] = ()) -> QComboBox:
    """One entry per value, by its title where there are titles; chosen(value)."""
    combo = Combo()
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    for title, value in zip(titles or values, values, strict=True):
        combo.addItem(title, value)
    combo.activated.connect(lambda _place: chosen(combo.currentData()))
    return combo


def show_choice(combo: QComboBox, value: object) -> None:
    """Show the entry of a value without a signal."""
    combo.setCurrentIndex(combo.findData(value))


def narrow(combo: QComboBox) -> QComboBox:
    """The box, as narrow as the form around it; long entries are cut off."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(10)
    return combo
