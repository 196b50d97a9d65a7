"""Where the numbers of the comparison come from: computed at the bench, one job at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from lrstudio.engine.compare.comparison import Comparison, Standing
from lrstudio.engine.compare.fairness import Caveat, caveats
from lrstudio.engine.compare.seeds import over_seeds, seeds_from
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.session.bench import Bench, Work

PAUSE_MS = 250
"""From one look at a run that goes on to the next."""
Standings = tuple[Standing, ...]


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is to be looked at; the stamp tells one state of a growing trace from another."""

    experiment: Experiment
    trace: Trace
    step: int | None

    @property
    def stamp(self) -> tuple[object, ...]:
        last = self.trace.length - 1 if self.step is None else self.step
        return self.experiment, id(self.trace), last, self.trace.hits.tobytes(), self.trace.ends.tobytes()


class CompareFeed(QObject):
    """Tells how the runs of a trace stand, at most every 250 ms; of what is asked for meanwhile the last counts."""

    known = Signal(object, object, object)
    """The trace that was looked at, a tuple of standings and a tuple of caveats."""
    failed = Signal(str)

    def __init__(self, bench: Bench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self._asked: _Asked | None = None
        self._told: tuple[object, ...] = ()
        self._busy = False
        self._comparison: tuple[Trace, Comparison] | None = None
        self._since = QElapsedTimer()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._look)

    def ask(self, experiment: Experiment, trace: Trace, step: int | None) -> None:
        """Look at a step of a trace, None the newest; the answer is for what was asked last."""
        self._asked = _Asked(experiment, trace, step)
        self._look()

    def forget(self) -> None:
        """Another trace is on its way: do not keep the old one alive."""
        self._asked = self._comparison = None
        self._told = ()

    def _look(self) -> None:
        asked = self._asked
        if asked is None or self._busy or self._pause.isActive() or asked.stamp == self._told:
            return
        self._told = asked.stamp
        self._busy = True
        self._since.start()
        self._bench.start(lambda work: self._job(asked, work), done=self._done, failed=self._fail)

    def _job(self, asked: _Asked, work: Work) -> tuple[Trace, Standings, tuple[Caveat, ...]] | None:
        """At the bench. A trace that is no longer wanted is left at once."""

        def stop() -> bool:
            return work.stop() or self._asked is None or self._asked.trace is not asked.trace

        kept = self._comparison
        if kept is None or kept[0] is not asked.trace:
            kept = self._comparison = asked.trace, Comparison(asked.experiment, asked.trace)
        standings = kept[1].at(asked.experiment, asked.step, stop)
        return None if standings is None else (asked.trace, standings, caveats(asked.experiment, asked.trace))

    def _done(self, found: tuple[Trace, Standings, tuple[Caveat, ...]] | None) -> None:
        self._rest()
        if found is not None and self._asked is not None and found[0] is self._asked.trace:
            self.known.emit(*found)
        else:
            self._told = ()  # what was left may be asked for again
        self._look()

    def _rest(self) -> None:
        """Leave at least as much time to others as the job took."""
        took = self._since.elapsed()
        self._busy = False
        self._pause.start(max(PAUSE_MS - took, took))

    def _fail(self, why: str) -> None:
        self._rest()
        self.failed.emit(why)


class SeedsFeed(QObject):
    """Repeats an experiment over several seeds; `standings` has what is known so far, a tuple of runs for each seed."""

    changed = Signal()
    ended = Signal()
    failed = Signal(str)

    def __init__(self, bench: Bench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self._work: Work | None = None
        self._experiment: Experiment | None = None
        self.seeds: tuple[int, ...] = ()
        self.standings: Sequence[Standings] = ()

    @property
    def fraction(self) -> float | None:
        """Which share is computed; None where nothing is under way."""
        return None if self._work is None else self._work.fraction

    def start(self, experiment: Experiment, count: int) -> None:
        """Begin; what was known before is forgotten."""
        self.cancel()
        seeds = seeds_from(experiment.seed, count)
        self._experiment, self.seeds = experiment, seeds
        self._work = self._bench.start(
            lambda work: _repeated(experiment, seeds, work), told=self._take, done=self._done, failed=self._fail
        )

    def cancel(self) -> None:
        """Compute no further and forget what is known."""
        if self._work is not None:
            self._work.cancel()
        self._work, self._experiment, self.standings = None, None, ()

    def belongs_to(self, experiment: Experiment) -> bool:
        """Whether it is this experiment that is repeated; names and colours do not matter."""
        return self._experiment is not None and experiment.bare() == self._experiment.bare()

    def _take(self, found: list[Standings]) -> None:
        self.standings = found
        self.changed.emit()

    def _done(self, found: list[Standings]) -> None:
        self._work = None
        self._take(found)
        self.ended.emit()

    def _fail(self, why: str) -> None:
        self.cancel()
        self.failed.emit(why)


def _repeated(experiment: Experiment, seeds: Sequence[int], work: Work) -> list[Standings]:
    """At the bench: tells what it knows after each seed."""
    found: list[Standings] = []
    for standings in over_seeds(experiment, seeds, work.stop, work.progress):
        found.append(standings)
        work.tell(list(found))
    return found
