"""The experiment dock: problem, runs, hyperparameters of the selected runs, computation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import starmap
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDockWidget, QFormLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from lrstudio.core.declaration import Declared, find
from lrstudio.core.language import tr
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.schedules import SCHEDULES
from lrstudio.core.schedules.presets import Preset
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.experiment.optimizer_presets import find_optimizer_preset
from lrstudio.engine.family import MOST_LR, beside_rival
from lrstudio.engine.other_problem import with_other_problem
from lrstudio.ui.docks.data_panel import DataPanel
from lrstudio.ui.docks.tab_dock import DockTitle
from lrstudio.ui.fields.behavior import FieldBehavior
from lrstudio.ui.fields.form import DeclarationForm
from lrstudio.ui.fields.knob_label import KnobLabel
from lrstudio.ui.fields.number_edit import NumberEdit
from lrstudio.ui.fields.rows import Column, add_row, catalogue_combo, form_layout, heading, show_choice, stacked
from lrstudio.ui.fields.typed_line import LrFactorsEdit, OptionalLine, StartEdit
from lrstudio.ui.look.font_size import enlarge
from lrstudio.ui.look.theme import LIGHT
from lrstudio.ui.ruler.ruler import RateRuler
from lrstudio.ui.runs.panel import RunsPanel
from lrstudio.ui.session.jobs import changed_rates_text

_LENGTH = ("steps", "target_loss")
"""Fields of the experiment that are shown with the problem; the others are shown under “Computation”."""
_BATCH_SIZE = next(each for each in Experiment.parameters() if each.name == "batch_size")
_RATE_SIZE = 1.6
"""The letters of the rate, as a multiple of the font's size."""
_MAX_PROBLEM_ROWS = 3
"""Rows of a problem's form before a button folds the rest, so that the runs below stay visible."""


