"""The layout of the views as immutable data, without widgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Self

from lrstudio.core.record import dataclass

Columns = tuple[tuple[str, ...], ...]
_MOST = 1e6


@dataclass(frozen=True, kw_only=True)
class ViewLayout:
    """Columns of views from left to right, each from top to bottom; every view is in one of them, hidden or not.

    `widths` are the shares of the columns, `heights` those of the views within theirs.
    """

    columns: Columns
    widths: tuple[float, ...]
    heights: Mapping[str, float]
    hidden: frozenset[str] = frozenset()

    def to_save(self) -> dict[str, Any]:
        """Returns the layout as JSON data."""
        return {
            "columns": [list(column) for column in self.columns],
            "widths": list(self.widths),
            "heights": dict(self.heights),
            "hidden": sorted(self.hidden),
        }

    def restored(self, saved: dict[str, Any]) -> Self:
        """Returns the saved layout, or this one if the data are invalid.

        Views that the data lack are inserted below the same view as in this layout; unknown ones are dropped.
        """
        columns, widths, heights, hidden = (saved.get(name) for name in ("columns", "widths", "heights", "hidden"))
        if not (isinstance(columns, list) and all(isinstance(column, list) for column in columns)):
            return self
        if not (isinstance(widths, list) and isinstance(heights, dict) and isinstance(hidden, list)):
            return self
        views = [view for column in columns for view in column]
        if not all(isinstance(view, str) for view in [*views, *hidden]) or len(set(views)) < len(views):
            return self
        if len(columns) != len(self.columns) or len(widths) != len(columns):
            return self
        if not all(_is_share(share) for share in [*widths, *heights.values()]):
            return self
        merged = [[view for view in column if view in self.heights] for column in columns]
        for column, first in zip(merged, self.columns, strict=True):
            for row, view in enumerate(first):
                if view not in views:
                    above = next((other for other in reversed(first[:row]) if other in column), None)
                    column.insert(0 if above is None else column.index(above) + 1, view)
        return replace(
            self,
            columns=tuple(tuple(column) for column in merged),
            widths=tuple(float(width) for width in widths),
            heights={view: float(heights.get(view, height)) for view, height in self.heights.items()},
            hidden=frozenset(view for view in self.heights if view in (hidden if view in views else self.hidden)),
        )

    def toggled(self, view: str) -> Self:
        """Returns the layout with a view hidden or shown."""
        return replace(self, hidden=self.hidden ^ {view})

    def swapped(self, one: str, other: str) -> Self:
        """Returns the layout with two views exchanged; the sizes stay at their positions."""
        exchanged = {one: other, other: one}
        heights = {view: self.heights[exchanged.get(view, view)] for view in self.heights}
        columns = tuple(tuple(exchanged.get(view, view) for view in column) for column in self.columns)
        return replace(self, columns=columns, heights=heights)

    def moved(self, view: str, direction: str, shown: Iterable[str]) -> Self:
        """Returns the layout with a view moved left, right, up or down among the visible ones; unchanged at the edge.

        Up and down it is exchanged with the next view. In another column it keeps its row.
        """
        at = next(index for index, column in enumerate(self.columns) if view in column)
        visible = [name for name in self.columns[at] if name in set(shown)]
        if direction in ("up", "down"):
            to = visible.index(view) + (1 if direction == "down" else -1) if view in visible else -1
            return self.swapped(view, visible[to]) if 0 <= to < len(visible) else self
        to = at + (1 if direction == "right" else -1)
        if not 0 <= to < len(self.columns):
            return self
        columns = [[name for name in column if name != view] for column in self.columns]
        columns[to].insert(self.columns[at].index(view), view)
        return replace(self, columns=tuple(tuple(column) for column in columns))

    def resized(self, widths: Mapping[int, float], heights: Mapping[str, float]) -> Self:
        """Returns the layout with new sizes of some columns and views; the others keep their shares."""
        now = dict(enumerate(self.widths))
        shares = _rescaled(dict(self.heights), heights)
        return replace(self, widths=tuple(_rescaled(now, widths).values()), heights=shares)


def _rescaled(shares: dict[Any, float], sizes: Mapping[Any, float]) -> dict[Any, float]:
    """Returns the shares with some replaced in proportion to sizes; their sum stays the same."""
    total = sum(sizes.values())
    before = sum(shares[name] for name in sizes)
    return shares | {name: size * before / total for name, size in sizes.items()} if total > 0 else shares


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _MOST
