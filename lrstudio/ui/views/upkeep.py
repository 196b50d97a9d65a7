"""Canvases are brought up to what the session shows: few runs at once, of many one canvas a frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.open_session import OpenSession

_FEW = 12
"""With so many runs all canvases are made anew in some 10 ms; with 60 a single one takes as long."""


class Upkeep:
    """What is not `seen` waits until it is. A canvas that waits shows what it showed before, whole."""

    def __init__(self, session: OpenSession, seen: Callable[[], Sequence[PlotCanvas]], theme: Theme) -> None:
        self.theme = theme
        self._session, self._seen = session, seen
        self._fresh: set[PlotCanvas] = set()

    def renew(self) -> None:
        """The theme, the trace, the experiment or which runs are hidden may have changed."""
        self._fresh.clear()
        self.look_again()

    def look_again(self) -> None:
        """Others may be seen than before."""
        if len(self._session.experiment.runs) <= _FEW:
            while self.bring_one():
                pass

    def bring_one(self) -> bool:
        """Bring one canvas that is seen up to date; False where all are."""
        canvas = next((canvas for canvas in self._seen() if canvas not in self._fresh), None)
        if canvas is not None:
            self.bring(canvas)
        return canvas is not None

    def bring(self, canvas: PlotCanvas) -> None:
        """Bring a canvas up to date now, seen or not."""
        if canvas in self._fresh:
            return
        self._fresh.add(canvas)
        trace, experiment = self._session.trace, self._session.experiment
        if trace is None or self._session.simulation is None:
            if canvas.theme is not self.theme:  # another trace is on its way, and this is not one of these runs
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
