"""The map: two numbers of a run, the verdict of every pair of them, and a way into the boundary between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lrstudio.engine.sweep.axis import names
from lrstudio.store.csv.table import sweep_rows
from lrstudio.ui.fields.rows import show_choice
from lrstudio.ui.instruments.exports import ExportButtons
from lrstudio.ui.instruments.map.canvas import MapCanvas
from lrstudio.ui.instruments.map.colors import Column
from lrstudio.ui.instruments.map.form import MapForm
from lrstudio.ui.instruments.map.legend import MapLegend
from lrstudio.ui.instruments.map.presets import Preset, of_session, presets
from lrstudio.ui.instruments.map.question import MapAnswer, MapQuestion, answered
from lrstudio.ui.instruments.map.range import MapRange, MapViews, usual_range
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench, LatestJob, Work
from lrstudio.ui.session.open_session import OpenSession


class MapWindow(InstrumentWindow):
    """One map at a time; every change of the question computes it anew, from coarse to fine."""

    def __init__(self, session: OpenSession, bench: Bench, theme: Theme, parent: QWidget) -> None:
        super().__init__(self.tr("Map"), session, bench, theme, parent)
        self.question: MapQuestion | None = None
        self.answer: MapAnswer | None = None
        self.column: Column = "verdict"
        self.views = MapViews()
        self.presets = presets()
        self._source: int | Preset = 0
        self._began = 0.0
        self.form_fields, self.canvas, self.legend = MapForm(), MapCanvas(theme), MapLegend(theme)
        self._recoloring = LatestJob[object](bench)
        self._arrange_map()
        self._connect()
        self.form_fields.show_sources(session.experiment, self.presets, self._source)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.legend.set_theme(theme)
        self._recolor()

    def select(self, run: int) -> None:
        """Where a click changes a run, it is the selected one."""
        if self.form_fields.click.currentData() is not None:
            show_choice(self.form_fields.click, run)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.question is None:
            self.take(self._source)
        elif not self.busy and (self.answer is None or self.answer.picture.share < 1):  # closed half-way
            self.ask(self.question)

    def take(self, source: int | Preset) -> None:
        """Map a run of the session, or what is ready."""
        self._source = source
        self.form_fields.show_source(source)
        if isinstance(source, Preset):
            question, self.column = source.question, source.column
        else:
            question = of_session(self.session.experiment, source)
        self.form_fields.column.setCurrentIndex(self.form_fields.column.findData(self.column))
        self.views.begin(question.x, question.y)
        self.ask(question)

    def ask(self, question: MapQuestion) -> None:
        """Compute a map; the one that is under way is given up."""
        self.question = question
        self.form_fields.show_question(question)
        self.form_fields.show_moves(
            back=self.views.can_go(-1), forward=self.views.can_go(1), home=not self.views.at_home
        )
        if self.compute(question, lambda work: self._answered(question, work), self._finished, self._show):
            self.answer = None
            self.canvas.ask(question)
            self._began = perf_counter()
            self.say(self._about())
        else:
            self._recolor()

    def _about(self) -> str:
        """What there is to see; of what is ready only while experiment (its steps apart) and axes are its own."""
        if not isinstance(self._source, Preset):
            return self.tr("Every cell is this run with other numbers.")
        ready, shown = self._source.question, self.question
        assert shown is not None
        same = replace(ready.experiment, steps=shown.experiment.steps) == shown.experiment
        axes = {ready.x.name, ready.y.name} == {shown.x.name, shown.y.name}
        return self._source.about if same and axes else ""

    def show_column(self, column: Column) -> None:
        """Show something else of the same runs."""
        self.column = column
        self._recolor()

    def go(self, by: int) -> None:
        """Look at the part that was in view before, or after it."""
        if self.question is not None and self.views.can_go(by):
            self.ask(self.question.with_ranges(*self.views.go(by)))

    def go_home(self) -> None:
        """Look at the whole map."""
        if self.question is not None and not self.views.at_home:
            self._look_at(*self.views.home)

    def table(self) -> Iterator[str]:
        """The lines of the map as CSV."""
        assert self.answer is not None
        return sweep_rows(self.answer.sweep, self.answer.picture.summary)

    def _answered(self, question: MapQuestion, work: Work) -> MapAnswer | None:
        return answered(question, lambda: (self.column, self.theme), work)

    def _show(self, answer: MapAnswer) -> None:
        if answer.question != self.question:
            return
        self.answer = answer
        self.canvas.show_answer(answer)
        scale = answer.colored.scale
        self.legend.show_scale(self.form_fields.column_name(scale.column), scale)
        self.exports.setEnabled(True)

    def _finished(self, answer: MapAnswer | None) -> None:
        if answer is None:
            return
        self._show(answer)
        if answer.colored.scale.column != self.column:
            self._recolor()
        runs, seconds = answer.sweep.cells, perf_counter() - self._began
        steps = answer.question.experiment.steps
        done = self.tr("{runs:,} runs of {steps} steps in {seconds:.1f} s").format(
            runs=runs, steps=steps, seconds=seconds
        )
        self.say(f"{self._about()} {done.replace(',', ' ')}".strip())

    def _recolor(self) -> None:
        """The picture that is there in other colours; one that is under way takes them by itself."""
        answer, column, theme = self.answer, self.column, self.theme
        if answer is not None and not self.busy:
            self._recoloring.ask(None, lambda _work: answer.recolored(column, theme), self._show)

    def _rename(self, side: str, name: str) -> None:
        if self.question is None:
            return
        other = self.question.y if side == "x" else self.question.x
        if name == other.name:  # they change places
            self._ask_whole(replace(self.question, x=self.question.y, y=self.question.x))
            return
        try:
            span = usual_range(self.question.experiment, name)
        except ValueError as error:  # there is but one value
            self.form_fields.show_question(self.question)
            self.say(str(error), warning=True)
            return
        self._ask_whole(replace(self.question, **{side: span}))  # type: ignore[arg-type]

    def _ask_whole(self, question: MapQuestion) -> None:
        self.views.begin(question.x, question.y)
        self.ask(question)

    def _change_side(self, side: str, changed: MapRange) -> None:
        if self.question is not None:
            question = replace(self.question, **{side: changed})  # type: ignore[arg-type]
            self._look_at(question.x, question.y)

    def _look_at(self, x: MapRange, y: MapRange) -> None:
        if self.question is not None:
            self.views.add(x, y)
            self.ask(self.question.with_ranges(x, y))

    def _change(self, *, steps: int = 0, side: int = 0) -> None:
        question = self.question
        if question is not None:
            experiment = replace(question.experiment, steps=steps or question.experiment.steps)
            self.ask(replace(question, experiment=experiment, side=side or question.side))

    def _open_cell(self, x: float, y: float) -> None:
        """The clicked cell comes into the session."""
        if self.answer is None:
            return
        sweep = self.answer.sweep
        places = [axis.values.index(value) for axis, value in zip(sweep.axes, (x, y), strict=True)]
        cell = sweep.opened(places[1] * len(sweep.axes[0].values) + places[0])
        if self.open_run(cell, self.form_fields.click.currentData()):
            self.say(self.tr("It is among the runs of the session now; Undo there takes it back."))

    def _session_changed(self) -> None:
        """Other runs can be chosen; a map of a run that has changed is computed anew."""
        session = self.session.experiment
        self.form_fields.show_sources(session, self.presets, self._source)
        if isinstance(self._source, Preset) or self.question is None:
            return
        place = min(self._source, len(session.runs) - 1)
        fresh = of_session(session, place).experiment
        if replace(fresh, steps=self.question.experiment.steps) == self.question.experiment:
            return
        if not self.isVisible():
            self.question = None
            return
        known = names(fresh)
        if self.question.x.name in known and self.question.y.name in known:
            self.ask(replace(self.question, experiment=fresh))
        else:
            self.take(place)

    def _connect(self) -> None:
        fields, canvas = self.form_fields, self.canvas
        fields.source_chosen.connect(self.take)
        for side, edits in (("x", fields.across), ("y", fields.upwards)):
            edits.renamed.connect(lambda name, side=side: self._rename(side, name))
            edits.changed.connect(lambda changed, side=side: self._change_side(side, changed))
            edits.refused.connect(lambda why: self.say(why, warning=True))
        fields.side_chosen.connect(lambda side: self._change(side=side))
        fields.steps_chosen.connect(lambda steps: self._change(steps=steps))
        fields.column_chosen.connect(self.show_column)
        fields.back.clicked.connect(lambda _checked: self.go(-1))
        fields.forward.clicked.connect(lambda _checked: self.go(1))
        fields.home.clicked.connect(lambda _checked: self.go_home())
        canvas.zoomed.connect(self._look_at)
        canvas.home_asked.connect(self.go_home)
        canvas.chosen.connect(self._open_cell)
        self.session.experiment_changed.connect(self._session_changed)

    def _arrange_map(self) -> None:
        plot = QWidget()
        layout = QHBoxLayout(plot)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.legend)
        self.plots.addWidget(plot)
        self.side.addWidget(self.form_fields)
        self.exports = ExportButtons(self, "map", self.table, lambda: (self.canvas, self.legend))
        self.side.addWidget(self.exports)
        self.side.addStretch(1)
