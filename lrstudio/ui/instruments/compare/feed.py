"""The jobs that compute the standings of the runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from lrstudio.engine.compare.comparison import Comparison, Standing
from lrstudio.engine.compare.fairness import Caveat, caveats
from lrstudio.engine.compare.seeds import over_seeds, seeds_from
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.session.bench import Bench, LatestJob, Work

PAUSE_MS = 250
"""Least time between two comparisons of a running experiment."""
Standings = tuple[Standing, ...]


class CompareFeed(QObject):
    """Compares the runs of a trace, at most every 250 ms; of several requests in that time the last counts."""

    compared = Signal(object, object, object)
    """Emits the trace, a tuple of standings and a tuple of caveats."""
    failed = Signal(str)

    def __init__(self, bench: Bench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job = LatestJob[object](bench)
        self._request: tuple[Experiment, Trace, int | None] | None = None
        self._comparison: tuple[Trace, Comparison] | None = None
        self._since = QElapsedTimer()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._start)

    def ask(self, experiment: Experiment, trace: Trace, step: int | None) -> None:
        """Compares the runs at a step of a trace; None is the newest."""
        if self._request is None or self._request[1] is not trace:
            self.forget()
        self._request = experiment, trace, step
        self._start()

    def forget(self) -> None:
        """Cancels the comparison and releases its trace."""
        self._job.cancel()
        self._request = self._comparison = None

    def _start(self) -> None:
        if self._request is None or self._job.busy or self._pause.isActive():
            return
        experiment, trace, step = self._request
        last = trace.length - 1 if step is None else step
        state = experiment, last, trace.hits.tobytes(), trace.ends.tobytes()  # distinguishes states of a growing trace
        if self._comparison is None:
            self._comparison = trace, Comparison(experiment, trace)
        comparison = self._comparison[1]

        def compute(work: Work) -> tuple[Trace, Standings, tuple[Caveat, ...]] | None:
            standings = comparison.at(experiment, step, work.stop)
            return None if standings is None else (trace, standings, caveats(experiment, trace))

        if self._job.ask(state, compute, self._done, failed=self._fail):
            self._since.start()

    def _done(self, result: tuple[Trace, Standings, tuple[Caveat, ...]] | None) -> None:
        self._start_pause()
        if result is not None:
            self.compared.emit(*result)
        self._start()

    def _start_pause(self) -> None:
        """Waits at least as long as the job took, to leave time to others."""
        took = self._since.elapsed()
        self._pause.start(max(PAUSE_MS - took, took))

    def _fail(self, why: str) -> None:
        self._start_pause()
        self.failed.emit(why)


class SeedsFeed(QObject):
    """Repeats an experiment over several seeds; `standings` has a tuple of runs for each seed computed so far."""

    changed = Signal()
    ended = Signal()
    failed = Signal(str)

    def __init__(self, bench: Bench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job = LatestJob[Experiment](bench)
        self._experiment: Experiment | None = None
        self.seeds: tuple[int, ...] = ()
        self.standings: Sequence[Standings] = ()

    @property
    def fraction(self) -> float | None:
        """Share that is computed; None while no job runs."""
        return self._job.fraction

    def start(self, experiment: Experiment, count: int) -> None:
        """Starts in place of an earlier job and its standings."""
        self.cancel()
        seeds = seeds_from(experiment.seed, count)
        self._experiment, self.seeds = experiment, seeds
        self._job.ask(
            None, lambda work: _repeated(experiment, seeds, work), self._done, partial=self._take, failed=self._fail
        )

    def cancel(self) -> None:
        """Cancels the job and discards its standings."""
        self._job.cancel()
        self._experiment, self.standings = None, ()

    def belongs_to(self, experiment: Experiment) -> bool:
        """Returns whether this experiment is repeated, apart from names and colours."""
        return self._experiment is not None and experiment.bare() == self._experiment.bare()

    def _take(self, standings: list[Standings]) -> None:
        self.standings = standings
        self.changed.emit()

    def _done(self, standings: list[Standings]) -> None:
        self._take(standings)
        self.ended.emit()

    def _fail(self, why: str) -> None:
        self.cancel()
        self.failed.emit(why)


def _repeated(experiment: Experiment, seeds: Sequence[int], work: Work) -> list[Standings]:
    """Returns the standings of each seed, and publishes those of the first ones."""
    of_seeds: list[Standings] = []
    for standings in over_seeds(experiment, seeds, work.stop, work.progress):
        of_seeds.append(standings)
        work.publish(list(of_seeds))
    return of_seeds