class ExperimentDock(QDockWidget):
    """Shows an experiment and emits the edited ones; it changes nothing itself."""

    edited = Signal(object)
    dragged = Signal(object)
    """The edited experiment, repeatedly during a drag, which ends with `drag_finished`."""
    drag_finished = Signal()
    refused = Signal(str)
    simple_chosen = Signal(bool)
    message = Signal(str)
    """Side effects of a change of problem, such as scaled rates; empty if none."""

    def __init__(self, runs: RunsPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("experiment")
        self.setWindowTitle(tr("Experiment"))
        self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable)
        self._experiment: Experiment | None = None
        self._alone, self.runs = False, runs
        runs.selected.connect(self._show_run)
        runs.selection_changed.connect(self._show_selection_size)
        others = [each.name for each in Experiment.parameters() if each.name not in _LENGTH]
        self.problem_form = DeclarationForm(most=_MAX_PROBLEM_ROWS)
        self.length = DeclarationForm(kind=Experiment, names=_LENGTH)
        self.optimizer_form, self.schedule_form = DeclarationForm("optimizer"), DeclarationForm("schedule")
        self.computation = DeclarationForm(kind=Experiment, names=others)
        for form, edited in (
            (self.problem_form, lambda problem: self._change(lambda before: before.with_problem(problem))),
            (self.length, self.edited.emit),
            (self.optimizer_form, lambda optimizer: self._edit_knobs("optimizer", optimizer)),
            (self.schedule_form, lambda schedule: self._edit_knobs("schedule", schedule)),
            (self.computation, self.edited.emit),
        ):
            form.edited.connect(edited)
            form.refused.connect(self.refused)
        page = QWidget()
        layout = stacked(page, 4, (12, 8, 12, 8))
        self._rate = self._build_rate()
        self._build_problem(layout)
        layout.addWidget(heading(tr("Runs")))
        layout.addWidget(runs)
        self._rare = (self.problem_form, self.data_panel, self.length, QWidget())
        rare = stacked(self._rare[-1], 4)
        self._build_run(rare)
        rare.addWidget(heading(tr("Computation")))
        rare.addWidget(self.computation)
        layout.addWidget(self._rare[-1])
        self.more = QPushButton()
        self.more.setToolTip(tr("Everything that can be set, or problem, rate and runs alone (F6)"))
        self.more.clicked.connect(lambda: self.simple_chosen.emit(not self._simple))
        layout.addWidget(self.more, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addStretch()
        self._title, self._no_title = DockTitle(self), QWidget(self)
        self.setTitleBarWidget(self._title)
        whole = QWidget()
        stack = stacked(whole)
        stack.addLayout(self._rate)
        self._page = Column(page)
        stack.addWidget(self._page, 1)
        self.setWidget(whole)
        self.set_simple(False)
        FieldBehavior(self).install(self.problem, self.lr, self.optimizer, self.schedule, self.batch_size)

    def show_experiment(self, experiment: Experiment) -> None:
        """Shows every value; keeps text that is being typed."""
        self._experiment = experiment
        show_choice(self.problem, experiment.problem.key)
        self.problem_form.show_entry(experiment.problem)
        self.data_panel.show_experiment(experiment)
        self.length.show_entry(experiment)
        self.computation.show_entry(experiment)
        self.run_form.setRowVisible(self.start, experiment.problem.has_editable_start)
        self.run_form.setRowVisible(self.batch_size, experiment.problem.has_data)
        self._show_run(self.runs.current)
        for widget in self._rare if self._simple else ():
            widget.hide()

    def set_simple(self, simple: bool) -> None:
        """Shows rate, problem and runs alone, or everything."""
        self._simple = simple
        self.more.setText(tr("More settings ▾") if simple else tr("Fewer settings ▴"))
        for widget in self._rare:
            widget.setVisible(not simple)
        if self._experiment is not None:
            self.show_experiment(self._experiment)

    def show_rate_alone(self, alone: bool) -> None:
        """Shows the rate and its ruler as flat as they are, without problem, runs and title, or everything."""
        self._alone = alone
        self._page.setHidden(alone)
        self.setTitleBarWidget(self._no_title if alone else self._title)
        self._title.setHidden(alone)
        self._fit_height()

    def reveal_page(self) -> Callable[[], None] | None:
        """Shows problem and runs also beside the rate alone; returns what hides them again, None if they are shown."""
        if not self._alone:
            return None
        self._page.show()
        self._fit_height()
        return lambda: self.show_rate_alone(self._alone)

    def _fit_height(self) -> None:
        """Leaves the height to the plots while the rate is alone."""
        policy = QSizePolicy.Policy
        height = policy.Fixed if self._alone and self._page.isHidden() else policy.Preferred
        self.widget().setSizePolicy(policy.Preferred, height)

    def field(self, name: str) -> Any:
        """Returns the widget of one of the experiment's own fields."""
        return (self.length if name in _LENGTH else self.computation).editor(name)

    def choose_problem(self, key: str) -> None:
        """Changes the problem; keeps applicable settings, and scales the rates if none works with it."""
        kind = next(kind for kind in PROBLEMS if kind.key == key)
        if (before := self._experiment) is None or before.problem.key == key:
            return
        after = self._change(lambda before: with_other_problem(before, kind()))
        if after is not None:
            self.message.emit(changed_rates_text(before, after))

    def choose_optimizer(self, key: str) -> None:
        """Changes the optimizer of the selected runs; a key as keras.Adam names that of another library."""
        preset = find_optimizer_preset(key)
        if preset is not None or self._run.optimizer.key != key:
            self._edit_run(optimizer=find(OPTIMIZERS, key, "optimizer")() if preset is None else preset.optimizer)

    def choose_schedule(self, key: str) -> None:
        """Changes the schedule of the selected runs."""
        if (before := self._experiment) is not None and self._run.schedule.key != key:
            self._edit_run(schedule=find(SCHEDULES, key, "schedule").suited(before.steps, self._run.lr))

    def choose_preset(self, preset: Preset) -> None:
        """Gives the selected runs the schedule that a library has by that name."""
        if (before := self._experiment) is not None:
            self._edit_runs(lambda run: {"schedule": preset.make(before.steps, run.lr)})

    def put_beside_rival(self, preset: Preset) -> None:
        """Lays the schedule of a library and PyTorch's of a like name over one another, in two runs."""
        self._change(lambda before: beside_rival(before, self._index, preset, len(LIGHT.runs)))

    def choose_gradient(self, mode: str) -> None:
        if self._experiment is not None and self._experiment.gradient.mode != mode:
            self._change(lambda before: replace(before, gradient=before.gradient.changed("mode", mode)))

    @property
    def _run(self) -> Run:
        assert self._experiment is not None
        return self._experiment.runs[self._index]

    @property
    def _index(self) -> int:
        assert self._experiment is not None
        return min(self.runs.current, len(self._experiment.runs) - 1)

    def _build_problem(self, layout: QVBoxLayout) -> None:
        form = form_layout()
        self.problem = catalogue_combo(PROBLEMS, self.choose_problem)
        add_row(form, tr("problem"), self.problem, tr("What is minimised"))
        self.data_panel = DataPanel()
        for row in (self.data_panel, self.problem_form, self.length):
            form.addRow(row)
        layout.addWidget(heading(tr("Problem")))
        layout.addLayout(form)

    def _build_rate(self) -> QFormLayout:
        """Builds the rate field and its ruler, which stay visible above the scrolling page."""
        form = form_layout()
        form.setContentsMargins(12, 4, 12, 4)
        self.lr = NumberEdit(0.0, MOST_LR, log=True)
        self.lr.value_changed.connect(lambda value: self._edit_run(lr=value))
        self.lr.refused.connect(self.refused)
        self.ruler = RateRuler(MOST_LR)
        self.ruler.setToolTip(tr("Drag, click or step the rates of all runs"))
        self.ruler.rate_changed.connect(self._drag_rate)
        self.ruler.drag_finished.connect(self.drag_finished)
        self.ruler.selected.connect(self.runs.select)
        rate = KnobLabel(tr("learning rate"), "lr", "lr")
        enlarge(self.lr, _RATE_SIZE, self)
        add_row(form, rate, self.lr, tr("May be changed while it runs; arrows go through 1-2-5"))
        form.addRow(self.ruler)
        return form

    def _build_run(self, layout: QVBoxLayout) -> None:
        form = self.run_form = form_layout()
        self.start, self.lr_factors = StartEdit(), LrFactorsEdit()
        self.batch_size = OptionalLine(_BATCH_SIZE, tr("as under Computation"))
        for name, edit in (("start", self.start), ("batch_size", self.batch_size), ("lr_factors", self.lr_factors)):
            edit.value_changed.connect(lambda value, name=name: self._edit_run(**{name: value}))
            edit.refused.connect(self.refused)
        self.optimizer = catalogue_combo(OPTIMIZERS, self.choose_optimizer)
        self.schedule = catalogue_combo(SCHEDULES, self.choose_schedule)
        add_row(form, tr("optimizer"), self.optimizer, tr("How a step is made from the gradient"))
        form.addRow(self.optimizer_form)
        add_row(form, tr("schedule"), self.schedule, tr("The rate as a function of the step"))
        form.addRow(self.schedule_form)
        add_row(form, tr("rate factors"), self.lr_factors, tr("Rates by group: layer1:0.1 is a tenth, layer1:0 frozen"))
        add_row(form, tr("start"), self.start, tr("Where the parameters start, with commas"))
        add_row(form, tr("batch size"), self.batch_size, tr("Data points per step of this run"))
        self.run_heading = heading(tr("Selected run"))
        layout.addWidget(self.run_heading)
        layout.addLayout(form)

    def _show_run(self, _index: int) -> None:
        if self._experiment is None:
            return
        run, problem = self._run, self._experiment.problem
        self.lr.set_value(run.lr)
        self.ruler.show_runs(self._experiment, self._index)
        show_choice(self.optimizer, run.optimizer.key)
        show_choice(self.schedule, run.schedule.key)
        self.optimizer_form.show_entry(run.optimizer)
        self.schedule_form.show_entry(run.schedule)
        self.batch_size.set_value(run.batch_size)
        self.lr_factors.show_factors(self._index, list(problem.lr_groups), run.lr_factors)
        self.start.show_start(self._index, problem.names, problem.start if run.start is None else run.start)

    def _drag_rate(self, run: int, lr: float) -> None:
        assert self._experiment is not None
        self.dragged.emit(self._experiment.with_run(run, lr=lr))

    def _show_selection_size(self) -> None:
        n = len(self.runs.selection)
        self.run_heading.setText(tr("Selected run") if n == 1 else tr("{n} selected runs", n=n))

    def _edit_knobs(self, group: str, entry: Declared) -> None:
        """Applies changed hyperparameters to all selected runs with the same kind of optimizer or schedule."""
        before = getattr(self._run, group)
        changed = {name: value for name, value in entry.values().items() if value != getattr(before, name)}
        self._edit_runs(lambda run: {group: replace(getattr(run, group), **changed)}, (group, type(entry)))

    def _edit_run(self, **changes: Any) -> None:
        self._edit_runs(lambda _run: changes)

    def _edit_runs(self, changes: Callable[[Run], dict[str, Any]], only: tuple[str, type] | None = None) -> None:
        """Changes the selected runs, or `only` those with an entry (field name, type)."""
        selection = {self._index, *self.runs.selection}

        def changed(index: int, run: Run) -> Run:
            applies = index in selection and (only is None or type(getattr(run, only[0])) is only[1])
            return replace(run, **changes(run)) if applies else run

        self._change(lambda before: replace(before, runs=tuple(starmap(changed, enumerate(before.runs)))))

    def _change(self, change: Callable[[Experiment], Experiment]) -> Experiment | None:
        """Emits and returns the changed experiment; emits `refused` and returns None if it is invalid."""
        assert self._experiment is not None
        try:
            after = change(self._experiment)
        except ValueError as error:
            self.refused.emit(str(error))
            self.show_experiment(self._experiment)
            return None
        self.edited.emit(after)
        return after
