"""Updates the canvases after changes of the session: all at once for few runs, otherwise one per frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.open_session import OpenSession

_FEW = 12
"""Up to this number of runs all canvases are rebuilt in some 10 ms; with 60 runs a single one takes as long."""


class CanvasUpdater:
    """Updates visible canvases; the others keep their contents until they are visible."""

    def __init__(
        self, session: OpenSession, visible_canvases: Callable[[], Sequence[PlotCanvas]], theme: Theme
    ) -> None:
        self.theme = theme
        self._session, self._visible_canvases = session, visible_canvases
        self._updated: set[PlotCanvas] = set()

    def invalidate(self) -> None:
        """Marks all canvases as outdated: theme, trace, experiment or hidden runs may have changed."""
        self._updated.clear()
        self.update_visible()

    def update_visible(self) -> None:
        """Updates the canvases that have become visible; of many runs `update_one` does it frame by frame."""
        if len(self._session.experiment.runs) <= _FEW:
            while self.update_one():
                pass

    def update_one(self) -> bool:
        """Updates one visible canvas; returns False if none is outdated."""
        canvas = next((canvas for canvas in self._visible_canvases() if canvas not in self._updated), None)
        if canvas is not None:
            self.update(canvas)
        return canvas is not None

    def update(self, canvas: PlotCanvas) -> None:
        """Updates a canvas, visible or not."""
        if canvas in self._updated:
            return
        self._updated.add(canvas)
        trace, experiment = self._session.trace, self._session.experiment
        if trace is None or self._session.simulation is None:
            if canvas.theme is not self.theme:  # the trace to come has other runs
                canvas.set_theme(self.theme)
            return
        hidden = self._session.arrangement.hidden
        if trace is not canvas.trace:
            canvas.hidden = hidden
        if trace is not canvas.trace or experiment != canvas.experiment:
            canvas.theme = self.theme
            canvas.set_experiment(experiment, trace)
        elif canvas.theme is not self.theme:
            canvas.set_theme(self.theme)
        if canvas.hidden != hidden:
            canvas.set_hidden(hidden)
