"""The display of the runs: which are hidden, in which order they are listed, which is the baseline. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self

from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Run


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """Runs are indices in the experiment; `order` is a permutation of them."""

    order: tuple[int, ...]
    hidden: frozenset[int] = frozenset()
    baseline: int | None = None

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Self:
        """Returns all runs visible, in their own order, without a baseline."""
        return cls(order=tuple(range(len(runs))))

    @classmethod
    def from_view(cls, view: dict[str, Any], runs: Sequence[Run]) -> Self:
        """Returns the arrangement of a session file, without values that are not valid for the runs."""
        indices = range(len(runs))
        hidden, order = (
            [run for run in saved if _is_index(run, indices)] if isinstance(saved := view.get(name), list) else []
            for name in ("hidden", "order")
        )
        baseline = view.get("baseline")
        return cls(
            order=tuple(order if sorted(order) == list(indices) else indices),
            hidden=frozenset(hidden),
            baseline=baseline if _is_index(baseline, indices) else None,
        )

    def to_view(self) -> dict[str, Any]:
        """Returns the arrangement as JSON for a session file."""
        return {"order": list(self.order), "hidden": sorted(self.hidden), "baseline": self.baseline}

    def toggled(self, run: int) -> Self:
        """Returns the arrangement with the visibility of a run inverted."""
        return replace(self, hidden=self.hidden ^ {run})

    def with_hidden(self, runs: Sequence[int], hidden: bool) -> Self:
        """Returns the arrangement with some runs hidden or visible."""
        return replace(self, hidden=self.hidden | set(runs) if hidden else self.hidden - set(runs))

    def compared_with(self, run: int) -> Self:
        """Returns the arrangement with this run as the baseline, or with none if it was the baseline."""
        return replace(self, baseline=None if run == self.baseline else run)

    def moved(self, run: int, row: int) -> Self:
        """Returns the arrangement with a run moved to this row."""
        order = [other for other in self.order if other != run]
        order.insert(min(max(row, 0), len(order)), run)
        return replace(self, order=tuple(order))

    def after_edit(self, old: Sequence[Run], new: Sequence[Run]) -> Self:
        """Returns the arrangement of the same runs after some were added, removed or replaced."""
        if len(old) == len(new):
            return self
        first, end = _changed(old, new)
        shift = len(new) - len(old)

        def new_index(run: int) -> int | None:
            return run if run < first else run + shift if run >= end else None

        return replace(
            self,
            order=self._order_with(new_index, range(first, end + shift)),
            hidden=frozenset(index for run in self.hidden if (index := new_index(run)) is not None),
            baseline=None if self.baseline is None else new_index(self.baseline),
        )

    def _order_with(self, new_index: Callable[[int], int | None], new: range) -> tuple[int, ...]:
        """Returns the order with new runs instead of the removed ones, or at the end."""
        order: list[int] = []
        added = list(new)
        for run in self.order:
            index = new_index(run)
            if index is not None:
                order.append(index)
            else:
                order += added
                added = []
        return (*order, *added)


def _is_index(value: object, indices: range) -> bool:
    return type(value) is int and value in indices


def _changed(old: Sequence[Run], new: Sequence[Run]) -> tuple[int, int]:
    """Returns the first index that differs, and the end in `old` of the part that differs."""
    shorter = min(len(old), len(new))
    first = next((index for index in range(shorter) if old[index] != new[index]), shorter)
    rest = shorter - first
    tail = next((index for index in range(rest) if old[-1 - index] != new[-1 - index]), rest)
    return first, len(old) - tail
