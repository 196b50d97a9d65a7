"""The order of a log's rows, decided as the file has them: which belong to one run, and what counts them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr, trn
from lrstudio.store.logs.model import COUNTER, LOSS, RATE, ROW, LogError, Ordered, Question, Table, dense
from lrstudio.store.logs.names import BATCH, EPOCH, SAMPLES, STEP, TIME, counter_priority, loss_priority, meaning

RESTARTS = "restarts"
"""Key of the question whether a counter that starts again means several runs."""
MOST_RUNS = 1000
_FEW = 4
"""Minimum ratio of two last counts that make one wonder whether they count the same."""
_SAME, _OTHER = 1e-6, 1e-3
"""Relative differences at which two rates are taken for the same, or for different ones."""


def ordered(table: Table, answers: Mapping[str, str]) -> Ordered:
    """Returns the runs of a table and their order; LogError if there are too many."""
    result = _Order(table, answers).result()
    if len(result.runs) > MOST_RUNS:
        raise LogError(
            tr(
                "starts again {count} times: at most {most} runs can be read",
                count=len(result.runs) - 1,
                most=MOST_RUNS,
            )
        )
    return result


class _Order:
    def __init__(self, table: Table, answers: Mapping[str, str]) -> None:
        self.table, self.answers = table, answers
        self.found = Ordered()

    def result(self) -> Ordered:
        count, found = self.table.count, self.found
        name, kind = self._counter()
        epoch = self._values(self._first(EPOCH)) if kind in (STEP, BATCH) else None
        if name is None:
            cuts = [row for row in self.table.breaks if 0 < row < count]
            found.runs = [(rows, np.arange(len(rows), dtype=float)) for rows in _cut(count, cuts)]
            if cuts:
                found.notes.append(
                    trn(
                        "the names are repeated: each table is a run",
                        "the names are repeated {n} times: each table is a run",
                        len(cuts),
                    )
                )
            return found
        found.counter, found.name = kind, name
        values = self._values(name)
        assert values is not None
        falls = bool((np.diff(values) < 0).any())
        if falls and self._each_rises(values):
            found.runs = [self._sorted(np.arange(count), values)]
            found.notes.clear()
            self._note_other_counts(values, kind)
        elif falls and epoch is not None:
            self._in_epochs(values, epoch)
        else:
            self._alone(values, kind)
        return found

    def _counter(self) -> tuple[str | None, str]:
        if self.table.counter is not None:
            name = self.table.counter
            known = any(column.name == name for column in self.table.columns)
            return (name, meaning(name).kind or STEP) if known else (None, ROW)
        for kind in sorted((STEP, BATCH, SAMPLES, EPOCH), key=self._is_rare):
            first = self._first(kind)
            if first is not None and (kind != BATCH or self._first(EPOCH) is not None or self._first(SAMPLES) is None):
                return first, kind
        time = self._first(TIME)
        return (None, ROW) if time is None else (time, TIME)

    def _is_rare(self, kind: str) -> bool:
        """Whether fewer than half of the rows with an epoch have this counter, as where a bar of tqdm had it."""
        rows = {None: 0} | {column.name: len(column.rows) for column in self.table.columns}
        return 0 < 2 * rows[self._first(kind)] < rows[self._first(EPOCH)]

    def _first(self, kind: str) -> str | None:
        """Returns the column that counts this, the one with the surest name of those with several values."""
        if self.table.counter == "":
            return None
        names = [
            column.name
            for column in self.table.columns
            if self._role(column.name) == COUNTER and meaning(column.name).kind == kind and len(column.rows)
        ]
        return min(names, key=counter_priority, default=None)

    def _values(self, name: str | None) -> Array | None:
        """Returns the counts of all rows (count,), where one is missing that of the row before."""
        column = next((column for column in self.table.columns if column.name == name), None)
        if column is None:
            return None
        values = dense(column, self.table.count)
        known = np.isfinite(values)
        if known.all():
            return values
        if not known.any():
            return np.zeros(self.table.count)
        last = np.maximum.accumulate(np.where(known, np.arange(len(values)), 0))
        last[: int(known.argmax())] = int(known.argmax())
        return values[last]

    def _each_rises(self, values: Array) -> bool:
        """Whether the count falls only between values of different names, each of which was logged in its order."""
        rows = [column.rows for column in self.table.columns if self._role(column.name) != COUNTER]
        other = any(values[row] <= values[0] for row in self.table.breaks if row < len(values))
        return not other and len(rows) > 1 and all((np.diff(values[own]) >= 0).all() for own in rows)

    def _note_other_counts(self, values: Array, kind: str) -> None:
        """Notes a name whose counts end so early that they may count something else, such as epochs."""
        ends = {
            column.name: float(values[column.rows[-1]])
            for column in self.table.columns
            if self._role(column.name) != COUNTER and len(column.rows) > 1
        }
        most = max(ends, key=lambda name: ends[name], default="")
        for name, end in ends.items():
            if _FEW * end < ends[most]:
                self._note(
                    tr(
                        "{name} ends at {kind} {end:g}, {most} at {ends:g}: they may count different things",
                        name=name,
                        kind=tr(kind),
                        end=end,
                        most=most,
                        ends=ends[most],
                    )
                )

    def _role(self, name: str) -> str:
        return (self.table.roles or {}).get(name) or meaning(name).role

    def _alone(self, values: Array, kind: str) -> None:
        """Orders rows by one counter, which starts again in another run or, counting batches, in another epoch."""
        cuts = _restarts(values)
        if cuts and kind not in (EPOCH, TIME) and self._is_one_run(kind, cuts):
            self.found.counter, self.found.name = ROW, ""
            self.found.notes.append(
                trn(
                    "the {kind} starts again: the rows are in the order of the file",
                    "the {kind} starts again {n} times: the rows are in the order of the file",
                    len(cuts),
                    kind=tr(kind),
                )
            )
            self.found.runs = [(np.arange(len(values)), np.arange(len(values), dtype=float))]
            return
        if cuts:
            self._note_runs(kind, cuts)
        parts = [(rows, values[rows]) for rows in _cut(len(values), cuts)]
        if self._repeats(parts):
            self.found.counter, self.found.name = ROW, ""
            self.found.notes.append(tr("the {kind}s repeat: rows were counted", kind=tr(kind)))
            self.found.runs = [(rows, np.arange(len(rows), dtype=float)) for rows, _at in parts]
        else:
            self.found.runs = [self._sorted(rows, at) for rows, at in parts]

    def _sorted(self, rows: Array, at: Array) -> tuple[Array, Array]:
        if not (np.diff(at) < 0).any():
            return rows, at
        order = np.argsort(at, kind="stable")
        self._note(tr("the steps were put in order"))
        return rows[order], at[order]

    def _note_runs(self, kind: str, cuts: list[int]) -> None:
        self.found.notes.append(
            trn(
                "the {kind} starts again: there are {count} runs",
                "the {kind} starts again {n} times: there are {count} runs",
                len(cuts),
                kind=tr(kind),
                count=len(cuts) + 1,
            )
        )

    def _note(self, text: str) -> None:
        if text not in self.found.notes:
            self.found.notes.append(text)

    def _repeats(self, parts: list[tuple[Array, Array]]) -> bool:
        """Whether half of the losses have the count of the one before, so that it does not say which row is which."""
        column = self._main()
        filled = np.ones(self.table.count, bool)
        if column is not None:
            filled[:] = False
            filled[column] = True
        repeated = total = 0
        for rows, at in parts:
            own = np.sort(at[filled[rows]])
            repeated += int((np.diff(own) == 0).sum())
            total += len(own)
        return total > 1 and 2 * repeated >= total

    def _main(self) -> Array | None:
        """Returns the rows of the loss, or else of the rate with most values."""
        for role in (LOSS, RATE):
            own = [each for each in self.table.columns if self._role(each.name) == role]
            if own:
                usual = [column for column in own if loss_priority(column.name) is not None] or own
                return max(usual, key=lambda column: len(column.rows)).rows
        return None

    def _in_epochs(self, values: Array, epoch: Array) -> None:
        """Orders rows by epoch and the count within it, which starts again in every epoch."""
        found, cuts = self.found, _restarts(epoch)
        if not cuts and not _restarts(values):
            self._alone(values, STEP)
            return
        if cuts:
            self._note_runs(EPOCH, cuts)
        parts = []
        for rows in _cut(len(values), cuts):
            order = rows[np.lexsort((values[rows], epoch[rows]))]
            if (np.diff(order) < 0).any():
                self._note(tr("the rows were put in the order of epoch and batch"))
            parts.append((order, values[order]))
        if all((np.diff(at) >= 0).all() for _rows, at in parts):
            found.runs = parts
            return
        self._note(tr("“{name}” starts again in every epoch: steps were counted over the epochs", name=found.name))
        found.counter, found.name = STEP, ""
        for rows, at in parts:
            fresh = (np.diff(at) != 0) | (np.diff(epoch[rows]) != 0)
            found.runs.append((rows, np.append(0, np.cumsum(fresh)).astype(float)))
        if self._repeats(found.runs):
            found.runs = [(rows, np.arange(len(rows), dtype=float)) for rows, _at in found.runs]

    def _is_one_run(self, kind: str, cuts: list[int]) -> bool:
        """Whether a count of steps that starts again means epochs of one run; asks where nothing shows it."""
        guess = kind == BATCH
        shown = set(cuts) <= set(self.table.breaks) or self._rates_start_again(cuts)
        if shown is not None:
            guess = not shown
        elif kind != BATCH:
            lengths = set(np.diff([0, *cuts]).tolist())
            guess = len(cuts) > 1 and len(lengths) == 1
        if shown is not None or kind == BATCH:
            return guess
        chosen = self.answers.get(RESTARTS, "epochs" if guess else "runs")
        text = trn(
            "The {kind} starts again. Are these several runs, or epochs of one run?",
            "The {kind} starts again {n} times. Are these several runs, or epochs of one run?",
            len(cuts),
            kind=tr(kind),
        )
        readings = (
            ("runs", tr("{count} runs", count=len(cuts) + 1)),
            ("epochs", tr("one run of {count} epochs", count=len(cuts) + 1)),
        )
        if chosen not in dict(readings):
            raise LogError(tr("{question}={reading}: must be runs or epochs", question=RESTARTS, reading=chosen))
        self.found.questions.append(Question(RESTARTS, text, readings, chosen, RESTARTS in self.answers))
        return chosen == "epochs"

    def _rates_start_again(self, cuts: list[int]) -> bool | None:
        """Whether the rates begin at every cut as they did at the first row; None where they do not tell."""
        for column in self.table.columns:
            if self._role(column.name) != RATE or not len(column.rows):
                continue
            after = np.searchsorted(column.rows, cuts)
            if (after >= len(column.rows)).any() or (after == 0).any():
                continue
            first, begins, ends = column.values[0], column.values[after], column.values[after - 1]
            scale = max(abs(first), 1e-300)
            if (np.abs(ends - first) <= _OTHER * scale).any():
                continue
            again = np.abs(begins - first) <= _SAME * scale
            if again.all() or not again.any():
                return bool(again.all())
        return None


def _cut(count: int, cuts: list[int]) -> list[Array]:
    return np.split(np.arange(count), cuts)


def _restarts(values: Array) -> list[int]:
    """Returns the rows at which a count goes back to where it began, or below, after it had risen."""
    drops = (np.flatnonzero(np.diff(values) < 0) + 1).tolist()
    cuts: list[int] = []
    for row in drops:
        begin = cuts[-1] if cuts else 0
        rose = values[row - 1] > values[begin]
        rises = row + 1 == len(values) or values[row + 1] >= values[row]
        if rose and rises and values[row] <= values[0]:
            cuts.append(row)
    return cuts
