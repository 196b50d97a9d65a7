"""The form of a sweep: which rates, how many steps, which target, which optimizers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.core.optimizers import OPTIMIZERS, Optimizer
from lrstudio.engine.compare.seeds import MOST_SEEDS
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.family import MOST_LR
from lrstudio.ui.drawing.header import sample_pixmap
from lrstudio.ui.fields.number_edit import NumberEdit
from lrstudio.ui.fields.rows import add_row, choice_combo, form_layout, spin_box
from lrstudio.ui.fields.typed_line import OptionalEdit
from lrstudio.ui.instruments.clicks import ClickTarget
from lrstudio.ui.instruments.sweep.rate_curves import Entry
from lrstudio.ui.look.theme import Theme

_LOW, _HIGH, _COUNT, _MOST_COUNT = 1e-4, 10.0, 256, 4096
_MOST_STEPS, _EXPENSIVE_STEPS = 1_000_000, 200


class SweepForm(QWidget):
    """Emits `changed` when the sweep must be computed again and `column_chosen` when another column is to be drawn."""

    changed = Signal()
    column_chosen = Signal(str)
    refused = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.target_loss: float | None = None
        self.low, self.high = (NumberEdit(1e-300, MOST_LR, log=True) for _ in range(2))
        self.count = spin_box(2, _MOST_COUNT, lambda _value: self.changed.emit())
        self.steps = spin_box(1, _MOST_STEPS, lambda _value: self.changed.emit())
        self.seeds = spin_box(1, MOST_SEEDS, lambda _value: self.changed.emit())
        self.target, self.entries = OptionalEdit(tr("none")), EntryList(theme)
        titles = tr("final loss"), tr("best loss"), tr("steps to target")
        columns = "final_loss", "best_loss", "steps_to_target"
        self.column: QComboBox = choice_combo(columns, self.column_chosen.emit, titles)
        self.click = ClickTarget()
        self.low.set_value(_LOW)
        self.high.set_value(_HIGH)
        self.count.setValue(_COUNT)
        self._connect()
        self._arrange()

    def show_session(self, session: Experiment) -> None:
        """Lists the runs that a click can change."""
        self.click.show_runs(session, tr("gives its rate to {label}"))

    def show_steps(self, session: Experiment) -> None:
        """Shows the session's number of steps, at most 200 where a step takes long."""
        with QSignalBlocker(self.steps):
            most = _EXPENSIVE_STEPS if session.problem.is_expensive else _MOST_STEPS
            self.steps.setValue(min(session.steps, most))

    def show_target(self, target: float | None) -> None:
        self.target_loss = target
        self.target.set_value(target)

    def _take_target(self, target: float | None) -> None:
        self.target_loss = target
        self.changed.emit()

    def _connect(self) -> None:
        for edit in (self.low, self.high):
            edit.value_changed.connect(lambda _value: self.changed.emit())
        for field in (self.low, self.high, self.count, self.steps, self.seeds, self.target, self.entries):
            field.refused.connect(self.refused)
        self.entries.changed.connect(self.changed)
        self.target.value_changed.connect(self._take_target)

    def _arrange(self) -> None:
        page, rows = QVBoxLayout(self), form_layout()
        page.setContentsMargins(0, 0, 0, 0)
        for title, field, tip in (
            (tr("First rate"), self.low, tr("The least rate of the sweep")),
            (tr("Last rate"), self.high, tr("The largest rate of the sweep")),
            (tr("Rates"), self.count, tr("How many rates there are, by equal factors")),
            (tr("Steps of each"), self.steps, tr("How long every run of the sweep goes")),
            (
                tr("Seeds"),
                self.seeds,
                tr(
                    "Seeds that each rate runs with; of several the medians are drawn, with thin lines at the quartiles"
                ),
            ),
            (
                tr("Target loss"),
                self.target,
                tr("The loss to which steps are counted; with mini-batches that on all data"),
            ),
            (
                tr("Show"),
                self.column,
                tr("What is drawn against the rate; of mini-batches the loss on all data"),
            ),
            (tr("A click"), self.click, tr("What becomes of the rate that is clicked on")),
        ):
            add_row(rows, title, field, tip)
        page.addLayout(rows)
        page.addWidget(self.entries, 1)


MOST_CHECKED = 8
_CHECKED_AT_FIRST = ("SGD momentum=0.9", "Adam")
_SAMPLE = QSize(36, 16)
Check = Qt.CheckState


