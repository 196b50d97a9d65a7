"""The lesson of a folder to which a step is added: one that is there, or a new one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.language import tr
from lrstudio.engine.lessons import PATH_TITLES
from lrstudio.engine.lessons.reader import MAX_TITLE, PATHS
from lrstudio.store.lessons.folder import Heading, lesson_files
from lrstudio.ui.fields.rows import Combo, add_row, choice_combo, form_layout, spin_box
from lrstudio.ui.lessons.parts import push_button, row_of
from lrstudio.ui.look.plain import Label, plain
from lrstudio.ui.look.targets import LEAST
from lrstudio.ui.session.jobs import reason

_MOST_LINES = 6
"""Lines of the list of steps; more are scrolled to."""
_MOST_MINUTES, _USUAL_MINUTES, _MOST_LESSONS = 90, 10, 99


class LessonTarget(QWidget):
    """Chooses the folder and the lesson; a new one has a title, a course and the minutes that it takes."""

    failed = Signal(str)
    chosen = Signal(object)
    """The file of a lesson, None for a new one."""
    edit_requested = Signal(int)
    order_requested = Signal(list)
    """The indices of the steps that stay, in their new order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self._rows = rows = form_layout()
        rows.setContentsMargins(0, 0, 0, 0)
        self.setLayout(rows)
        self.button = QPushButton(tr("Choose folder…"))
        self.button.setAutoDefault(False)
        self.button.clicked.connect(lambda _checked=False: self._ask_folder())
        tip = tr("The folder of your lessons; give it to the learners as a whole")
        add_row(rows, tr("Folder"), self.button, tip)
        self._where = Label()
        self._where.setWordWrap(True)
        self._where.setMinimumWidth(1)
        rows.addRow(self._where)
        self.file = Combo()
        self.file.activated.connect(lambda _index: self._choose())
        add_row(rows, tr("Add the step to"), self.file, tr("A new lesson, or one that is in the folder"))
        self.title = QLineEdit()
        self.title.setMaxLength(MAX_TITLE)
        add_row(rows, tr("Title of the lesson"), self.title, tr("A few words"))
        self.path = choice_combo(PATHS, lambda _path: None, [tr(PATH_TITLES[path]) for path in PATHS])
        add_row(rows, tr("Course"), self.path, tr("Lessons are listed by course"))
        self.minutes = spin_box(1, _MOST_MINUTES, lambda _value: None)
        self.minutes.setValue(_USUAL_MINUTES)
        add_row(rows, tr("Minutes"), self.minutes, tr("How long the lesson takes"))
        self.steps = QListWidget()
        self.steps.setAccessibleName(tr("Steps of the lesson"))
        self.steps.setToolTip(tr("The steps of the lesson; a double click changes one"))
        self.steps.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.steps.itemActivated.connect(lambda item: self.edit_requested.emit(self.steps.row(item)))
        self.steps.currentRowChanged.connect(lambda _row: self._show_buttons())
        self.edit = push_button(tr("Change"), tr("Shows this step in the fields"), self._edit)
        self.up = push_button(tr("Up"), tr("Moves this step before the one above it"), partial(self._move, -1))
        self.down = push_button(tr("Down"), tr("Moves this step behind the one below it"), partial(self._move, 1))
        self.delete = push_button(tr("Delete"), tr("Takes this step out of the lesson, after a question"), self._delete)
        self.list = QWidget()
        column = QVBoxLayout(self.list)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.steps)
        column.addLayout(row_of(self.edit, self.up, self.down, self.delete))
        rows.addRow(self.list)
        self.show_files()

    def show_steps(self, titles: Sequence[str], current: int = 0) -> None:
        """Shows the steps of the lesson that was chosen."""
        self.steps.clear()
        for number, title in enumerate(titles, 1):
            item = QListWidgetItem(f"{number}. {title}")
            item.setSizeHint(QSize(0, max(LEAST, self.fontMetrics().height() + 4)))
            self.steps.addItem(item)
        self.steps.setCurrentRow(min(current, len(titles) - 1))
        lines = min(max(len(titles), 2), _MOST_LINES)
        self.steps.setFixedHeight(lines * max(LEAST, self.steps.sizeHintForRow(0)) + 2 * self.steps.frameWidth())
        self._rows.setRowVisible(self.list, bool(titles))
        self._show_buttons()

    def _show_buttons(self) -> None:
        row, count = self.steps.currentRow(), self.steps.count()
        self.edit.setEnabled(row >= 0)
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < count - 1)
        self.delete.setEnabled(row >= 0 and count > 1)

    def _edit(self) -> None:
        self.edit_requested.emit(self.steps.currentRow())

    def _move(self, by: int) -> None:
        row, order = self.steps.currentRow(), list(range(self.steps.count()))
        order[row], order[row + by] = order[row + by], order[row]
        self.steps.setCurrentRow(row + by)
        self.order_requested.emit(order)

    def _delete(self) -> None:
        row = self.steps.currentRow()
        item = self.steps.item(row)
        text = tr("Delete step {title} of the lesson? This cannot be undone.", title=item.text())
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(self, tr("Delete step?"), plain(text), buttons.Yes | buttons.No, buttons.No)
        if answer == buttons.Yes:
            self.order_requested.emit([index for index in range(self.steps.count()) if index != row])

    @property
    def existing(self) -> Path | None:
        """The file of the lesson; None for a new one."""
        name = self.file.currentData()
        return None if name is None else Path(name)

    @property
    def heading(self) -> Heading:
        """What a new lesson begins with; it comes after those that are there."""
        title = " ".join(self.title.text().split())
        order = min(self.file.count(), _MOST_LESSONS)
        return Heading(title, str(self.path.currentData()), order, self.minutes.value())

    def choose_folder(self, folder: Path) -> None:
        """Shows the lessons of a folder."""
        self.folder = folder
        self.show_files()

    def show_files(self, chosen: Path | None = None) -> None:
        """Lists the lessons of the folder anew, and chooses one; without one what was chosen stays."""
        before = self.file.currentData() if chosen is None else str(chosen)
        self.file.clear()
        self.file.addItem(tr("A new lesson"), None)
        try:
            for file in [] if self.folder is None else lesson_files(self.folder):
                self.file.addItem(file.name, str(file))
        except OSError as error:
            self.failed.emit(reason(error))
        self.file.setCurrentIndex(max(0, self.file.findData(before)))
        self._where.setText(tr("No folder is chosen yet.") if self.folder is None else str(self.folder))
        self._choose()

    def _ask_folder(self) -> None:
        start = "" if self.folder is None else str(self.folder)
        name = QFileDialog.getExistingDirectory(self, tr("Folder of lessons"), start)
        if name:
            self.choose_folder(Path(name))

    def _choose(self) -> None:
        """Shows what belongs to the lesson that is chosen; its steps follow by `show_steps`."""
        self.show_steps(())
        self.chosen.emit(self.existing)
        for field in (self.title, self.path, self.minutes):
            self._rows.setRowVisible(field, self.file.currentData() is None)
