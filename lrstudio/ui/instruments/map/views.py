"""The parts of a map that were looked at, to go back and forward through."""

from __future__ import annotations

from lrstudio.ui.instruments.map.range import MapRange

View = tuple[MapRange, MapRange]


class MapViews:
    """The first is the whole map."""

    def __init__(self) -> None:
        self._views: list[View] = []
        self._place = 0

    @property
    def home(self) -> View:
        return self._views[0]

    @property
    def at_home(self) -> bool:
        return not self._views or self._views[self._place] == self._views[0]

    def begin(self, x: MapRange, y: MapRange) -> None:
        """Another map."""
        self._views, self._place = [(x, y)], 0

    def add(self, x: MapRange, y: MapRange) -> None:
        """Another part; what was ahead is forgotten."""
        if self._views[self._place] != (x, y):
            self._views[self._place + 1 :] = [(x, y)]
            self._place += 1

    def can_go(self, by: int) -> bool:
        return 0 <= self._place + by < len(self._views)

    def go(self, by: int) -> View:
        """The part that many further."""
        self._place += by
        return self._views[self._place]
