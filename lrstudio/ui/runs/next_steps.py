"""What to try next, as buttons below the verdict of the current run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.proposals import MOST, Proposal
from lrstudio.ui.look.plain import Label, plain


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
        row.setSpacing(4)
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

    def _choose(self, index: int, _checked: bool = False) -> None:
        if index < len(self._proposals):
            self.chosen.emit(self._proposals[index])
