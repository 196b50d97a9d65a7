"""The button that says who learns, with what can be done with the progress."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QMessageBox, QPushButton, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.store.lessons.progress import DEFAULT, MAX_NAME, progress_csv
from lrstudio.ui.fields.actions import action
from lrstudio.ui.files.saving import FileSaver
from lrstudio.ui.lessons.learners import Learners
from lrstudio.ui.look.plain import Label, menu_text, plain
from lrstudio.ui.session.open_session import OpenSession


class NameLine(QLineEdit):
    """A line for a name; Esc leaves it."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # the window would press the control that has the focus by now


class LearnerBar(QWidget):
    """Chooses the learner. `export` writes the progress of all for the teacher, `forget` forgets it."""

    def __init__(self, learners: Learners, session: OpenSession, window: QWidget) -> None:
        super().__init__()
        self._learners, self._window = learners, window
        self._saver = FileSaver(window, session)
        self._exports = False
        """Whether an export waits for the progress to be read."""
        self.button = QPushButton()
        self.button.setMinimumHeight(28)
        self.menu = QMenu(self.button)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self.button.setMenu(self.menu)
        tip = tr("Type your name, so that what you do is counted for you")
        self.other = action(self, tr("&Another learner…"), self._ask_name, tip=tip)
        tip = tr("Forgets what this learner has done in all lessons")
        self.start_over = action(self, tr("&Start over…"), self._start_over, tip=tip)
        tip = tr("What all learners of this computer have done, as a table for a spreadsheet")
        self.export = action(self, tr("&Export progress as CSV…"), self._export, tip=tip)
        tip = tr("Forgets all learners of this computer, for the next class")
        self.forget = action(self, tr("&Forget all learners…"), self._forget_all, tip=tip)
        self.line = NameLine()
        self.line.left.connect(self._leave)
        self.line.setPlaceholderText(tr("Your name, then Return"))
        self.line.setAccessibleName(tr("Name of the learner"))
        self.line.setToolTip(tr("Type your name and press Return; Esc leaves it as it was"))
        self.line.setMaxLength(MAX_NAME)
        self.line.returnPressed.connect(self._choose_typed)
        self.line.hide()
        self.note = Label()
        self.note.setWordWrap(True)
        self.note.setMinimumWidth(1)
        self.note.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for part in (self.button, self.line, self.note):
            layout.addWidget(part)
        learners.changed.connect(self._show)
        learners.told.connect(self._tell)
        learners.failed.connect(lambda what, why: self._tell(f"{what}: {why}"))
        self._show()

    def _show(self) -> None:
        if self._exports and self._learners.known:
            self._export()
        text = tr("Learner: {name}", name=shown_name(self._learners.name))
        self.button.setText(menu_text(text))
        tip = tr("Who learns here; more names, and starting over")
        self.button.setToolTip(plain(f"{text}\n{tip}"))

    def _tell(self, text: str) -> None:
        self.note.setText(text)
        self.note.show()

    def _fill(self) -> None:
        self.menu.clear()
        group = QActionGroup(self.menu)
        for name in self._learners.names:
            entry = action(
                self.menu, menu_text(shown_name(name)), partial(self._choose, name), checked=name == self._learners.name
            )
            group.addAction(entry)
            self.menu.addAction(entry)
        self.menu.addAction(self.other)
        self.menu.addSeparator()
        self.menu.addAction(self.start_over)

    def _ask_name(self) -> None:
        self.line.clear()
        self.line.show()
        self.line.setFocus()

    def _leave(self) -> None:
        self.line.hide()
        self.note.hide()
        self.button.setFocus()

    def _choose_typed(self) -> None:
        if self._choose(self.line.text()):
            self._leave()

    def _choose(self, name: str) -> bool:
        try:
            self._learners.choose(name)
        except ValueError as error:
            self._tell(str(error))
            return False
        self.note.hide()
        return True

    def _start_over(self) -> None:
        text = tr("Forget everything that {name} has done in the lessons? This cannot be undone.")
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            tr("Start over?"),
            plain(text.format(name=shown_name(self._learners.name))),
            buttons.Yes | buttons.No,
            buttons.No,
        )
        if answer == buttons.Yes:
            self._learners.start_over()

    def _forget_all(self) -> None:
        text = tr(
            "Forget all learners of this computer, and everything that they have done in the lessons? This cannot be"
            " undone; export the progress first if you need it."
        )
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window, tr("Forget all learners?"), plain(text), buttons.Yes | buttons.No, buttons.No
        )
        if answer == buttons.Yes:
            self._learners.forget_all()

    def _export(self) -> None:
        """Asks where to write the table, once it is known what has been done."""
        self._exports = not self._learners.known
        if self._exports:
            self._learners.read()
            return
        text = progress_csv(self._learners.progress)
        self._saver.save(tr("Export progress"), "lesson-progress.csv", ".csv", lambda: (text.encode(),))


def shown_name(name: str) -> str:
    """Returns the name of a learner, in the language in use for the one that nobody chose."""
    return tr(DEFAULT) if name == DEFAULT else name
