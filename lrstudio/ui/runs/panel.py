"""The list of runs and its actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.language import tr
from lrstudio.engine import family
from lrstudio.engine.compare.decay import beside_other_decay
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.fields.actions import set_default_action
from lrstudio.ui.fields.knob_label import VaryButton
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.plain import without_mnemonic
from lrstudio.ui.look.theme import Theme, icon
from lrstudio.ui.runs.actions import run_actions
from lrstudio.ui.runs.delegate import RunDelegate
from lrstudio.ui.runs.dialogs import StylePopup, VaryDialog
from lrstudio.ui.runs.model import VERDICT, RunsModel
from lrstudio.ui.runs.next_steps import NextSteps
from lrstudio.ui.runs.proof import VerdictProof
from lrstudio.ui.session.arrangement import Arrangement

_MOST_SHOWN = 5


class RunsPanel(QWidget):
    """Emits edited experiments and arrangements; it changes nothing itself. Runs are indices in the experiment."""

    selected = Signal(int)
    selection_changed = Signal()
    """The set of selected runs changed; `selected` is about the current one among them."""
    edited = Signal(object)
    arranged = Signal(object)
    refused = Signal(str)
    judged = Signal()
    """The verdict of the current run, or the current run, has changed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = RunsModel(self)
        self._model.renamed.connect(lambda run, label: self._edit_run(run, label=label))
        self._model.dragged.connect(lambda run, row: self.arranged.emit(self._arrangement.moved(run, row)))
        self.view = QListView()
        self._delegate = RunDelegate(self.view)
        self._delegate.eye_clicked.connect(
            lambda index: self.arranged.emit(self._arrangement.toggled(self._model.run(index)))
        )
        self._delegate.sample_clicked.connect(self._choose_style_of)
        self._create_actions()
        self._build_view()
        self._arrange()
        self.set_theme(theme)
        FontFit(self.view, self._fit)

    @property
    def current(self) -> int:
        """The current run."""
        return self._model.run(self.view.currentIndex())

    @property
    def count(self) -> int:
        """Number of runs."""
        return self._model.rowCount()

    @property
    def selection(self) -> tuple[int, ...]:
        """All selected runs, including the current one."""
        selected = {self._model.run(index) for index in self.view.selectionModel().selectedIndexes()}
        return tuple(sorted(selected | {self.current}))

    @property
    def verdict(self) -> Verdict | None:
        """The verdict of the current run; None if there is none yet."""
        verdict: Verdict | None = self.view.currentIndex().data(VERDICT)
        return verdict

    def select(self, run: int) -> None:
        self.view.setCurrentIndex(self._model.index_of(run))

    def show_runs(
        self,
        experiment: Experiment,
        arrangement: Arrangement,
        trace: Trace | None,
        state: State,
        step: int | None = None,
    ) -> None:
        """Shows the runs at a step; None is the newest."""
        current = min(self.current, len(experiment.runs) - 1)
        if self._model.show(experiment, arrangement, trace, state, step):
            self.select(current)
            self._fit()
        self._show_actions()

    def show_verdicts(self, verdicts: Mapping[int, Verdict | None]) -> None:
        """Shows verdicts by run index and the proof of the current one; an empty mapping starts over."""
        self._model.show_verdicts(verdicts)
        self._show_proof()
        if not verdicts:
            self.proof.fit()

    def set_theme(self, theme: Theme) -> None:
        self._theme, self._colors = theme, len(theme.runs)
        self._delegate.set_theme(theme)
        for name in ("add", "duplicate", "remove", "vary"):
            self.actions_by_name[name].setIcon(icon(name, theme))
        self.view.viewport().update()

    def menu_actions(self) -> list[QAction]:
        """Returns the actions of the Edit menu and the context menu."""
        return list(self.actions_by_name.values())

    @property
    def _arrangement(self) -> Arrangement:
        return self._model.arrangement

    def _create_actions(self) -> None:
        self.actions_by_name = run_actions(
            self,
            {
                "add": self._add,
                "duplicate": self._duplicate,
                "remove": self._remove,
                "vary": self._vary,
                "batches": lambda: self._vary("batch_size"),
                "decay": lambda: self._edit_runs(beside_other_decay, self.current, self._colors, chosen=self.current),
                "rename": self._rename,
                "recolour": self._choose_style,
                "hide": self._toggle_selection,
                "baseline": self._toggle_baseline,
                "up": lambda: self._move(-1),
                "down": lambda: self._move(1),
            },
        )

    def _add(self) -> None:
        self._edit_runs(family.with_another, self._colors, chosen=len(self._arrangement.order))

    def _duplicate(self) -> None:
        self._edit_runs(family.with_copy, self.current, self._colors, chosen=len(self._arrangement.order))

    def _remove(self) -> None:
        if len(self._arrangement.order) <= len(self.selection):
            self.refused.emit(tr("One run has to stay"))
            return
        self._edit_runs(family.without, *self.selection, chosen=self.selection[0])

    def _toggle_selection(self) -> None:
        hidden = self.current not in self._arrangement.hidden
        self.arranged.emit(self._arrangement.with_hidden(self.selection, hidden))

    def _rename(self) -> None:
        current = self.view.currentIndex()
        self.view.scrollTo(current)
        if self.view.indexWidget(current) is None:  # else its name is being typed
            self.view.edit(current)

    def _move(self, rows: int) -> None:
        self.arranged.emit(self._arrangement.moved(self.current, self.view.currentIndex().row() + rows))
        self.view.scrollTo(self.view.currentIndex())

    def _toggle_baseline(self) -> None:
        self.arranged.emit(self._arrangement.compared_with(self.current))

    def _choose_style_of(self, index: QModelIndex) -> None:
        self.view.setCurrentIndex(index)
        self._choose_style()

    def _choose_style(self) -> None:
        if self._model.experiment is None:
            return
        run, rect = self.current, self.view.visualRect(self.view.currentIndex())
        popup = StylePopup(self._theme, self._model.experiment.runs[run].color, self)
        popup.chosen.connect(lambda color: self._edit_run(run, color=color))
        popup.move(self.view.viewport().mapToGlobal(rect.bottomLeft()))
        popup.show()

    def _vary(self, first: str = "lr") -> None:
        if self._model.experiment is None:
            return
        run = self.current
        dialog = VaryDialog(self._model.experiment, run, self._theme, self, first)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.created.connect(self.edited)
        dialog.created.connect(lambda _experiment: self.select(run))
        dialog.open()

    def _vary_dropped(self, group: str, name: str) -> None:
        """Replaces the current run by a family around the value of a dropped hyperparameter."""
        assert self._model.experiment is not None
        run, colors = self.current, self._colors
        for knob in family.knobs(self._model.experiment, run):
            if (knob.group, knob.name) == (group, name):  # a knob from another window may have no match
                values = family.around(knob)
                self._edit_runs(
                    partial(family.family, run_index=run, knob=knob, values=values, palette=colors), chosen=run
                )

    def _edit_run(self, run: int, **changes: Any) -> None:
        """Changes a run, unless it was removed since the user was asked."""
        if run < self.count:
            self._edit_runs(lambda experiment: experiment.with_run(run, **changes), chosen=self.current)

    def _edit_runs(self, change: Callable[..., Experiment], *values: int, chosen: int) -> None:
        """Emits the changed experiment and selects the run `chosen`; emits `refused` if it is invalid."""
        assert self._model.experiment is not None
        try:
            edited = change(self._model.experiment, *values)
        except ValueError as error:
            self.refused.emit(str(error))
        else:
            self.edited.emit(edited)
            self.select(min(chosen, len(edited.runs) - 1))

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions(self.menu_actions())
        menu.popup(self.view.viewport().mapToGlobal(at))

    def _show_actions(self) -> None:
        actions, run, experiment = self.actions_by_name, self.current, self._model.experiment
        actions["remove"].setEnabled(len(self._arrangement.order) > 1)
        actions["batches"].setEnabled(experiment is not None and experiment.problem.has_data)
        actions["hide"].setChecked(run in self._arrangement.hidden)
        actions["baseline"].setChecked(run == self._arrangement.baseline)

    def _build_view(self) -> None:
        view = self.view
        view.setAccessibleName(tr("Runs"))
        view.setToolTip(tr("Ctrl or Shift selects several; double click renames a run, dragging lists it elsewhere"))
        view.setModel(self._model)
        view.setItemDelegate(self._delegate)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        view.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._open_menu)
        view.selectionModel().currentChanged.connect(self._current_changed)
        view.selectionModel().selectionChanged.connect(self.selection_changed)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        self.proof, self.next_steps = VerdictProof(), NextSteps()
        self.vary = VaryButton()
        self.vary.dropped.connect(self._vary_dropped)
        vary = self.actions_by_name["vary"]
        vary.setIconText(without_mnemonic(vary.text()).removesuffix("…"))
        self.vary.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for name in ("add", "duplicate", "remove", "vary"):
            button = self.vary if name == "vary" else QToolButton()
            button.setAutoRaise(True)
            set_default_action(button, self.actions_by_name[name])
            button.setAccessibleName(self.actions_by_name[name].statusTip())
            row.addWidget(button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.view)
        layout.addLayout(row)  # above the proof, whose height varies
        layout.addWidget(self.proof)
        layout.addWidget(self.next_steps)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _fit(self) -> None:
        """Sets the height: two to five runs without scrolling."""
        rows = min(max(self._model.rowCount(), 2), _MOST_SHOWN)
        self.view.setFixedHeight(rows * self.view.sizeHintForRow(0) + 2 * self.view.frameWidth())

    def _show_proof(self) -> None:
        self.proof.show_verdict(self.verdict)
        self.judged.emit()

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self._show_actions()
            self._show_proof()
            self.selected.emit(self._model.run(current))
