"""The widgets of the format of a CSV file, and the question for its decimal mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.store.csv.cells import DECIMALS, number_of
from lrstudio.store.csv.columns import BadCell
from lrstudio.store.csv.format import DELIMITERS, ENCODINGS, Format
from lrstudio.store.csv.import_csv import Preview
from lrstudio.ui.fields.rows import choice_combo
from lrstudio.ui.look.plain import Label, without_mnemonic

_SHOWN = 4
"""Maximum number of rows shown per reading."""


class FormatRow(QWidget):
    """The widgets of the format; `chosen` carries the format with None for what the user has not chosen."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = Format()
        self.encoding = choice_combo(ENCODINGS, lambda value: self._choose(encoding=value))
        self.delimiter = choice_combo([], lambda value: self._choose(delimiter=value))
        self.decimal = choice_combo([], lambda value: self._choose(decimal=value))
        names = {
            "comma": tr("comma  ,"),
            "semicolon": tr("semicolon  ;"),
            "tab": tr("tab"),
            "space": tr("space"),
        }
        marks = {
            "point": tr("point  1.5"),
            "comma": tr("comma  1,5"),
            "point-thousands": tr("point-thousands  1,234.5"),
            "comma-thousands": tr("comma-thousands  1.234,5"),
            "either": tr("either  1.5 or 1,5"),
        }
        for name, sign in DELIMITERS.items():
            self.delimiter.addItem(names[name], sign)
        for name, sign in DECIMALS.items():
            self.decimal.addItem(marks[name], sign)
        self.decimal.setPlaceholderText(tr("open"))
        self.header = QCheckBox(tr("The first row has the &names"))
        self.header.setToolTip(tr("The first row of the file says what the columns are"))
        self.header.clicked.connect(lambda value: self._choose(header=value))
        self._arrange()

    def show_format(self, form: Format) -> None:
        """Shows the guessed or chosen format."""
        for combo, value in ((self.encoding, form.encoding), (self.delimiter, form.delimiter)):
            combo.setCurrentIndex(combo.findData(value))
        self.decimal.setCurrentIndex(self.decimal.findData(form.decimal))
        self.header.setChecked(bool(form.header))

    def choose_decimal(self, mark: str) -> None:
        """Requests a preview with this decimal mark."""
        self._choose(decimal=mark)

    def _arrange(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        for name, combo, tip in (
            (tr("&delimiter"), self.delimiter, tr("What stands between two cells of a row")),
            (tr("de&cimal mark"), self.decimal, tr("What stands before the tenths: 1.5 or 1,5")),
            (tr("&encoding"), self.encoding, tr("How the letters are stored; wrong ones look odd")),
        ):
            label = Label(name)
            label.setBuddy(combo)
            combo.setAccessibleName(without_mnemonic(name))
            for widget in (label, combo):
                widget.setToolTip(tip)
            form = QFormLayout()
            form.addRow(label, combo)
            layout.addLayout(form)
        layout.addWidget(self.header)
        layout.addStretch()

    def _choose(self, **change: object) -> None:
        self._form = Format(**(vars(self._form) | change))
        self.chosen.emit(self._form)


class DecimalQuestion(QWidget):
    """Shows the first ambiguous cell with both readings of its column; `answered` carries the decimal mark."""

    answered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = Label()
        self.text.setWordWrap(True)
        self.answers = tuple(QPushButton() for _ in range(2))
        self._marks = ["", ""]
        for index, button in enumerate(self.answers):
            button.clicked.connect(partial(self._answer, index))
            button.setToolTip(tr("Read the whole file this way; the decimal mark above can be changed again"))
        layout, row = QVBoxLayout(self), QHBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        for button in self.answers:
            row.addWidget(button)
        row.addStretch()
        layout.addWidget(self.text)
        layout.addLayout(row)
        self.hide()

    def ask(self, cells: Sequence[BadCell], preview: Preview | None) -> None:
        """Asks about the first ambiguous cell; hides without one."""
        cell = next((cell for cell in cells if cell.readings), None)
        self.setVisible(cell is not None)
        if cell is None:
            return
        text = tr("row {row}, column {column} ({name}): “{text}” can mean two numbers. Which does the file mean?")
        self.text.setText(text.format(row=cell.row, column=cell.column, name=cell.name, text=cell.text))
        for index, (number, mark) in enumerate(cell.readings):
            self._marks[index] = mark
            numbers = [f"{number:.12g}"] if preview is None else list(_numbers(cell, preview, mark, number))
            self.answers[index].setText(f"{cell.name.replace('&', '&&')} = {';  '.join(numbers)}")

    def _answer(self, index: int) -> None:
        self.answered.emit(self._marks[index])


def _numbers(cell: BadCell, preview: Preview, mark: str, number: float) -> Iterator[str]:
    """Yields a column's numbers from the row above the cell on; only its own if it is below the preview."""
    at, column = cell.row - preview.first, cell.column - 1
    if not 0 <= at < len(preview.rows):
        yield f"{number:.12g}"
        return
    start = max(0, at - 1)
    for row in preview.rows[start : start + _SHOWN]:
        try:
            yield f"{number_of(row[column] if column < len(row) else '', mark):.12g}"
        except ValueError:
            yield "–"
    if len(preview.rows) > start + _SHOWN:
        yield "…"
