"""Questions whose buttons say what they do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def ask(parent: QWidget, title: str, text: str, details: str, *choices: str) -> str | None:
    """Asks a question; returns the chosen one of `choices`, None if the user cancels. The first is the default."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, QMessageBox.StandardButton.Cancel, parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(details)
    buttons = {box.addButton(choice, QMessageBox.ButtonRole.AcceptRole): choice for choice in choices}
    box.setDefaultButton(next(iter(buttons)))
    box.exec()
    chosen = box.clickedButton()
    answer = next((choice for button, choice in buttons.items() if button is chosen), None)
    box.deleteLater()
    return answer