class EntryList(QListWidget):
    """Up to eight optimizers are checked, each with a line style of its own; `changed` is emitted when others are."""

    changed = Signal()
    refused = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._entries: list[Entry] = []
        self.setIconSize(_SAMPLE)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName(tr("Optimizers"))
        self.setToolTip(tr("Which optimizers are swept; parameters that a name does not mention have their defaults"))
        self.itemChanged.connect(self._item_changed)
        self._outline_boxes()

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._outline_boxes()
        self._show_samples()

    def show_experiment(self, experiment: Experiment) -> None:
        """Lists the optimizers that can be swept on this problem; checked labels stay checked."""
        fresh = entries(experiment)
        checked = {entry.label for entry in self.checked()}
        if not self._entries:
            first = (
                entry
                for entry in fresh
                if entry.color == 0 or _named(entry.optimizer, entry.optimizer.title) in _CHECKED_AT_FIRST
            )
            checked = {entry.label for entry in first}
        with QSignalBlocker(self):
            self.clear()
            self._entries = fresh
            for entry in fresh:
                item = QListWidgetItem(entry.label, self)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        self._check([row for row, entry in enumerate(fresh) if entry.label in checked][:MOST_CHECKED])

    def checked(self) -> list[Entry]:
        """Returns the entries that are checked, with a colour each."""
        entries = [entry for row, entry in enumerate(self._entries) if self.item(row).checkState() == Check.Checked]
        return [replace(entry, color=color) for color, entry in enumerate(entries)]

    def check(self, labels: Sequence[str]) -> None:
        """Checks the entries with these labels and no others."""
        self._check([row for row, entry in enumerate(self._entries) if entry.label in labels])
        self.changed.emit()

    def _check(self, rows: Sequence[int]) -> None:
        with QSignalBlocker(self):
            for row in range(self.count()):
                self.item(row).setCheckState(Check.Checked if row in rows else Check.Unchecked)
        self._show_samples()

    def _outline_boxes(self) -> None:
        """Brightens the outlines of the boxes: Qt draws them darker than the window, invisible in a dark theme."""
        palette = self.theme.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(self.theme.muted).lighter(140))
        self.setPalette(palette)

    def _item_changed(self, item: QListWidgetItem) -> None:
        if len(self.checked()) > MOST_CHECKED:
            with QSignalBlocker(self):
                item.setCheckState(Check.Unchecked)
            self.refused.emit(tr("{most} optimizers at once, not more", most=MOST_CHECKED))
            return
        self._show_samples()
        self.changed.emit()

    def _show_samples(self) -> None:
        """Shows a piece of its line beside every checked entry."""
        colors = {entry.label: entry.color for entry in self.checked()}
        with QSignalBlocker(self):
            for row, entry in enumerate(self._entries):
                self.item(row).setIcon(sample_icon(self.theme, colors.get(entry.label)))


def entries(experiment: Experiment) -> list[Entry]:
    """Returns the session's runs, each kind once (colour 0), then the optimizers of the catalogue (colour 1).

    Optimizers that cannot train the problem's parameters are left out.
    """
    by_run: dict[Run, Entry] = {}
    for index, run in enumerate(experiment.runs):
        bare = run.bare(lr=1.0)
        if bare not in by_run:
            by_run[bare] = Entry(_label(run), experiment.alone(index).bare(lr=1.0))
    listed = {run.optimizer for run in by_run if run.schedule.is_constant and run.start is None}
    labels = {entry.label for entry in by_run.values()}
    catalogue = []
    for optimizer in (variant for kind in OPTIMIZERS for variant in kind.variants()):
        label, problem = _optimizer_label(optimizer), experiment.problem
        fits = not optimizer.refusal(problem.key, problem.tensors)
        if fits and optimizer not in listed and label not in labels:
            run = Run(lr=1.0, optimizer=optimizer)
            catalogue.append(Entry(label, replace(experiment, runs=(run,)), color=1))
    return [*by_run.values(), *catalogue]


def sample_icon(theme: Theme, color: int | None) -> QIcon:
    """Returns a piece of a line as an icon, an empty one of the same size without a colour."""
    if color is None:
        empty = QPixmap(_SAMPLE)
        empty.fill(Qt.GlobalColor.transparent)
        return QIcon(empty)
    return QIcon(sample_pixmap(theme.run_style(color), theme, _SAMPLE, 2))


def _label(run: Run) -> str:
    """Returns the run's own label, or its optimizer, schedule and start where they are not the defaults."""
    if run.label:
        return run.label
    label = _optimizer_label(run.optimizer)
    if not run.schedule.is_constant:
        label += f" {tr(run.schedule.title).lower()}"
    if run.start is not None:
        label = tr("{run} from {start}", run=label, start=", ".join(f"{value:g}" for value in run.start))
    return label


def _optimizer_label(optimizer: Optimizer) -> str:
    return _named(optimizer, tr(optimizer.title))


def _named(optimizer: Optimizer, title: str) -> str:
    """Returns a title and the values of an optimizer that differ from its defaults."""
    default, words = type(optimizer)(), [title]
    for parameter in optimizer.parameters():
        value = getattr(optimizer, parameter.name)
        if value != getattr(default, parameter.name):
            words.append(parameter.name if value is True else f"{parameter.name}={parameter.short(value)}")
    return " ".join(words)
