"""What stands above the table of the comparison: how it is sorted, over how many seeds, copying, and a note."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from lrstudio.ui.fields.actions import action
from lrstudio.ui.fields.behavior import FieldBehavior
from lrstudio.ui.fields.rows import Combo

SEEDS = 5


class CompareControls(QWidget):
    """Only shows; what its parts mean is for its owner."""

    def __init__(self, titles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order = Combo()
        self.order.addItems([self.tr("as listed"), *titles])
        self.order.setAccessibleName(self.tr("Sorted by"))
        self.order.setToolTip(self.tr("The best first; choosing it again, or a click on a header, turns the order"))
        self.seeds = QCheckBox(self.tr("over {count} seeds").format(count=SEEDS))
        self.seeds.setAccessibleName(self.seeds.text())
        FieldBehavior(self).install(self.order, self.seeds)
        self.copy = _button(self.tr("Copy"), self.tr("Copy the selected rows, or all (Ctrl+C)"))
        self.export = _button(self.tr("Export…"), self.tr("Write the table as a CSV file"))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self._arrange()
        self.offer_seeds(False)

    def offer_seeds(self, random: bool) -> None:
        """Whether another seed can make a difference."""
        self.seeds.setEnabled(random)
        tip = self.tr("Nothing is random here: every seed gives the same")
        if random:
            tip = self.tr("Repeat all runs with {count} seeds, the same for all, and show mean and standard deviation")
        self.seeds.setToolTip(tip.format(count=SEEDS))

    def say(self, sentences: Sequence[str]) -> None:
        """Show this note, or none."""
        self.note.setText(" ".join(sentences))
        self.note.setVisible(bool(sentences))

    def open_menu(self, at: QPoint) -> None:
        """What the buttons do, as a menu at a point of the screen."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for button in (self.copy, self.export):
            menu.addAction(action(menu, button.text(), button.click, tip=button.toolTip()))
        menu.popup(at)

    def _arrange(self) -> None:
        caption = QLabel(self.tr("Sorted by"))
        caption.setMinimumWidth(1)  # the first to give way where letters are large
        row = QHBoxLayout()
        row.addWidget(caption)
        row.addWidget(self.order)
        row.addSpacing(8)
        row.addWidget(self.seeds)
        row.addStretch()
        row.addWidget(self.copy)
        row.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.note)


def on_press(button: QToolButton, slot: Callable[[], object]) -> None:
    """Call slot() when the button is pressed."""
    button.clicked.connect(lambda _checked=False: slot())


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAccessibleName(text.rstrip("…"))
    button.setToolTip(tip)
    return button
