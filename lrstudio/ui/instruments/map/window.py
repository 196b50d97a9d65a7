"""The window of maps: the verdicts, or a loss, for two numbers of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lrstudio.core.language import sentences, tr
from lrstudio.engine.sweep.axis import names
from lrstudio.store.csv.table import sweep_rows
from lrstudio.ui.fields.rows import show_choice
from lrstudio.ui.instruments.exports import ExportButtons
from lrstudio.ui.instruments.map.canvas import MapCanvas
from lrstudio.ui.instruments.map.colors import Column
from lrstudio.ui.instruments.map.form import MapForm
from lrstudio.ui.instruments.map.legend import MapLegend
from lrstudio.ui.instruments.map.presets import Preset, presets
from lrstudio.ui.instruments.map.range import MapRange, MapViews, usual_range
from lrstudio.ui.instruments.map.request import MapRequest, MapResult, compute_map, session_request
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench, LatestJob
from lrstudio.ui.session.open_session import OpenSession


class MapWindow(InstrumentWindow):
    """Shows one map at a time, computed again from coarse to fine after every change."""

    def __init__(self, session: OpenSession, bench: Bench, theme: Theme, parent: QWidget) -> None:
        super().__init__(tr("Map"), session, bench, theme, parent)
        self.request: MapRequest | None = None
        self.result: MapResult | None = None
        self.column: Column = "verdict"
        self.views = MapViews()
        self.presets = presets()
        self._source: int | Preset = 0
        self._start_time = 0.0
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
        self.form_fields.click.follow(run)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.request is None:
            self.show_source(self._source)
        elif not self.busy and (self.result is None or self.result.picture.share < 1):  # closed half-way
            self.show_map(self.request)

    def show_source(self, source: int | Preset) -> None:
        """Maps a run of the session, or opens a preset."""
        self._source = source
        self.form_fields.show_source(source)
        if isinstance(source, Preset):
            request, self.column = source.request, source.column
        else:
            request = session_request(self.session.experiment, source)
        show_choice(self.form_fields.column, self.column)
        self._show_whole(request)

    def show_map(self, request: MapRequest) -> None:
        """Computes a map in place of the one that is being computed."""
        self.request, fields = request, self.form_fields
        fields.show_request(request)
        fields.back.setEnabled(self.views.can_go(-1))
        fields.forward.setEnabled(self.views.can_go(1))
        fields.home.setEnabled(not self.views.at_home)
        style = lambda: (self.column, self.theme)  # noqa: E731
        if self.compute(request, lambda work: compute_map(request, style, work), self._finish_map, self._show):
            self.result = None
            self.exports.setEnabled(False)
            self.canvas.show_request(request)
            self._start_time = perf_counter()
            self.show_message(self._about())
        else:
            self._recolor()

    def _about(self) -> str:
        """Describes the map, a preset only while its experiment (apart from the steps) and its axes are unchanged."""
        if not isinstance(self._source, Preset):
            return tr("Every cell is this run with other numbers.")
        preset, shown = self._source.request, self.request
        assert shown is not None
        same = replace(preset.experiment, steps=shown.experiment.steps) == shown.experiment
        axes = {preset.x.name, preset.y.name} == {shown.x.name, shown.y.name}
        return self._source.about if same and axes else ""

    def show_column(self, column: Column) -> None:
        """Shows another column of the same runs."""
        self.column = column
        self._recolor()

    def go(self, by: int) -> None:
        """Shows the ranges that were in view before (-1) or after (1)."""
        if self.request is not None and self.views.can_go(by):
            x, y = self.views.go(by)
            self.show_map(replace(self.request, x=x, y=y))

    def go_home(self) -> None:
        """Shows the whole map."""
        if not self.views.at_home:
            self._show_ranges(*self.views.home)

    def table(self) -> Iterator[str]:
        """Returns the lines of the map as CSV."""
        assert self.result is not None
        return sweep_rows(self.result.sweep, self.result.picture.summary)

    def _show(self, result: MapResult) -> None:
        if result.request != self.request:
            return
        self.result = result
        self.canvas.show_result(result)
        scale = result.colored.scale
        self.legend.show_scale(self.form_fields.column_name(scale.column), scale)
        self.exports.setEnabled(True)

    def _finish_map(self, result: MapResult | None) -> None:
        if result is None:
            return
        self._show(result)
        if result.colored.scale.column != self.column:
            self._recolor()
        runs, seconds = result.sweep.cells, perf_counter() - self._start_time
        text = tr("{runs:,} runs of {steps} steps in {seconds:.1f} s")
        done = text.format(runs=runs, steps=result.request.experiment.steps, seconds=seconds)
        self.show_message(sentences(self._about(), done.replace(",", "\u202f")))

    def _recolor(self) -> None:
        """Draws a complete map in other colours; one that is being computed takes them by itself."""
        result, column, theme = self.result, self.column, self.theme
        if result is not None and not self.busy:
            self._recoloring.ask(None, lambda _work: result.recolored(column, theme), self._show)

    def _rename(self, side: str, name: str) -> None:
        if self.request is None:
            return
        other = self.request.y if side == "x" else self.request.x
        if name == other.name:  # exchange the axes
            self._show_whole(replace(self.request, x=self.request.y, y=self.request.x))
            return
        try:
            span = usual_range(self.request.experiment, name)
        except ValueError as error:  # the name has one value only
            self.form_fields.show_request(self.request)
            self.show_message(str(error), warning=True)
            return
        self._show_whole(replace(self.request, **{side: span}))  # type: ignore[arg-type]

    def _show_whole(self, request: MapRequest) -> None:
        self.views.restart(request.x, request.y)
        self.show_map(request)

    def _change_side(self, side: str, changed: MapRange) -> None:
        if self.request is not None:
            request = replace(self.request, **{side: changed})  # type: ignore[arg-type]
            self._show_ranges(request.x, request.y)

    def _show_ranges(self, x: MapRange, y: MapRange) -> None:
        if self.request is not None:
            self.views.add(x, y)
            self.show_map(replace(self.request, x=x, y=y))

    def _change(self, *, steps: int = 0, side: int = 0) -> None:
        request = self.request
        if request is not None:
            experiment = replace(request.experiment, steps=steps or request.experiment.steps)
            self.show_map(replace(request, experiment=experiment, side=side or request.side))

    def _open_cell(self, x: float, y: float) -> None:
        """Adds the run of the clicked cell to the session, or changes the run that the form names."""
        if self.result is None:
            return
        sweep = self.result.sweep
        across, upwards = (axis.values for axis in sweep.axes)
        cell = sweep.experiment_at(upwards.index(y) * len(across) + across.index(x))
        if self.open_run(cell, self.form_fields.click.currentData()):
            self.show_message(tr("It is among the runs of the session now; Undo there takes it back."))

    def _session_changed(self) -> None:
        """Lists the runs of the session, and computes the map again if its run has changed."""
        session = self.session.experiment
        self.form_fields.show_sources(session, self.presets, self._source)
        if isinstance(self._source, Preset) or self.request is None:
            return
        run = min(self._source, len(session.runs) - 1)
        fresh = session_request(session, run).experiment
        if replace(fresh, steps=self.request.experiment.steps) == self.request.experiment:
            return
        if not self.isVisible():
            self.request = None
            return
        if {self.request.x.name, self.request.y.name} <= set(names(fresh)):
            self.show_map(replace(self.request, experiment=fresh))
        else:
            self.show_source(run)

    def _connect(self) -> None:
        fields, canvas = self.form_fields, self.canvas
        fields.source_chosen.connect(self.show_source)
        for side, edits in (("x", fields.across), ("y", fields.upwards)):
            edits.renamed.connect(lambda name, side=side: self._rename(side, name))
            edits.changed.connect(lambda changed, side=side: self._change_side(side, changed))
        for field in (fields.across, fields.upwards, fields.steps):
            field.refused.connect(lambda why: self.show_message(why, warning=True))
        fields.side_chosen.connect(lambda side: self._change(side=side))
        fields.steps_chosen.connect(lambda steps: self._change(steps=steps))
        fields.column_chosen.connect(self.show_column)
        fields.back.clicked.connect(lambda _checked: self.go(-1))
        fields.forward.clicked.connect(lambda _checked: self.go(1))
        fields.home.clicked.connect(lambda _checked: self.go_home())
        canvas.zoomed.connect(self._show_ranges)
        canvas.home_requested.connect(self.go_home)
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
