"""What to try next, as buttons below the verdict of the current run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.proposals import MOST, Proposal
from lrstudio.ui.look.plain import Label, plain

_GAP = 4


class NextSteps(QWidget):
    """Buttons of the proposals; it changes nothing itself. Without proposals it keeps its place, empty."""

    chosen = Signal(object)
    """The proposal whose button was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = Label(tr("Try next"))
        self.buttons = [QPushButton() for _ in range(MOST)]
        self._proposals: tuple[Proposal, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_GAP)
        row.addWidget(self.label)
        for index, button in enumerate(self.buttons):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Space still runs and pauses after a click
            button.clicked.connect(partial(self._choose, index))
            row.addWidget(button)
        row.addStretch()
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.show_proposals(())

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        return self._proposals

    def show_proposals(self, proposals: Sequence[Proposal]) -> None:
        """Shows at most `MOST` proposals, each as a button."""
        self._proposals = tuple(proposals)[:MOST]
        self.setVisible(bool(self._proposals))
        for index, button in enumerate(self.buttons):
            button.setVisible(index < len(self._proposals))
        for button, proposal in zip(self.buttons, self._proposals, strict=False):
            button.setText(proposal.text)
            button.setToolTip(plain(proposal.why))
            button.setAccessibleName(f"{proposal.text}: {proposal.why}")
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Leaves the label out where the buttons would be cut off."""
        shown = [each for each in (self.label, *self.buttons) if each is self.label or not each.isHidden()]
        needed = sum(each.sizeHint().width() for each in shown) + _GAP * (len(shown) - 1)
        self.label.setVisible(needed <= self.width())

    def _choose(self, index: int, _checked: bool = False) -> None:
        if index < len(self._proposals):
            self.chosen.emit(self._proposals[index])
