"""The buttons of what to try next have room for their texts."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lrstudio.engine.proposals import Proposal
from lrstudio.ui.runs.next_steps import NextSteps


def test_the_label_makes_room_for_the_buttons(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    steps = NextSteps(window)
    steps.show_proposals([Proposal(text="Too large: 0.0157", why="why"), Proposal(text="Show the sweep", why="why")])
    steps.resize(640, 30)
    window.show()
    layout = steps.layout()
    assert layout is not None
    steps.resize(layout.sizeHint().width() + 8, 30)
    assert steps.label.isVisible()
    steps.resize(steps.width() - 40, 30)
    assert not steps.label.isVisible()
    qtbot.waitUntil(lambda: all(each.width() >= each.sizeHint().width() for each in steps.buttons[:2]))
    steps.resize(steps.width() + 40, 30)
    assert steps.label.isVisible()
