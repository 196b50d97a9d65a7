"""How the runs are looked at: which are hidden, in which order they are listed, which is the baseline. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from lrstudio.engine.experiment import Run


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """Runs are places in the experiment; `order` holds every one of them."""

    order: tuple[int, ...]
    hidden: frozenset[int] = frozenset()
    baseline: int | None = None

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Self:
        """All shown, in their own order, no baseline."""
        return cls(order=tuple(range(len(runs))))

    @classmethod
    def saved_in(cls, view: dict[str, Any], runs: Sequence[Run]) -> Self:
        """What a session file kept; what does not fit the runs is left out."""
        places = range(len(runs))
        hidden, order = (
            [run for run in found if _is_place(run, places)] if isinstance(found := view.get(name), list) else []
            for name in ("hidden", "order")
        )
        baseline = view.get("baseline")
        return cls(
            order=tuple(order if sorted(order) == list(places) else places),
            hidden=frozenset(hidden),
            baseline=baseline if _is_place(baseline, places) else None,
        )

    def to_save(self) -> dict[str, Any]:
        """What a session file keeps."""
        return {"order": list(self.order), "hidden": sorted(self.hidden), "baseline": self.baseline}

    def toggled(self, run: int) -> Self:
        """A run hidden, or shown again."""
        return replace(self, hidden=self.hidden ^ {run})

    def with_hidden(self, runs: Sequence[int], hidden: bool) -> Self:
        """Some runs hidden, or shown."""
        return replace(self, hidden=self.hidden | set(runs) if hidden else self.hidden - set(runs))

    def compared_with(self, run: int) -> Self:
        """This run the baseline, or none where it was."""
        return replace(self, baseline=None if run == self.baseline else run)

    def moved(self, run: int, row: int) -> Self:
        """A run listed at this row; the others close up."""
        order = [other for other in self.order if other != run]
        order.insert(min(max(row, 0), len(order)), run)
        return replace(self, order=tuple(order))

    def following(self, old: Sequence[Run], new: Sequence[Run]) -> Self:
        """The same for the same runs after an edit: those before and after what was added, removed or replaced."""
        if len(old) == len(new):
            return self
        first, end = _changed(old, new)
        shift = len(new) - len(old)

        def place(run: int) -> int | None:
            return run if run < first else run + shift if run >= end else None

        return replace(
            self,
            order=self._order_with(place, range(first, end + shift)),
            hidden=frozenset(now for run in self.hidden if (now := place(run)) is not None),
            baseline=None if self.baseline is None else place(self.baseline),
        )

    def _order_with(self, place: Callable[[int], int | None], new: range) -> tuple[int, ...]:
        """The order with new runs in place of the ones that are gone, or at the end."""
        order: list[int] = []
        waiting = list(new)
        for run in self.order:
            now = place(run)
            if now is not None:
                order.append(now)
            else:
                order += waiting
                waiting = []
        return (*order, *waiting)


def _is_place(value: object, places: range) -> bool:
    return type(value) is int and value in places


def _changed(old: Sequence[Run], new: Sequence[Run]) -> tuple[int, int]:
    """The first run that differs, and the end in `old` of those that do."""
    fewer = min(len(old), len(new))
    first = next((place for place in range(fewer) if old[place] != new[place]), fewer)
    most = fewer - first
    tail = next((back for back in range(most) if old[-1 - back] != new[-1 - back]), most)
    return first, len(old) - tail
