"""How a CSV file is to be read: four fields that begin with what was guessed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QLabel, QWidget

from lrstudio.store.csv.format import DECIMALS, DELIMITERS, ENCODINGS, Format
from lrstudio.ui.fields.combo import choice_combo


class FormatRow(QWidget):
    """`wanted` brings the format that somebody has chosen; what was not chosen is guessed anew."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = Format()
        self.encoding = choice_combo(ENCODINGS, lambda value: self._want(encoding=value))
        self.delimiter = choice_combo([], lambda value: self._want(delimiter=value))
        self.decimal = choice_combo([], lambda value: self._want(decimal=value))
        names = {
            "comma": self.tr("comma  ,"),
            "semicolon": self.tr("semicolon  ;"),
            "tab": self.tr("tab"),
            "space": self.tr("space"),
            "point": self.tr("point  ."),
        }
        for name, sign in DELIMITERS.items():
            self.delimiter.addItem(names[name], sign)
        for name, sign in DECIMALS.items():
            self.decimal.addItem(names[name], sign)
        self.header = QCheckBox(self.tr("The first row has the &names"))
        self.header.setToolTip(self.tr("The first row of the file says what the columns are"))
        self.header.clicked.connect(lambda value: self._want(header=value))
        self._arrange()

    def show_format(self, form: Format) -> None:
        """Show what was guessed or chosen."""
        for combo, value in ((self.encoding, form.encoding), (self.delimiter, form.delimiter)):
            combo.setCurrentIndex(combo.findData(value))
        self.decimal.setCurrentIndex(self.decimal.findData(form.decimal))
        self.header.setChecked(bool(form.header))

    def _arrange(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        for name, combo, tip in (
            (self.tr("&delimiter"), self.delimiter, self.tr("What stands between two cells of a row")),
            (self.tr("de&cimal mark"), self.decimal, self.tr("What stands before the tenths: 1.5 or 1,5")),
            (self.tr("&encoding"), self.encoding, self.tr("How the letters are stored; wrong ones look odd")),
        ):
            label = QLabel(name)
            label.setBuddy(combo)
            combo.setAccessibleName(name.replace("&", ""))
            for widget in (label, combo):
                widget.setToolTip(tip)
            form = QFormLayout()
            form.addRow(label, combo)
            layout.addLayout(form)
        layout.addWidget(self.header)
        layout.addStretch()

    def _want(self, **change: object) -> None:
        self._form = Format(**(vars(self._form) | change))
        self.wanted.emit(self._form)
