"""The lesson of a folder to which a step is added: one that is there, or a new one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.lessons import PATH_TITLES
from lrstudio.engine.lessons.reader import MAX_TITLE, PATHS
from lrstudio.store.lessons.folder import Heading, lesson_files
from lrstudio.ui.fields.rows import Combo, add_row, choice_combo, form_layout, spin_box
from lrstudio.ui.look.plain import Label
from lrstudio.ui.session.jobs import reason

_MOST_MINUTES, _USUAL_MINUTES, _MOST_LESSONS = 90, 10, 99


class LessonTarget(QWidget):
    """Chooses the folder and the lesson; a new one has a title, a course and the minutes that it takes."""

    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self._rows = rows = form_layout()
        rows.setContentsMargins(0, 0, 6, 0)
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
        self.file.activated.connect(lambda _index: self._show_heading())
        add_row(rows, tr("Add the step to"), self.file, tr("A new lesson, or one that is in the folder"))
        self.title = QLineEdit()
        self.title.setMaxLength(MAX_TITLE)
        add_row(rows, tr("Title of the lesson"), self.title, tr("A few words"))
        self.path = choice_combo(PATHS, lambda _path: None, [tr(PATH_TITLES[path]) for path in PATHS])
        add_row(rows, tr("Course"), self.path, tr("Lessons are listed by course"))
        self.minutes = spin_box(1, _MOST_MINUTES, lambda _value: None)
        self.minutes.setValue(_USUAL_MINUTES)
        add_row(rows, tr("Minutes"), self.minutes, tr("How long the lesson takes"))
        self.show_files()

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
        self._show_heading()

    def _ask_folder(self) -> None:
        start = "" if self.folder is None else str(self.folder)
        name = QFileDialog.getExistingDirectory(self, tr("Folder of lessons"), start)
        if name:
            self.choose_folder(Path(name))

    def _show_heading(self) -> None:
        for field in (self.title, self.path, self.minutes):
            self._rows.setRowVisible(field, self.file.currentData() is None)
