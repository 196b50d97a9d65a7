"""The form of a sweep: which rates, how many steps, which target, which optimizers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from lrstudio.core.optimizers import OPTIMIZERS, Optimizer
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.family import MOST_LR
from lrstudio.ui.drawing.header import draw_sample
from lrstudio.ui.fields.number_edit import NumberEdit
from lrstudio.ui.fields.rows import add_row, choice_combo, form_layout, narrow, show_choice, spin_box
from lrstudio.ui.fields.typed_line import OptionalEdit
from lrstudio.ui.instruments.sweep.rate_curves import Entry
from lrstudio.ui.look.theme import Theme

_LOW, _HIGH, _COUNT, _MOST_RATES = 1e-4, 10.0, 256, 4096
_MOST_STEPS, _EXPENSIVE_STEPS = 1_000_000, 200


class SweepForm(QWidget):
    """`changed` tells that another sweep is wanted; `column_chosen` that something else of it is to be drawn."""

    changed = Signal()
    column_chosen = Signal(str)
    refused = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wanted_target: float | None = None
        self.low, self.high = (NumberEdit(1e-300, MOST_LR, log=True) for _ in range(2))
        self.count = spin_box(2, _MOST_RATES, lambda _value: self.changed.emit())
        self.steps = spin_box(1, _MOST_STEPS, lambda _value: self.changed.emit())
        self.target, self.entries = OptionalEdit(self.tr("none")), EntryList(theme)
        self.column: QComboBox = choice_combo([], self.column_chosen.emit)
        self.click: QComboBox = narrow(choice_combo([], lambda _place: None))
        self._fill()
        self._connect()
        self._arrange()

    def show_session(self, session: Experiment) -> None:
        """What a click can change; what was chosen stays."""
        chosen = self.click.currentData()
        self.click.clear()
        self.click.addItem(self.tr("adds it as a run"), None)
        for place in range(len(session.runs)):
            self.click.addItem(self.tr("gives its rate to {label}").format(label=session.label(place)), place)
        show_choice(self.click, chosen if chosen is not None and chosen < len(session.runs) else None)

    def show_steps(self, session: Experiment) -> None:
        """As many steps as the session has; where a step takes long, not more than a few."""
        self.steps.blockSignals(True)
        self.steps.setValue(min(session.steps, _EXPENSIVE_STEPS) if session.problem.is_expensive else session.steps)
        self.steps.blockSignals(False)

    def show_target(self, target: float | None) -> None:
        self.wanted_target = target
        self.target.set_value(target)

    def _take_target(self, target: float | None) -> None:
        self.wanted_target = target
        self.changed.emit()

    def _fill(self) -> None:
        for text, column in (
            (self.tr("final loss"), "final_loss"),
            (self.tr("best loss"), "best_loss"),
            (self.tr("steps to target"), "steps_to_target"),
        ):
            self.column.addItem(text, column)
        self.low.set_value(_LOW)
        self.high.set_value(_HIGH)
        self.count.setValue(_COUNT)

    def _connect(self) -> None:
        for edit in (self.low, self.high):
            edit.value_changed.connect(lambda _value: self.changed.emit())
        for refused in (self.low.refused, self.high.refused, self.target.refused, self.entries.refused):
            refused.connect(self.refused)
        self.entries.changed.connect(self.changed)
        self.target.value_changed.connect(self._take_target)

    def _arrange(self) -> None:
        page, rows = QVBoxLayout(self), form_layout()
        page.setContentsMargins(0, 0, 0, 0)
        add_row(rows, self.tr("First rate"), self.low, self.tr("The least rate of the sweep"))
        add_row(rows, self.tr("Last rate"), self.high, self.tr("The largest rate of the sweep"))
        add_row(rows, self.tr("Rates"), self.count, self.tr("How many rates there are, by equal factors"))
        add_row(rows, self.tr("Steps of each"), self.steps, self.tr("How long every run of the sweep goes"))
        add_row(
            rows,
            self.tr("Target loss"),
            self.target,
            self.tr("The loss to which steps are counted; with mini-batches that on all data"),
        )
        add_row(
            rows,
            self.tr("Show"),
            self.column,
            self.tr("What is drawn against the rate; of mini-batches the loss on all data"),
        )
        add_row(rows, self.tr("A click"), self.click, self.tr("What becomes of the rate that is clicked on"))
        page.addLayout(rows)
        page.addWidget(self.entries, 1)


MOST_CHECKED = 8
_AT_FIRST = ("SGD momentum=0.9", "Adam")
_SAMPLE = QSize(36, 16)
Check = Qt.CheckState


class EntryList(QListWidget):
    """Up to eight are checked, and each of these has a look of its own. `changed` tells that others are."""

    changed = Signal()
    refused = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._entries: list[Entry] = []
        self.setIconSize(_SAMPLE)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName(self.tr("Optimizers"))
        self.setToolTip(
            self.tr("Which optimizers are swept; parameters that a name does not mention have their defaults")
        )
        self.itemChanged.connect(self._item_changed)
        self._outline_boxes()

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._outline_boxes()
        self._show_samples()

    def show_experiment(self, experiment: Experiment) -> None:
        """List what can be swept on this problem; what was checked stays so by its name."""
        fresh = entries(experiment)
        checked = {entry.label for entry in self.checked()} if self._entries else None
        if checked is None:
            checked = {entry.label for entry in fresh if entry.color == 0} | set(_AT_FIRST)
        self.blockSignals(True)
        self.clear()
        self._entries = fresh
        left = MOST_CHECKED
        for entry in fresh:
            item = QListWidgetItem(entry.label, self)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            on = entry.label in checked and left > 0
            left -= on
            item.setCheckState(Check.Checked if on else Check.Unchecked)
        self.blockSignals(False)
        self._show_samples()

    def checked(self) -> list[Entry]:
        """The entries that are checked, with a colour each."""
        places = [place for place in range(self.count()) if self.item(place).checkState() == Check.Checked]
        return [replace(self._entries[place], color=color) for color, place in enumerate(places)]

    def check(self, labels: Sequence[str]) -> None:
        """Check these alone."""
        self.blockSignals(True)
        for place, entry in enumerate(self._entries):
            self.item(place).setCheckState(Check.Checked if entry.label in labels else Check.Unchecked)
        self.blockSignals(False)
        self._show_samples()
        self.changed.emit()

    def _outline_boxes(self) -> None:
        """Qt draws the outline of a box darker than the window: in a dark one it would not be seen."""
        palette = self.theme.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(self.theme.muted).lighter(140))
        self.setPalette(palette)

    def _item_changed(self, item: QListWidgetItem) -> None:
        if len(self.checked()) > MOST_CHECKED:
            self.blockSignals(True)
            item.setCheckState(Check.Unchecked)
            self.blockSignals(False)
            self.refused.emit(self.tr("{most} optimizers at once, not more").format(most=MOST_CHECKED))
            return
        self._show_samples()
        self.changed.emit()

    def _show_samples(self) -> None:
        """A piece of its line beside every entry that is drawn."""
        self.blockSignals(True)
        colors = {entry.label: entry.color for entry in self.checked()}
        for place, entry in enumerate(self._entries):
            color = colors.get(entry.label)
            self.item(place).setIcon(sample(self.theme, color))
        self.blockSignals(False)


def entries(experiment: Experiment) -> list[Entry]:
    """The session's runs, each kind once, then the catalogue, without what needs more than this problem has.

    Colour 0 marks those of the session.
    """
    by_run: dict[Run, Entry] = {}
    for place, run in enumerate(experiment.runs):
        bare = run.bare(lr=1.0)
        if bare not in by_run:
            by_run[bare] = Entry(_label(experiment, place), experiment.alone(place).bare(lr=1.0))
    known = {run.optimizer for run in by_run if run.schedule.is_constant and run.start is None}
    labels = {entry.label for entry in by_run.values()}
    made = list(by_run.values())
    for optimizer in (variant for kind in OPTIMIZERS for variant in kind.variants()):
        label = _named(optimizer)
        if optimizer in known or label in labels:
            continue
        most = optimizer.most_parameters
        if most is None or experiment.problem.size <= most:
            made.append(Entry(label, replace(experiment, runs=(Run(lr=1.0, optimizer=optimizer),)), color=1))
    return made


def sample(theme: Theme, color: int | None) -> QIcon:
    """A piece of a line as an icon; without a colour as much room."""
    pixmap = QPixmap(_SAMPLE * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    if color is None:
        return QIcon(pixmap)
    painter = QPainter(pixmap)
    draw_sample(painter, QRectF(0, 0, _SAMPLE.width(), _SAMPLE.height()), theme.run_style(color), theme)
    painter.end()
    return QIcon(pixmap)


def _label(experiment: Experiment, place: int) -> str:
    """The optimizer, and what tells it from its defaults; a label that was given."""
    run = experiment.runs[place]
    if run.label:
        return run.label
    words = [_named(run.optimizer)]
    if not run.schedule.is_constant:
        words.append(run.schedule.title.lower())
    if run.start is not None:
        words.append(f"from {', '.join(f'{value:g}' for value in run.start)}")
    return " ".join(words)


def _named(optimizer: Optimizer) -> str:
    """Returns the optimizer's title and the values that differ from its defaults."""
    usual = type(optimizer)()
    values = [(known, getattr(optimizer, known.name)) for known in optimizer.parameters()]
    differ = [(known, value) for known, value in values if value != getattr(usual, known.name)]
    words = [known.name if value is True else f"{known.name}={known.short(value)}" for known, value in differ]
    return " ".join([optimizer.title, *words])
