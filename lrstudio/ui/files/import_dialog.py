"""The dialog in which a CSV file becomes data. Reads nothing itself."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lrstudio.store.csv.import_csv import BadCell, Choices, CsvError, Preview, check
from lrstudio.ui.files.column_choice import ColumnChoice
from lrstudio.ui.files.csv_dialog import CsvDialog
from lrstudio.ui.look.theme import Theme


class ImportDialog(CsvDialog):
    """Shows a file's first rows, the format and the columns; says at every change what is wrong.

    `import_wanted` brings the Choices and the kind of fit.
    """

    import_wanted = Signal(object, str)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setWindowTitle(self.tr("Import {name}").format(name=name))
        self._choices: Choices | None = None
        self.columns = ColumnChoice(theme)
        self.columns.changed.connect(self.judge)
        self.ok.setToolTip(self.tr("Make this the problem's data; it can be undone"))
        choices = QVBoxLayout()
        choices.addWidget(self.columns)
        self.arrange(choices)

    def choosers(self) -> tuple[QWidget, ...]:
        return (self.columns,)

    def show_preview(self, look: Preview) -> None:
        """Show what the file looks like now."""
        self._look = look
        self.format.show_format(look.form)
        self.columns.show_preview(look)
        self.model.show_preview(look)
        self.judge()

    def judge(self) -> None:
        if self._look is None or self._reading:
            return
        columns = self.columns
        self._choices = Choices(
            form=self._look.form,
            x=columns.chosen_x,
            y=columns.chosen_y,
            classes=columns.chosen_kind == "logistic",
            drop_bad=self.drop.isChecked(),
        )
        bad: tuple[BadCell, ...] = ()
        try:
            if columns.chosen_kind == "polynomial" and len(columns.chosen_x) > 1:
                raise CsvError(self.tr("a polynomial takes one column x"))
            bad = check(self._look, self._choices)
        except CsvError as error:
            self.say(str(error), ok=False)
        else:
            self._say_found(len(bad))
        self.list_bad(bad, len(bad))

    def _say_found(self, count: int) -> None:
        assert self._look is not None
        if count and self._has_many_values() and not self.drop.isChecked():
            text = self.tr("y = {name} has more than two values: choose a line or a polynomial")
            self.say(text.format(name=self._look.names[self.columns.chosen_y]), ok=False)
            return
        if self.say_bad(count):
            return
        if self._look.kinds[self.columns.chosen_y] == "two values" and self.columns.chosen_kind != "logistic":
            self.say(self.tr("y has two words: choose the logistic fit"), ok=False)
        else:
            text = self.tr("{count} columns, {rows}")
            self.say(text.format(count=len(self._look.names), rows=self.rows_text(self._look)), ok=True)

    def _has_many_values(self) -> bool:
        """Whether a logistic curve is to be fitted to a column of more than two numbers."""
        assert self._look is not None
        y = self.columns.chosen_y
        values = {row[y].strip() for row in self._look.rows if y < len(row)} - {""}
        return self.columns.chosen_kind == "logistic" and self._look.kinds[y] == "number" and len(values) > 2

    def accept_choices(self) -> None:
        if self._choices is not None:
            self.set_reading(True)
            self.import_wanted.emit(self._choices, self.columns.chosen_kind)
