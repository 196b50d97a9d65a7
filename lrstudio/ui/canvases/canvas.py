"""The base classes of plots of a trace, with one or more items per run."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter

import numpy as np
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.experiment.pace import Equal
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.drawing.pixels import PixelItem
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.look.theme import RunStyle, Theme

_MOST_NAMED = 3


@dataclass(frozen=True)
class PlotOptions:
    """Options of all plots.

    `axis` is what the horizontal axis counts. `smoothing` is the decay beta of the moving average of losses, `in_space`
    shows a landscape of two parameters in 3D, `run` is the selected run, for plots of a single run.
    """

    log_loss: bool = True
    log_steps: bool = False
    axis: Equal = "steps"
    smoothing: float = 0.0
    in_space: bool = False
    run: int = 0


class PlotCanvas(Plot):
    """Shows the visible runs of an experiment."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.experiment: Experiment | None = None
        self.trace: Trace | None = None
        self.hidden: frozenset[int] = frozenset()
        self.step: int | None = None
        self.outside: dict[int, str] = {}
        self._note = ""
        self._run_items: list[tuple[int, PixelItem]] = []
        self.length = 0
        self._refresh_cost = 0.0
        super().__init__(theme, parent)

    # Called by the views.

    def set_experiment(self, experiment: Experiment, trace: Trace) -> None:
        """Shows a trace from its first row, or updates names and colours if the trace is the same."""
        edited = trace is self.trace and self.experiment is not None and experiment.problem == self.experiment.problem
        self.experiment, self.trace = experiment, trace
        if edited:
            self.set_theme(self.theme)
            self.follow()
            return
        self.step = None
        self.following = True
        self.rebuild()

    def set_options(self, options: PlotOptions) -> None:
        """Applies the options that concern this plot."""
        self.select(options.run)

    def select(self, run: int) -> None:
        """Reacts to the selection of a run."""

    def rebuild(self) -> None:
        """Rebuilds all items."""
        self.clear_runs()
        self.length = 0
        if self.trace is not None:
            self.build()
            self.refresh()
            self.set_theme(self.theme)
            self.set_hidden(self.hidden)

    def forget(self) -> None:
        """Lets go of the trace, for a hidden plot; the next `set_experiment` draws one anew."""
        self.clear_runs()
        self.trace, self.length = None, 0

    def refresh(self) -> bool:
        """Draws new rows of the trace; returns False if there are none."""
        if self.trace is None or (self.trace.length == self.length and not self.unfinished):
            return False
        began = perf_counter()
        self.length = self.trace.length
        self.draw()
        self.follow()
        self.update_reading()
        self._refresh_cost = perf_counter() - began
        return True

    @property
    def cost(self) -> float:
        """Duration of the last refresh and the last painting in seconds."""
        return self._refresh_cost + self._paint_cost

    def set_step(self, step: int | None) -> bool:
        """Moves the markers to a step, or to the newest if None; returns False if nothing changes."""
        if step == self.step:
            return False
        self.step = step
        if self.trace is not None and self.length:
            self.draw()
            self.update_reading()
        return True

    def set_hidden(self, runs: Iterable[int]) -> None:
        """Hides the runs with these indices and shows the others."""
        self.hidden = frozenset(runs)
        for run, item in self._run_items:
            item.setVisible(run not in self.hidden)
        self.header.entries = self.legend()
        self.header.update()
        if self.length:
            self.follow()
        self.update_reading()

    # Overridden by canvases.

    @property
    def unfinished(self) -> bool:
        """Whether further refreshes are needed to draw the rows so far."""
        return False

    def build(self) -> None:
        """Creates the items of a new experiment."""

    def draw(self) -> None:
        """Updates the items to the trace and to `step`."""

    @property
    def readable(self) -> bool:
        return self.trace is not None and self.length > 0

    # Used by canvases.

    def style(self, run: int) -> RunStyle:
        """Returns the style of a run."""
        assert self.experiment is not None
        return self.theme.run_style(self.experiment.runs[run].color)

    def name(self, run: int) -> str:
        """Returns the name of a run."""
        assert self.experiment is not None
        return self.experiment.label(run)

    def row(self, run: int) -> int:
        """Returns the row of a run's marker: that of `step`, at most the run's last."""
        assert self.trace is not None
        last = self.trace.rows(run) - 1
        return last if self.step is None else min(self.step, last)

    def shown_weights(self, run: int) -> Array:
        """Returns the weights (P,) of a run at its marker: the last ones that were saved up to there."""
        assert self.trace is not None
        return np.asarray(self.trace.weights(self.row(run))[1][run])

    def visible_runs(self) -> list[int]:
        return [] if self.trace is None else [run for run in range(self.trace.runs) if run not in self.hidden]

    def set_titles(self, title: str, x: str, note: str = "") -> None:
        self._note = note
        super().set_titles(title, x, note)
        self._show_outside()

    def set_outside(self, outside: dict[int, str]) -> None:
        """Sets the marks of runs that leave the view: ▲ ▼ ◀ ▶."""
        if outside != self.outside:
            self.outside = outside
            self.header.entries = self.legend()
        self._show_outside()

    def legend_text(self, run: int) -> str:
        """Returns a run's name with the marks of the edges through which it leaves the view."""
        return f"{self.name(run)} {self.outside.get(run, '')}".rstrip()

    def _show_outside(self) -> None:
        """Names the runs outside in the note of a plot without a legend."""
        runs: dict[str, list[str]] = {}
        for run, mark in self.outside.items() if not self.header.entries else ():
            runs.setdefault(mark, []).append(self.name(run))
        texts = [
            tr(
                "{mark} cut off: {names}",
                mark=mark,
                names=", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else ""),
            )
            for mark, names in runs.items()
        ]
        note = " · ".join(filter(None, [self._note, *texts]))
        if note != self.header.note:
            self.header.note = note
            self.header.update()

    def add_run_item(self, run: int, item: PixelItem) -> None:
        """Adds an item and its companion, which are hidden with their run."""
        for part in (item, item.behind):
            if part is not None:
                self._run_items.append((run, part))
                part.setParentItem(self.plotItem.vb.childGroup)  # half the cost of addItem

    def clear_runs(self) -> None:
        for _, item in self._run_items:
            self.scene().removeItem(item)
        self._run_items, self.outside = [], {}


class OneRunCanvas(PlotCanvas):
    """Shows the selected run only."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.selected = 0
        super().__init__(theme, parent)

    def select(self, run: int) -> None:
        if run != self.selected:
            self.selected = run
            if self.trace is not None and self.length:
                self.draw()
