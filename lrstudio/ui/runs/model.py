"""The model of the list of runs: name, settings, state, loss and verdict of each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.formula.typeset import power_of_ten
from lrstudio.core.language import tr, trn
from lrstudio.engine.compare.best_run import BestRun, best_run
from lrstudio.engine.compare.comparison import data_points, loss_evaluations
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.look.plain import plain
from lrstudio.ui.look.verdict_style import verdict_word
from lrstudio.ui.session.arrangement import Arrangement

Index = QModelIndex | QPersistentModelIndex
Flag = Qt.ItemFlag

DETAIL = Qt.ItemDataRole.UserRole
OUTCOME = Qt.ItemDataRole.UserRole + 1
COLOR = Qt.ItemDataRole.UserRole + 2
HIDDEN = Qt.ItemDataRole.UserRole + 3
COMPARED = Qt.ItemDataRole.UserRole + 4
COST = Qt.ItemDataRole.UserRole + 5
VERDICT = Qt.ItemDataRole.UserRole + 6


class RunsModel(QAbstractListModel):
    """One row per run, in the order of the arrangement."""

    renamed = Signal(int, str)
    dragged = Signal(int, int)
    """A run and the row of its drop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.arrangement = Arrangement(order=())
        self.experiment: Experiment | None = None
        self._trace: Trace | None = None
        self._state = State.IDLE
        self._step: int | None = None
        self._verdicts: Mapping[int, Verdict | None] = {}
        self._best: BestRun | None = None

    def show_verdicts(self, verdicts: Mapping[int, Verdict | None]) -> None:
        """Shows verdicts by run index; None or missing if there is none yet."""
        self._verdicts = verdicts
        self._best = self._find_best()
        if self.arrangement.order:
            self.dataChanged.emit(self.index(0), self.index(len(self.arrangement.order) - 1))

    def show(
        self, experiment: Experiment, arrangement: Arrangement, trace: Trace | None, state: State, step: int | None
    ) -> bool:
        """Shows the runs at a step; returns whether their number changed, which resets the selection."""
        before, order, hidden = self.arrangement.order, arrangement.order, self.arrangement.hidden
        reset = len(order) != len(before)
        if reset:
            self.beginResetModel()
        elif order != before:
            self.layoutAboutToBeChanged.emit()
        self.experiment, self.arrangement = experiment, arrangement
        self._trace, self._state, self._step = trace, state, step
        if arrangement.hidden != hidden:
            self._best = self._find_best()
        if reset:
            self.endResetModel()
        elif order != before:
            for index in self.persistentIndexList():
                self.changePersistentIndex(index, self.index(order.index(before[index.row()])))
            self.layoutChanged.emit()
        self.dataChanged.emit(self.index(0), self.index(len(order) - 1))
        return reset

    def run(self, index: Index) -> int:
        """Returns the index in the experiment of the run in a row."""
        return self.arrangement.order[index.row()] if index.isValid() else 0

    def index_of(self, run: int) -> QModelIndex:
        """Returns the row of a run."""
        order = self.arrangement.order
        return self.index(order.index(run)) if run in order else QModelIndex()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.arrangement.order)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Flag.ItemIsDropEnabled  # between the rows, not onto them
        return Flag.ItemIsEnabled | Flag.ItemIsSelectable | Flag.ItemIsEditable | Flag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def moveRows(self, source: Index, row: int, count: int, target: Index, to: int) -> bool:
        """Emits `dragged` for a row moved by drag and drop."""
        if count != 1 or not 0 <= row < len(self.arrangement.order):
            return False
        self.dragged.emit(self.arrangement.order[row], to - (to > row))
        return True

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Renames a run; an empty or automatic name restores the automatic one."""
        if self.experiment is None or role != Qt.ItemDataRole.EditRole:
            return False
        run = self.run(index)
        name = "".join(letter if letter.isprintable() else " " for letter in str(value)).strip()
        automatic = self.experiment.with_run(run, label="").label(run)
        self.renamed.emit(run, "" if name == automatic else name)
        return True

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self.experiment is None or not index.isValid():
            return None
        run = self.run(index)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return self.experiment.label(run)
            case _ if role == DETAIL:
                words = [*self._settings(self.experiment.runs[run]), self._state_word(run)]
                return " · ".join(words[:-1] if words[-1] == tr("finished") else words)
            case _ if role == COST:
                return self._cost(run)
            case _ if role == OUTCOME:
                return self._outcome(run)
            case _ if role == COLOR:
                return self.experiment.runs[run].color
            case _ if role == HIDDEN:
                return run in self.arrangement.hidden
            case _ if role == COMPARED:
                return self._compared(run)
            case _ if role == VERDICT:
                return self._verdicts.get(run)
            case Qt.ItemDataRole.ToolTipRole:
                return plain(self._sentence(index))
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._sentence(index)
        return None

    def _sentence(self, index: Index) -> str:
        assert self.experiment is not None
        run = self.run(index)
        words = [index.data(OUTCOME), index.data(COMPARED), index.data(COST)]
        words += [self._criterion(run), self._basis(run), tr("hidden") if index.data(HIDDEN) else ""]
        settings = " · ".join([*self._settings(self.experiment.runs[run]), self._state_word(run)])
        verdict = self._verdicts.get(run)
        words.append(
            "" if verdict is None else tr("{what}: {why}", what=verdict_word(verdict.key), why=verdict.sentence)
        )
        return ", ".join([tr("{what}: {why}", what=index.data(), why=settings), *filter(None, words)])

    def _settings(self, run: Run) -> list[str]:
        rate = [f"{run.lr:g}"] if run.label else []
        schedule = [] if run.schedule.is_constant else [tr(run.schedule.title)]
        return [tr(run.optimizer.title), *rate, *schedule]

    def _state_word(self, run: int) -> str:
        words = {
            State.IDLE: tr("ready"),
            State.RUNNING: tr("running"),
            State.PAUSED: tr("paused"),
            State.FINISHED: tr("finished"),
            State.STOPPED: tr("stopped"),
            State.FAILED: tr("failed"),
        }
        trace = self._trace
        if trace is not None and run < trace.runs and trace.finished[run]:
            return tr("finished")
        ended = trace is not None and run < trace.runs and trace.diverged[run]
        return tr("diverged") if ended else words.get(self._state, tr("diverged"))

    def _outcome(self, run: int) -> str:
        trace = self._trace
        if trace is None or run >= trace.runs:
            return ""
        if self._has_diverged(run):
            return tr("diverged at step {step}", step=trace.ends[run])
        reached = self._reached(run)
        if reached is not None:
            return tr("target at step {step}", step=reached)
        return tr("loss {loss}", loss=power_of_ten(f"{self._losses([run])[0]:.3g}"))

    def _has_diverged(self, run: int) -> bool:
        """Whether it has diverged by the selected step."""
        assert self._trace is not None
        return bool(self._trace.diverged[run] and (self._step is None or self._step >= self._trace.ends[run] - 1))

    def _cost(self, run: int) -> str:
        """Returns the number of gradients, losses and data points up to the selected step."""
        trace, experiment = self._trace, self.experiment
        if trace is None or experiment is None or run >= trace.runs:
            return ""
        rows = trace.rows(run) if self._step is None else min(self._step + 1, trace.rows(run))
        gradients, losses = rows, loss_evaluations(experiment, rows)
        words = [trn("{n} gradient", "{n:,} gradients", gradients)]
        if losses:
            words.append(trn("{n} loss", "{n:,} losses", losses))
        if experiment.has_batches:
            words.append(tr("{count:,} data points", count=data_points(experiment, rows, run)))
        return ", ".join(words)

    def _compared(self, run: int) -> str:
        """Returns the loss as a multiple of the baseline's; without a baseline, whether the run is the best."""
        trace, baseline = self._trace, self.arrangement.baseline
        if trace is None or trace.runs != len(self.arrangement.order):  # it is of the runs before an edit
            return ""
        if baseline is None:
            best = self._best
            if best is None:
                return ""
            return tr("best") if run in best.runs else tr("as good") if run in best.as_good else ""
        if run == baseline:
            return tr("baseline")
        own, base = self._losses([run, baseline])
        ratio = own / base if base else math.nan
        return f"×{ratio:.3g}" if math.isfinite(ratio) else ""

    def _find_best(self) -> BestRun | None:
        """Returns the best of the visible runs; None until all of them have a verdict."""
        trace, experiment = self._trace, self.experiment
        if trace is None or experiment is None or trace.runs != len(self.arrangement.order):
            return None
        shown = {run: self._verdicts.get(run) for run in self.arrangement.order if run not in self.arrangement.hidden}
        hits = {run: self._reached(run) for run in shown}
        return best_run(experiment, shown, hits)

    def _reached(self, run: int) -> int | None:
        """Returns the step at which a run reached the target, unless it is after the selected step."""
        assert self._trace is not None
        reached = self._trace.reached(run)
        return reached if reached is not None and (self._step is None or self._step >= reached) else None

    def _criterion(self, run: int) -> str:
        """Returns the criterion by which a run is the best."""
        best = self._best
        if best is None or self.arrangement.baseline is not None or run not in (*best.runs, *best.as_good):
            return ""
        if best.rule == "target" and self.experiment is not None:
            return {
                "steps": tr("fewest steps to the target"),
                "epochs": tr("fewest epochs to the target"),
                "samples": tr("fewest samples to the target"),
            }[self.experiment.equal]
        if self._trace is not None and self._trace.full is not None:
            return tr("least loss on all data over the last eighth of {steps:,} steps", steps=best.steps)
        return tr("least loss over the last quarter of {steps:,} steps", steps=best.steps)

    def _losses(self, runs: Sequence[int]) -> list[float]:
        """Returns the losses that verdicts use at the selected step; NaN after divergence."""
        assert self._trace is not None
        losses, ends = self._trace.judged(self._row), self._trace.ends
        over = self._trace.diverged
        return [math.nan if over[run] and self._row >= ends[run] else float(losses[run]) for run in runs]

    @property
    def _row(self) -> int:
        """The trace row of the selected step."""
        assert self._trace is not None
        last = self._trace.length - 1
        return last if self._step is None else min(self._step, last)

    def _basis(self, run: int) -> str:
        """Returns at which step the shown loss on all data was measured; empty with the loss of the step itself."""
        if self._trace is None or self._trace.full is None or run >= self._trace.runs:
            return ""
        step = self._trace.judged_step(self._row, run)
        return tr("the loss is that on all data, measured at step {step:,}", step=step)
