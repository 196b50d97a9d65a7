"""A plot that follows a trace, with an item or more for every run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtWidgets import QWidget

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.drawing.pixels import PixelItem
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.look.theme import RunStyle, Theme

_MOST_NAMED = 3


@dataclass(frozen=True)
class PlotOptions:
    """What is chosen for all plots at once.

    `smoothing` is the share of the old mean in smoothed losses, `in_space` whether a landscape of two parameters is
    seen from aside, `run` the run that is shown where only one can be.
    """

    log_loss: bool = True
    log_steps: bool = False
    smoothing: float = 0.0
    in_space: bool = False
    run: int = 0


class PlotCanvas(Plot):
    """Shows the runs of an experiment; those that are hidden are neither drawn nor read."""

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

    # What a canvas is told.

    def set_experiment(self, experiment: Experiment, trace: Trace) -> None:
        """Show a trace from its first row, one curve per run, or the shown trace with other names and colours."""
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
        """Take over what concerns this plot."""
        self.select(options.run)

    def select(self, run: int) -> None:
        """Take over the run that is selected."""

    def rebuild(self) -> None:
        """Make all items anew."""
        self.clear_runs()
        self.length = 0
        if self.trace is not None:
            self.build()
            self.refresh()
            self.set_theme(self.theme)
            self.set_hidden(self.hidden)

    def refresh(self) -> bool:
        """Draw what is new in the trace; False where nothing is."""
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
        """Seconds that the last refresh and the last painting took."""
        return self._refresh_cost + self._paint_cost

    def set_step(self, step: int | None) -> bool:
        """Put the walking points at this step, None at the newest; False where they stand there already."""
        if step == self.step:
            return False
        self.step = step
        if self.trace is not None and self.length:
            self.draw()
            self.update_reading()
        return True

    def set_hidden(self, runs: Iterable[int]) -> None:
        """Hide these runs (places in experiment.runs) and show the others."""
        self.hidden = frozenset(runs)
        for run, item in self._run_items:
            item.setVisible(run not in self.hidden)
        self.header.entries = self.legend()
        self.header.update()
        if self.length:
            self.follow()
        self.update_reading()

    # What a canvas says about itself.

    @property
    def unfinished(self) -> bool:
        """Whether there is more to draw of the rows that were seen: what takes long is done in pieces."""
        return False

    def build(self) -> None:
        """Make the items of a new experiment."""

    def draw(self) -> None:
        """Bring the items up to the trace and to `step`."""

    @property
    def readable(self) -> bool:
        return self.trace is not None and self.length > 0

    # What canvases use.

    def style(self, run: int) -> RunStyle:
        """The looks of a run of the experiment."""
        assert self.experiment is not None
        return self.theme.run_style(self.experiment.runs[run].color)

    def name(self, run: int) -> str:
        """What a run is called."""
        assert self.experiment is not None
        return self.experiment.label(run)

    def row(self, run: int) -> int:
        """The row at which a run's walking point stands: its last, or that of `step`."""
        assert self.trace is not None
        last = self.trace.rows(run) - 1
        return last if self.step is None else min(self.step, last)

    def visible_runs(self) -> list[int]:
        return [] if self.trace is None else [run for run in range(self.trace.runs) if run not in self.hidden]

    def set_titles(self, title: str, x: str, note: str = "") -> None:
        self._note = note
        super().set_titles(title, x, note)
        self._show_outside()

    def tell_outside(self, outside: dict[int, str]) -> None:
        """Say which runs are not wholly in view: ▲ above, ▼ below, ◀ ▶ beside it."""
        if outside != self.outside:
            self.outside = outside
            self.header.entries = self.legend()
        self._show_outside()

    def marked(self, run: int) -> str:
        """What a run is called in the legend, and where it has left the view."""
        return f"{self.name(run)} {self.outside.get(run, '')}".rstrip()

    def _show_outside(self) -> None:
        """Without a legend the note names them."""
        runs: dict[str, list[str]] = {}
        for run, mark in self.outside.items() if not self.header.entries else ():
            runs.setdefault(mark, []).append(self.name(run))
        told = [
            self.tr("{mark} cut off: {names}").format(
                mark=mark, names=", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
            )
            for mark, names in runs.items()
        ]
        note = " · ".join(filter(None, [self._note, *told]))
        if note != self.header.note:
            self.header.note = note
            self.header.update()

    def add_run_item(self, run: int, item: PixelItem) -> None:
        """Add an item that is hidden with its run, and what belongs to it."""
        for part in (item, item.behind):
            if part is not None:
                self._run_items.append((run, part))
                part.setParentItem(
                    self.plotItem.vb.childGroup
                )  # addItem keeps books that nobody reads, at twice the cost

    def clear_runs(self) -> None:
        for _, item in self._run_items:
            self.scene().removeItem(item)
        self._run_items, self.outside = [], {}


class OneRunCanvas(PlotCanvas):
    """Shows what can only be shown of one run, the selected one."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.selected = 0
        super().__init__(theme, parent)

    def select(self, run: int) -> None:
        if run != self.selected:
            self.selected = run
            if self.trace is not None and self.length:
                self.draw()
