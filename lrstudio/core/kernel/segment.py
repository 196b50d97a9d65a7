"""Spells what is accumulated in the rows of a segment of a sweep: the same as `EvidenceAccumulator`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lrstudio.core.analysis.run_statistics import FAINT
from lrstudio.core.kernel.emitter import Function, get
from lrstudio.core.kernel.group import Group
from lrstudio.core.kernel.lanes import Lanes


class Segment(NamedTuple):
    """What is accumulated over some rows: the clear reversals of the first steps, the window, its outer blocks."""

    turns: bool = False
    window: bool = False
    outer: bool = False

    @property
    def name(self) -> str:
        """The name of the exported function, `advance` and more."""
        return "_".join(["advance", *(name for name, value in self._asdict().items() if value)])


class SegmentEvidence:
    """Takes rows in a function: weights `w0`, ... after `old0`, ..., gradient `g0`, ..., the `loss`, NaN in lanes
    whose runs have ended (`dead`), and `l`, the same without that.
    """

    def __init__(
        self, function: Function, group: Group, segment: Segment, lanes: Lanes, parameters: Sequence[int]
    ) -> None:
        self._function, self._group, self._segment, self._lanes = function, group, segment, lanes
        self._size = parameters

    @property
    def has_moves(self) -> bool:
        """Whether the weights before the newest update are used."""
        return self._segment.turns or self._segment.window

    @property
    def has_window(self) -> bool:
        """Whether the largest loss is accumulated."""
        return self._segment.window

    @property
    def columns(self) -> list[str]:
        """The columns that change."""
        every = self._size
        names = [f"move{p}" for p in every] if self.has_moves else []
        names += ["turns", "largest"] if self._segment.turns else []
        if self._segment.window:
            names += ["reversals", "square", "max_loss", "square_sum", *(f"slope_sum{p}" for p in every)]
        if self._segment.outer:
            names += ["loss_sum", "loss_square_sum", "changed"]
        return names

    def take_row(self) -> None:
        """Takes a row."""
        if self.has_moves:
            self._count_reversals()
        if self._segment.window:
            self._accumulate()

    def _count_reversals(self) -> None:
        function, lanes = self._function, self._lanes
        moves = [function.set(f"next{p}", "v128", lanes.op("sub", get(f"w{p}"), get(f"old{p}"))) for p in self._size]
        back = function.set("back", "v128", self._group.product(moves, [get(f"move{p}") for p in self._size]))
        if self._segment.turns:
            self._group.take_larger("largest", self._group.product(moves, moves))
            clear = lanes.op("lt", back, lanes.op("mul", lanes.const(-FAINT), get("largest")))
            self._group.count("turns", f"(v128.andnot {clear} {get('dead')})")
        if self._segment.window:
            self._group.count("reversals", lanes.op("lt", back, lanes.const(0)))
        for p in self._size:
            if self._segment.outer:
                function.set("changed", "v128", f"(v128.or {get('changed')} {moves[p]})")
            function.set(f"move{p}", "v128", moves[p])

    def _accumulate(self) -> None:
        """Takes a row of the window."""
        slopes = [get(f"g{p}") for p in self._size]
        square = self._function.set("own_square", "v128", self._group.product(slopes, slopes))
        self._group.take_larger("square", square)
        self._group.take_larger("max_loss", get("loss"))
        self._group.add("square_sum", square)
        for p, slope in enumerate(slopes):
            self._group.add(f"slope_sum{p}", slope)
        if self._segment.outer:
            self._group.add("loss_sum", get("l"))
            self._group.add_square("loss_square_sum", get("l"))
