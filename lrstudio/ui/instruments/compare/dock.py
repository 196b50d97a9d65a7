"""The comparison of all runs: the table, its notes and its controls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lrstudio.core.language import sentences, tr
from lrstudio.engine.compare.best_run import best_standing
from lrstudio.engine.compare.fairness import Caveat
from lrstudio.engine.compare.seeds import depends_on_seed
from lrstudio.engine.training.trace import Trace
from lrstudio.store.csv.table import comparison_csv
from lrstudio.ui.instruments.compare.columns import Subject
from lrstudio.ui.instruments.compare.feed import CompareFeed, SeedsFeed, Standings
from lrstudio.ui.instruments.compare.model import CompareModel, as_text
from lrstudio.ui.instruments.compare.texts import about_best, about_fairness, about_seeds
from lrstudio.ui.instruments.compare.view import CompareControls, CompareView
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession

_PROGRESS_MS = 100


class Compare(QWidget):
    """Compares the runs at one step, or their ends over several seeds."""

    run_chosen = Signal(int)
    message = Signal(str)
    """Emits a text for the status line."""
    export_requested = Signal(str)
    """Emits the table as the text of a CSV file."""

    def __init__(self, session: OpenSession, bench: Bench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.model = CompareModel(self)
        self.view = CompareView(self.model)
        self.controls = CompareControls([column.title for column in self.model.columns])
        self.seeds = self.controls.seeds
        self.feed, self.over_seeds = CompareFeed(bench, self), SeedsFeed(bench, self)
        self.seen = False
        self._step: int | None = None
        self._compared: tuple[Trace, Standings, tuple[Caveat, ...]] | None = None
        self._shown: tuple[object, ...] = ()
        self._kind: tuple[object, ...] = ()
        self._selected = 0
        self._progress = QTimer(self)
        self._progress.setInterval(_PROGRESS_MS)
        self._arrange()
        self._connect()
        self._show_order()

    def set_theme(self, theme: Theme) -> None:
        self.model.set_theme(theme)
        self.view.set_theme(theme)

    def set_seen(self, seen: bool) -> None:
        """Takes whether the table is visible; otherwise nothing is computed."""
        self.seen = seen
        self.refresh(self._step)
        self.view.select(self._selected)

    def refresh(self, step: int | None) -> None:
        """Compares the runs at a step, None the newest; the table follows when its numbers are computed."""
        self._step = step
        session = self._session
        if self.seen:
            if session.trace is not None and session.simulation is not None:
                self.feed.ask(session.experiment, session.simulation.trace, step)
            self._show()

    def _restart(self) -> None:
        self._compared = None
        self.feed.forget()

    def _refresh(self) -> None:
        self.refresh(self._step)

    def select(self, run: int) -> None:
        """Selects a run that was chosen elsewhere."""
        self._selected = run
        self.view.select(run)

    def sort_by(self, column: int | None) -> None:
        """Sorts by a column, the best first; again reverses it; None is the order of the list of runs."""
        again = column is not None and column == self.model.sorted_by
        self.model.sort_by(column, again and not self.model.reversed)
        self._show_order()

    def copy(self) -> None:
        """Copies the selected rows, or all of them unless several are selected."""
        rows = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        QGuiApplication.clipboard().setText(as_text(self.model, rows if len(rows) > 1 else None))

    def export(self) -> None:
        """Requests the export of the table as CSV."""
        experiment = self._session.experiment
        if self.over_seeds.standings:
            done = self.over_seeds.seeds[: len(self.over_seeds.standings)]
            self.export_requested.emit(comparison_csv(experiment, self.over_seeds.standings, done))
        elif self._compared is not None and self._fits(self._compared[0]):
            self.export_requested.emit(comparison_csv(experiment, [self._compared[1]]))
        else:
            self.message.emit(tr("The runs are not compared yet"))

    def _show(self) -> None:
        """Shows the computed standings, unless nothing has changed."""
        session, several = self._session, self.over_seeds
        experiment = session.experiment
        if self.seeds.isChecked() and not several.belongs_to(experiment):
            self.seeds.setChecked(False)  # the experiment has changed
        compared = self._compared if self._compared is not None and self._fits(self._compared[0]) else None
        shown = experiment, session.arrangement, session.state, compared, several.standings, several.fraction
        if shown == self._shown:
            return
        self._shown = shown
        self.controls.offer_seeds(depends_on_seed(experiment))
        self._show_rows(several.standings or ([compared[1]] if compared is not None else []))
        fair = about_fairness(compared[2] if compared is not None else (), experiment)
        best = None
        if compared is not None and not several.standings:
            best = best_standing(experiment, compared[1], session.arrangement.hidden)
        note = [*about_best(best, experiment), *about_seeds(several, experiment), *fair]
        self.controls.note.setText(sentences(*note))
        self.controls.note.setVisible(bool(note))

    def _show_rows(self, lists: Sequence[Standings]) -> None:
        """Shows a row for each run, from its standing in each list."""
        experiment, arrangement = self._session.experiment, self._session.arrangement
        subjects = [
            Subject(experiment, run, tuple(standings[run] for standings in lists))
            for run in range(len(experiment.runs))
        ]
        if self.model.show(subjects, arrangement):
            self.view.select(self._selected)
        kind = experiment.problem, len(subjects), len(lists) > 1, arrangement.baseline, self._session.state
        self.view.fit(reset=kind != self._kind)
        self._kind = kind

    def _fits(self, trace: Trace) -> bool:
        """Returns whether a trace is that of the runs in the table."""
        simulation = self._session.simulation
        return simulation is not None and simulation.trace is trace

    def _take(self, *compared: Any) -> None:
        self._compared = compared
        self._show()

    def _show_order(self) -> None:
        model, header = self.model, self.view.horizontalHeader()
        column = -1 if model.sorted_by is None else model.sorted_by
        order = Qt.SortOrder.DescendingOrder if model.reversed else Qt.SortOrder.AscendingOrder
        header.setSortIndicator(column, order)
        self.controls.order.setCurrentIndex(column + 1)

    def _toggle_seeds(self, on: bool) -> None:
        if on:
            self.over_seeds.start(self._session.experiment, self.controls.count.value())
            self._progress.start()
        else:
            self.over_seeds.cancel()
            self._progress.stop()
        self._show()

    def _seeds_failed(self, why: str) -> None:
        self.seeds.setChecked(False)
        self.message.emit(why)

    def _choose_by_header(self, column: int) -> None:
        reverse = column == self.model.sorted_by and self.model.reversed
        self.sort_by(None if reverse else column)

    def _choose(self, run: int) -> None:
        self._selected = run
        self.run_chosen.emit(run)

    def _connect(self) -> None:
        self.feed.compared.connect(self._take)
        self.feed.failed.connect(self.message)
        self.over_seeds.changed.connect(self._show)
        self.over_seeds.ended.connect(self._progress.stop)
        self.over_seeds.failed.connect(self._seeds_failed)
        self._progress.timeout.connect(self._show)
        self.seeds.toggled.connect(self._toggle_seeds)
        self.controls.count.valueChanged.connect(lambda _count: self._toggle_seeds(self.seeds.isChecked()))
        self.view.run_chosen.connect(self._choose)
        self.view.copy_requested.connect(self.copy)
        self.view.customContextMenuRequested.connect(
            lambda at: self.controls.open_menu(self.view.viewport().mapToGlobal(at))
        )
        self.view.horizontalHeader().sectionClicked.connect(self._choose_by_header)
        self.controls.copy.clicked.connect(lambda _checked: self.copy())
        self.controls.export.clicked.connect(lambda _checked: self.export())
        self.controls.order.activated.connect(lambda row: self.sort_by(row - 1 if row else None))
        self._session.simulation_changed.connect(self._restart)
        self._session.preview_changed.connect(self._refresh)  # the worker has the last edit now

    def _arrange(self) -> None:
        self.view.setAccessibleName(tr("Comparison of the runs"))
        self.view.setToolTip(tr("A row is one run; choosing one selects it everywhere"))
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addWidget(self.controls)
        layout.addWidget(self.view, 1)
