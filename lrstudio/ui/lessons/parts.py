"""What the pages of the lessons are built of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from lrstudio.ui.look.plain import Label

_HEIGHT = 28


def push_button(text: str, tip: str, pressed: Callable[[], object]) -> QPushButton:
    """Returns a button that calls pressed()."""
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setMinimumHeight(_HEIGHT)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked=False: pressed())
    return button


def row_of(*buttons: QPushButton, margin: int = 0) -> QHBoxLayout:
    """Returns buttons that share the width."""
    row = QHBoxLayout()
    row.setContentsMargins(margin, 0, margin, 0)
    for button in buttons:
        row.addWidget(button)
    return row


def column() -> QVBoxLayout:
    """Returns an empty column of parts that come and go."""
    layout = QVBoxLayout()
    layout.setSpacing(6)
    return layout


def wrapped(text: str = "") -> Label:
    """Returns a label of several lines, which a long word does not widen."""
    label = Label(text)
    label.setWordWrap(True)
    label.setMinimumWidth(1)
    return label


def reading_area(page: QWidget) -> QScrollArea:
    """Returns a page that scrolls up and down only."""
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
