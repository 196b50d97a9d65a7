"""Popups of the list of runs: choose a style, or replace a run by a family."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.language import tr, trn
from lrstudio.engine.compare.batch_sizes import SCALINGS, Scaling, batch_family, usual_scaling
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import Knob, around, family, knobs, parse_values
from lrstudio.ui.drawing.header import sample_pixmap
from lrstudio.ui.fields.number_edit import decimal_mark
from lrstudio.ui.look.help import set_help
from lrstudio.ui.look.plain import Label, plain
from lrstudio.ui.look.theme import RunStyle, Theme

_SIZE = QSize(48, 20)


class StylePopup(QListWidget):
    """A popup list of line styles; Return or a click chooses one, Escape closes."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, color: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("Colour and line of the run"))
        self.setIconSize(_SIZE)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for index in range(len(theme.runs)):
            style = theme.run_style(index)
            item = QListWidgetItem(_picture(style, theme, self.devicePixelRatioF()), self._name(style))
            item.setSizeHint(QSize(0, max(_SIZE.height(), self.fontMetrics().height()) + 8))
            self.addItem(item)
        self.setCurrentRow(color % len(theme.runs))
        frame = 2 * self.frameWidth()
        self.setFixedSize(self.sizeHintForColumn(0) + 24 + frame, 8 * self.sizeHintForRow(0) + frame)
        self.itemClicked.connect(self._choose)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # the window's shortcuts wait until the popup closes
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        self.chosen.emit(self.currentRow())
        self.close()

    def _name(self, style: RunStyle) -> str:
        """Returns the name of a style: its marker, which is the same in every theme."""
        names = {
            "o": tr("circle"),
            "s": tr("square"),
            "d": tr("diamond"),
            "p": tr("pentagon"),
            "t2": tr("triangle to the right"),
            "h": tr("hexagon"),
            "t3": tr("triangle to the left"),
            "+": tr("plus"),
        }
        return names[style.marker]


def _picture(style: RunStyle, theme: Theme, ratio: float) -> QIcon:
    pixmap = sample_pixmap(style, theme, _SIZE, ratio)
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # Qt would tint the colour of a selected icon
    return icon


_MAX_LISTED = 6


class VaryDialog(QDialog):
    """Replaces a run by a family that differs in one hyperparameter; validates the values while typing.

    It begins with the `first` knob. The rates of a family of batch sizes may be scaled with them.
    """

    created = Signal(object)

    def __init__(
        self, experiment: Experiment, run: int, theme: Theme, parent: QWidget | None = None, first: str = "lr"
    ) -> None:
        super().__init__(parent)
        set_help(self, "tool/vary")
        self._experiment, self._run, self._theme = experiment, run, theme
        self._result: Experiment | None = None
        self.setWindowTitle(tr("Vary {name}", name=experiment.label(run)))
        self.knob, self.scaling, self.values, self.count = QComboBox(), QComboBox(), QLineEdit(), Label()
        self._knobs = knobs(experiment, run)
        for index, knob in enumerate(self._knobs):
            self.knob.addItem(self._name(knob))
            self.knob.setItemData(index, plain(tr(knob.help)), Qt.ItemDataRole.ToolTipRole)
        self._fill_scalings()
        self.knob.setCurrentIndex(next((index for index, knob in enumerate(self._knobs) if knob.name == first), 0))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("Make the runs"))
        self.buttons.accepted.connect(self._create)
        self.buttons.rejected.connect(self.reject)
        self.knob.currentIndexChanged.connect(self._show_example)
        self.values.textChanged.connect(self._validate)
        self.scaling.currentIndexChanged.connect(self._validate)
        self._arrange()
        self._show_example()

    def _arrange(self) -> None:
        form = self._form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        tip = tr("0.01, 0.1, 1 or first..last x count; with semicolons 0,01; 0,1")
        for name, widget, help in (
            (tr("vary"), self.knob, tr("The number in which the runs will differ")),
            (tr("values"), self.values, tip),
            (tr("rate"), self.scaling, tr("How the rate follows the batch size, which is k times as large")),
        ):
            label = Label(name)
            label.setBuddy(widget)
            widget.setToolTip(help)
            widget.setAccessibleName(name)
            form.addRow(label, widget)
        hint = Label(tip)
        hint.setWordWrap(True)
        hint.setStyleSheet(f"color: {self._theme.muted};")
        self.count.setAccessibleName(tr("The runs that will be made"))
        self.count.setWordWrap(True)
        self.count.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(hint)
        layout.addWidget(self.count)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 56)
        self.values.setFocus()

    def _name(self, knob: Knob) -> str:
        names = {"lr": tr("learning rate"), "start": tr("start {name}"), "optimizer": "{name}", "batch": "{name}"}
        text = names.get(knob.group, tr("{name} of the schedule"))
        return text.format(name=tr(knob.label) or knob.name)

    def _fill_scalings(self) -> None:
        texts: dict[Scaling, str] = {
            "none": tr("as it is"),
            "linear": tr("× k, linear scaling: SGD (Goyal et al. 2017)"),
            "sqrt": tr("× √k, square-root scaling (Krizhevsky 2014): Adam"),
        }
        for scaling in SCALINGS:
            self.scaling.addItem(texts[scaling], scaling)
        self.scaling.setCurrentIndex(SCALINGS.index(usual_scaling(self._experiment.runs[self._run])))

    def _show_example(self) -> None:
        """Fills in values around the run's own."""
        knob = self._knobs[self.knob.currentIndex()]
        self._form.setRowVisible(self.scaling, knob.group == "batch")
        self.values.setText(", ".join(f"{value:g}" for value in around(knob)))
        self.values.selectAll()

    def _validate(self) -> None:
        knob = self._knobs[self.knob.currentIndex()]
        self._result = None
        try:
            mark = decimal_mark(self)
            values = parse_values(self.values.text(), log=knob.log, whole=knob.whole, mark=mark)
            if knob.group == "batch":
                scaling: Scaling = self.scaling.currentData()
                made = batch_family(self._experiment, self._run, values, scaling, len(self._theme.runs))
            else:
                made = family(self._experiment, self._run, knob, values, len(self._theme.runs))
            self._result = made
        except ValueError as error:
            self.count.setText(str(error))
        else:
            shown = [f"{value:g}" for value in values[:_MAX_LISTED]] + ["…"] * (len(values) > _MAX_LISTED)
            if knob.group == "batch":
                members = made.runs[self._run :]
                shown[:_MAX_LISTED] = [
                    tr("{size} at {rate:g}", size=size, rate=run.lr)
                    for size, run in zip(shown[:_MAX_LISTED], members, strict=False)
                ]
            self.count.setText(trn("{n} run: {values}", "{n} runs: {values}", len(values), values=", ".join(shown)))
        self.count.setStyleSheet("" if self._result else f"color: {self._theme.warning};")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(self._result is not None)

    def _create(self) -> None:
        if self._result is not None:
            self.created.emit(self._result)
            self.accept()
