"""The dialog that imports data: the columns x and y, and the kind of fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from lrstudio.core.dataset import MOST_FEATURES
from lrstudio.core.language import tr
from lrstudio.core.problems import OwnData
from lrstudio.store.csv.import_csv import BadCell, Choices, CsvError, Preview, check
from lrstudio.ui.fields.rows import choice_combo
from lrstudio.ui.files.csv_dialog import CsvDialog
from lrstudio.ui.look.plain import Label, without_mnemonic
from lrstudio.ui.look.theme import Theme


class ImportDialog(CsvDialog):
    """Chooses the format, the columns and the fit.

    `import_requested` carries the Choices and the kind of fit.
    """

    import_requested = Signal(object, str)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setWindowTitle(tr("Import {name}", name=name))
        self._choices: Choices | None = None
        self.columns = ColumnChoice(theme)
        self.columns.changed.connect(self.check_choices)
        self.ok.setToolTip(tr("Make this the problem's data; it can be undone"))
        choices = QVBoxLayout()
        choices.addWidget(self.columns)
        self.arrange(choices)

    def choice_widgets(self) -> tuple[QWidget, ...]:
        return (self.columns,)

    def show_preview(self, preview: Preview) -> None:
        """Shows the file in the current format."""
        self._preview = preview
        self.format.show_format(preview.form)
        self.columns.show_preview(preview)
        self.model.show_preview(preview)
        self.check_choices()

    def check_choices(self) -> None:
        if self._preview is None or self._reading:
            return
        columns = self.columns
        self._choices = Choices(
            form=self._preview.form,
            x=columns.chosen_x,
            y=columns.chosen_y,
            classes=columns.chosen_kind == "logistic",
            drop_bad=self.drop.isChecked(),
        )
        bad: tuple[BadCell, ...] = ()
        try:
            if columns.chosen_kind == "polynomial" and len(columns.chosen_x) > 1:
                raise CsvError(tr("a polynomial takes one column x"))
            bad = check(self._preview, self._choices)
        except CsvError as error:
            self.show_message(str(error), ok=False)
        else:
            self._show_result(bad)
        self.list_bad(bad, len(bad))

    def _show_result(self, bad: Sequence[BadCell]) -> None:
        assert self._preview is not None
        if self.show_bad_count(bad):
            return
        if self._preview.kinds[self.columns.chosen_y] == "two values" and self.columns.chosen_kind != "logistic":
            self.show_message(tr("y has two words: choose the logistic fit"), ok=False)
        else:
            text = tr("{count} columns, {rows}")
            self.show_message(text.format(count=len(self._preview.names), rows=self.rows_text(self._preview)), ok=True)

    def accept_choices(self) -> None:
        if self._choices is not None:
            self.set_reading(True)
            self.import_requested.emit(self._choices, self.columns.chosen_kind)


_LINES = 5


class ColumnChoice(QWidget):
    """A list of check boxes for x, and combo boxes for y and the fit; `changed` follows each change by the user."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] | None = None
        self._kinds: tuple[str, ...] = ()
        self.features = QListWidget()
        self.features.setToolTip(tr("The columns to learn from: 1 to {most}", most=MOST_FEATURES))
        self.features.setMaximumHeight(_LINES * (self.fontMetrics().height() + 6))
        self.features.setStyleSheet(f"QListView::indicator:unchecked {{ border: 1px solid {theme.muted}; }}")
        self.features.itemChanged.connect(lambda _item: self.changed.emit())
        self.target = choice_combo([], lambda _value: self._choose_target())
        self.target.setToolTip(tr("The column to predict"))
        self.kind = choice_combo([], lambda _value: self.changed.emit())
        texts = {
            "linear": tr("line: y = w·x + b"),
            "polynomial": tr("polynomial in one x"),
            "logistic": tr("logistic: y has two values"),
        }
        kind = next(parameter for parameter in OwnData.parameters() if parameter.name == "kind")
        for name, text in texts.items():
            self.kind.addItem(text, name)
        self.kind.setToolTip(tr(kind.help))
        self._arrange()

    @property
    def chosen_x(self) -> tuple[int, ...]:
        """Indices of the columns x without y."""
        items = map(self.features.item, range(self.features.count()))
        checked = [index for index, item in enumerate(items) if item.checkState() == Qt.CheckState.Checked]
        return tuple(index for index in checked if index != self.chosen_y)

    @property
    def chosen_y(self) -> int:
        return self.target.currentIndex()

    @property
    def chosen_kind(self) -> str:
        return str(self.kind.currentData())

    def show_preview(self, preview: Preview) -> None:
        """Shows the columns; the choices are preserved while the names are the same."""
        before, self._kinds = self._kinds, preview.kinds
        if preview.names == self._names:
            if before[self.chosen_y] != preview.kinds[self.chosen_y]:
                self._update_kind()
            return
        self._names = preview.names
        x, y = preview.suggested()
        self.features.blockSignals(True)
        self.features.clear()
        self.target.clear()
        for index, name in enumerate(preview.names):
            item = QListWidgetItem(name)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Checked if index in x else Qt.CheckState.Unchecked)
            self.features.addItem(item)
            self.target.addItem(name, index)
        self.features.blockSignals(False)
        self.features.setCurrentRow(x[0] if x else 0)
        self.target.setCurrentIndex(y)
        self._update_kind()

    def _choose_target(self) -> None:
        self._update_kind()
        self.changed.emit()

    def _update_kind(self) -> None:
        """Selects the logistic fit for y of two values; otherwise replaces it by the linear fit."""
        logistic = self._kinds[self.chosen_y] == "two values"
        if logistic != (self.chosen_kind == "logistic"):
            self.kind.setCurrentIndex(self.kind.findData("logistic" if logistic else "linear"))

    def _arrange(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(24)
        left, right = QFormLayout(), QFormLayout()
        for form, name, widget in (
            (left, tr("&x"), self.features),
            (right, tr("&y"), self.target),
            (right, tr("&fit"), self.kind),
        ):
            label = Label(name)
            label.setBuddy(widget)
            label.setToolTip(widget.toolTip())
            widget.setAccessibleName(without_mnemonic(name))
            form.addRow(label, widget)
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout.addLayout(left, 1)
        layout.addLayout(right, 1)
