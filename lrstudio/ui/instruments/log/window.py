"""The window of training logs: several runs and files in one view, the rates below, and a diagnosis of each run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QCheckBox, QPushButton, QSplitter, QWidget

from lrstudio.core.language import mark, tr
from lrstudio.store.logs.export import csv_lines
from lrstudio.store.logs.model import Log, Run
from lrstudio.store.saved_logs import MOST_LOGS
from lrstudio.ui.fields.rows import Column
from lrstudio.ui.files.drops import FileDrops
from lrstudio.ui.instruments.exports import ExportButtons
from lrstudio.ui.instruments.log.canvas import LogCanvas
from lrstudio.ui.instruments.log.choices import ChoiceForm, axis_name, quantity_name
from lrstudio.ui.instruments.log.curves import LOSSES, Choice, Curves, curves
from lrstudio.ui.instruments.log.follower import Follower
from lrstudio.ui.instruments.log.importing import LogOpener
from lrstudio.ui.instruments.log.keeping import LogKeeper
from lrstudio.ui.instruments.log.page import DiagnosisPage
from lrstudio.ui.instruments.log.reading import Read
from lrstudio.ui.instruments.log.run_list import RunList
from lrstudio.ui.instruments.log.table import LogTable, Rows, rows_of
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.look.plain import Label, without_mnemonic
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession

_PAGE_CHARS = 44


class LogWindow(FileDrops, InstrumentWindow):
    """Shows the logs that were opened; `range_test_requested` carries a TrainingLog whose rates rise."""

    range_test_requested = Signal(object)

    def __init__(self, session: OpenSession, bench: Bench, theme: Theme, parent: QWidget) -> None:
        super().__init__("", session, bench, theme, parent)
        self.setWindowTitle(tr("Training logs"))
        self.reads: list[Read] = []
        self.curves = Curves(Choice())
        self.opener = LogOpener(self)
        self._awaited: tuple[Path, ...] = ()
        self.values, self.rates = LogCanvas(theme), LogCanvas(theme, headroom=math.inf)
        self.runs_list, self.page, self.table = RunList(theme), DiagnosisPage(theme), LogTable()
        self.form = ChoiceForm()
        self.follow, self.unsaved = QCheckBox(tr("&Follow as they grow")), Label()
        self.follower = Follower(bench, lambda: self.reads, self)
        self.open_button, self.clear = QPushButton(tr("&Open a log…")), QPushButton(tr("Close &all"))
        self._arrange_logs()
        self._connect()
        self.setAcceptDrops(True)
        self._show_titles()
        self.keeper = LogKeeper(self, bench)
        self.keeper.show_session()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.runs_list.set_theme(theme)
        self.page.set_theme(theme)

    def take_files(self, paths: list[Path]) -> None:
        self.opener.begin(paths)

    @property
    def runs(self) -> list[tuple[Read, int]]:
        """The runs of all opened logs, as the log and the run's place in it."""
        return [(each, place) for each in self.reads for place in range(len(each.log.runs))]

    @property
    def selected(self) -> tuple[Read, int] | None:
        row = self.runs_list.currentRow()
        return self.runs[row] if 0 <= row < len(self.runs) else None

    def titles(self) -> list[str]:
        """Returns the titles of the runs, with that of their file where several are open."""
        several = len(self.reads) > 1
        return [
            f"{each.log.title} · {each.log.runs[place].title}" if several and len(each.log.runs) > 1
            else each.log.title if several else each.log.runs[place].title
            for each, place in self.runs
        ]  # fmt: skip

    def show_reads(self, reads: list[Read]) -> None:
        """Show logs in place of those that are open."""
        self.follow.setChecked(False)
        self.opener.cancel()
        self.reads = reads
        self._list_runs()

    def add(self, read: Read) -> None:
        """Show a log beside those that are open; one of the same files replaces the earlier one."""
        same = [place for place, each in enumerate(self.reads) if each.key == read.key]
        if same:
            self.reads[same[0]] = read
        elif len(self.reads) >= MOST_LOGS:
            self.show_message(tr("{count} logs are open: close them first", count=MOST_LOGS), warning=True)
            return
        else:
            self.reads.append(read)
        self._list_runs()
        if not same:
            self.runs_list.setCurrentRow(next(row for row, (each, _) in enumerate(self.runs) if each is read))
        self.rebuild()

    def follow_path(self, path: Path) -> None:
        """Show a log or the logs of a folder and follow them, once there is something in them."""
        self._awaited = (path,)
        self.follow.setChecked(True)
        self.opener.begin(self._awaited)

    def _await(self, paths: tuple[Path, ...]) -> None:
        if paths == self._awaited:
            self.follower.wait_for(*paths)

    def close_logs(self) -> None:
        """Close all logs."""
        self.show_reads([])
        self.rebuild()

    def rebuild(self) -> None:
        """Compute the curves of the choices and show them."""
        choice = self.form.choice
        self.keeper.keep()
        shown = [(row, self._run(row)) for row in self.runs_list.checked()]
        selected = self.selected
        run = None if selected is None else selected[0].log.runs[selected[1]]
        message = self.note.text()
        self.compute(
            object(),
            lambda _work: (curves(shown, choice), None if run is None else rows_of(run)),
            lambda result: self._show(*result),
        )
        self.show_message(message)

    def lines(self) -> Iterator[str]:
        """Returns the CSV lines of all opened logs, as `lrstudio log --csv` writes them."""
        named = [replace(self._run(row), title=title) for row, title in enumerate(self.titles())]
        return csv_lines(Log("", tuple(named)))

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.opener.dialog is not None:
            self.opener.cancel()
        self.follow.setChecked(False)
        super().closeEvent(event)
        self.session.logs.place["shown"] = False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.session.logs.place["shown"] = True

    def _run(self, row: int) -> Run:
        each, place = self.runs[row]
        return each.log.runs[place]

    def _list_runs(self) -> None:
        titles = self.titles()
        tips = [f"{title}\n{each.source}" for title, (each, _place) in zip(titles, self.runs, strict=True)]
        self.runs_list.show_runs(titles, tips)
        self.form.offer([self._run(row) for row in range(len(self.runs))])
        self.clear.setEnabled(bool(self.reads))

    def _show(self, found: Curves, rows: Rows | None) -> None:
        self.curves = found
        titles = dict(enumerate(self.titles()))
        axis = axis_name(found.choice.axis)
        self.values.show_curves(found.values, titles, axis)
        self.rates.show_curves(found.rates, titles, axis)
        self.table.show_rows(rows)
        self.rates.setVisible(bool(found.rates))
        self._show_titles()
        self._set_cursor(None)
        self._describe()
        self.exports.setEnabled(bool(self.reads))
        if found.missing:
            runs = ", ".join(found.missing)[:300]
            self.show_message(tr("These runs have no {axis} and are not drawn: {runs}", axis=axis, runs=runs))

    def _show_titles(self) -> None:
        choice = self.curves.choice
        notes = [tr("log scale")] if self.values.log else []
        notes += [tr("pale: raw")] if choice.beta else []
        if any(curve.part != "train" for curve in self.curves.values):
            notes.append(tr("thin: validation or test"))
        axis = axis_name(choice.axis)
        title = tr("Loss") if choice.quantity == LOSSES else quantity_name(choice.quantity)
        if choice.beta:
            text = mark("{quantity}: moving average {beta:g}, bias-corrected")
            title = tr(text, quantity=title, beta=choice.beta)
        self.values.set_titles(title, axis, " · ".join(notes))
        self.rates.set_titles(tr("Learning rate"), axis, tr("log scale") if self.rates.log else "")

    def _describe(self) -> None:
        selected = self.selected
        if selected is None:
            self.page.show_run(None, None, None, rises=False)
            return
        each, place = selected
        rises = each.rising[place] is not None
        self.page.show_run(each.log, each.log.runs[place], each.diagnoses[place], rises=rises)

    def _click(self, x: float) -> None:
        """Move the cursor to the value of the selected run, or of any, that is nearest to x."""
        mine = [curve for curve in (*self.curves.values, *self.curves.rates) if len(curve.x)]
        mine = [curve for curve in mine if curve.run == self.runs_list.currentRow()] or mine
        if mine:
            index = mine[0].nearest(x)
            self._set_cursor(float(mine[0].x[index]))
            if mine[0].run == self.runs_list.currentRow():
                self.table.go(float(mine[0].at[index]))

    def _go(self, count: float) -> None:
        """Move the cursor to a count of the selected run."""
        mine = (curve for curve in self.curves.values if curve.run == self.runs_list.currentRow() and len(curve.x))
        curve = next(mine, None)
        if curve is not None:
            place = min(int(curve.at.searchsorted(count)), len(curve.at) - 1)
            self._set_cursor(float(curve.x[place]))

    def _set_cursor(self, x: float | None) -> None:
        for plot in (self.values, self.rates):
            plot.set_cursor(x)

    def _answer(self, key: str, reading: str) -> None:
        selected = self.selected
        if selected is not None:
            each = selected[0]
            self.opener.begin(each.key, each.answers | {key: reading})

    def _range_test(self) -> None:
        selected = self.selected
        if selected is not None and selected[0].rising[selected[1]] is not None:
            self.range_test_requested.emit(selected[0].rising[selected[1]])

    def _set_log(self, log: bool) -> None:
        self.values.set_log(log)
        self._show_titles()
        self.keeper.keep()

    def _arrange_logs(self) -> None:
        for button, tip in (
            (self.open_button, tr("Open the files of another log beside these (Ctrl+O)")),
            (self.clear, tr("Close all logs of this window")),
            (self.follow, tr("Read the files again as they grow, once a second at most")),
        ):
            button.setToolTip(tip)
            button.setAccessibleName(without_mnemonic(button.text()))
        self.side.addWidget(self.open_button)
        self.side.addWidget(self.runs_list, 1)
        self.side.addWidget(self.form)
        self.side.addWidget(self.unsaved)
        self.side.addWidget(self.follow)
        self.side.addWidget(self.clear)
        self.exports = ExportButtons(self, "training-log", self.lines, lambda: (self.values, self.rates))
        self.side.addWidget(self.exports)
        plots = QSplitter(Qt.Orientation.Vertical)
        for widget in (self.values, self.rates, self.table):
            plots.addWidget(widget)
        plots.setSizes([420, 170, 150])
        beside = QSplitter(Qt.Orientation.Horizontal)
        beside.addWidget(plots)
        beside.addWidget(Column(self.page, chars=_PAGE_CHARS))
        beside.setStretchFactor(0, 1)
        self.plots.addWidget(beside)
        self._list_runs()

    def _connect(self) -> None:
        self.opener.opened.connect(self.add)
        self.opener.refused.connect(self._await)
        self.follow.toggled.connect(self.follower.set_on)
        self.follower.grown.connect(self.add)
        self.follower.problem.connect(self.show_message)
        self.form.changed.connect(self.rebuild)
        self.form.scale_changed.connect(self._set_log)
        self.open_button.clicked.connect(lambda _checked=False: self.opener.choose_files())
        self.clear.clicked.connect(lambda _checked=False: self.close_logs())
        self.runs_list.shown_changed.connect(self.rebuild)
        self.runs_list.chosen.connect(lambda _row: self.rebuild())
        self.page.range_test_requested.connect(self._range_test)
        self.page.answered.connect(self._answer)
        self.table.row_chosen.connect(self._go)
        for plot, other in ((self.values, self.rates), (self.rates, self.values)):
            plot.clicked.connect(self._click)
            plot.ranged.connect(other.set_x_range)
        for key, slot in (
            (QKeySequence(QKeySequence.StandardKey.Open), self.open_button.click),
            (QKeySequence("Ctrl+L"), self.form.log_scale.click),
        ):
            QShortcut(key, self).activated.connect(slot)
