"""The step of one run whose vectors are shown on a landscape."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF

from lrstudio.core.array import Array
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.landscape.vectors import Vector, VectorItem


class ExplainedStep:
    """`places` has where the runs are (n, R, 2) in the rows from one to another."""

    def __init__(self, places: Callable[[int, int], Array]) -> None:
        self.item = VectorItem()
        self._places = places
        self._trace: Trace | None = None
        self._step: tuple[int, int, Sequence[Vector]] | None = None

    def set_step(self, trace: Trace | None, run: int, row: int, vectors: Sequence[Vector]) -> None:
        """The vectors of the step that a run of a trace makes from a row; none end the explanation."""
        self._trace, self._step = trace, (run, row, vectors) if vectors else None

    def draw(self, canvas: PlotCanvas) -> int | None:
        """Show the vectors where the canvas looks at their step; which run's they are."""
        if canvas.trace is not self._trace or self._step is None or not self._looked_at(canvas, *self._step[:2]):
            self.item.set_vectors(QPointF(), (), canvas.theme, canvas.header.font())
            return None
        run, row, vectors = self._step
        at = QPointF(*self._places(row, row + 1)[0, run])
        self.item.set_vectors(at, vectors, canvas.theme, canvas.header.font())
        return run

    @staticmethod
    def _looked_at(canvas: PlotCanvas, run: int, row: int) -> bool:
        """Whether the run's point stands at either end of the step."""
        assert canvas.trace is not None
        return run in canvas.visible_runs() and row < canvas.trace.rows(run) and 0 <= canvas.row(run) - row <= 1
