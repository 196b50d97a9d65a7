"""Background verdicts of the runs at the time cursor, also while they run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import NamedTuple

from PySide6.QtCore import QElapsedTimer, QObject

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.judgement import judge_run, too_early
from lrstudio.engine.training.batch_runner import compiled
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.runs.panel import RunsPanel
from lrstudio.ui.session.bench import Bench, LatestJob, Work
from lrstudio.ui.session.cursor import Cursor
from lrstudio.ui.session.open_session import OpenSession

_RUNNING_MS, _CURSOR_MS = 300, 40
"""Minimum intervals between verdicts: while running, and while the cursor moves."""
_PAUSE_RATIO = 10
"""Minimum interval while running, as a multiple of the duration of the last judgement."""
_BATCH_SECONDS = 0.2
"""Time after which the remaining runs wait for the next job."""

Verdicts = Mapping[int, Verdict | None]


class _Snapshot(NamedTuple):
    """The input of verdicts: an experiment, its trace, a row (None is the newest) and the length then."""

    experiment: Experiment | None
    trace: Trace | None
    row: int | None
    length: int
    running: bool


_EMPTY = _Snapshot(None, None, None, 0, False)


class RunVerdicts(QObject):
    """Checks once a frame whether the verdicts are current, and recomputes them on the bench."""

    def __init__(self, session: OpenSession, cursor: Cursor, panel: RunsPanel, bench: Bench) -> None:
        super().__init__(panel)
        self._session, self._cursor, self._panel = session, cursor, panel
        self._judged = _EMPTY
        self._pending: list[int] = []
        self._verdicts: dict[int, Verdict | None] = {}
        self._concealed = False
        self._job = LatestJob[object](bench)
        self._judge = _Judge()
        self._since = QElapsedTimer()
        self._took = 0
        session.feed.frame.connect(self.refresh)
        session.experiment_changed.connect(self._clear_without_simulation)
        session.simulation_changed.connect(self._clear)

    @property
    def settled(self) -> bool:
        """Whether the shown verdicts are current."""
        return not self._job.busy and not self._pending and self._judged == self._snapshot()

    def conceal(self, concealed: bool) -> None:
        """Shows the verdicts without their theory, whose limit answers a lesson that asks for a rate, or with it."""
        if concealed != self._concealed:
            self._concealed = concealed
            self._show()

    def refresh(self) -> None:
        """Starts a job if the verdicts are outdated and the last one is long enough ago."""
        session, snapshot = self._session, self._snapshot()
        if self._job.busy or session.simulation is None or snapshot.trace is None:
            return
        if snapshot == self._judged and not self._pending:
            return
        pause = max(_RUNNING_MS, _PAUSE_RATIO * self._took) if snapshot.running and snapshot.row is None else _CURSOR_MS
        if self._since.isValid() and self._since.elapsed() < pause:
            return
        if snapshot != self._judged:
            self._pending = _judging_order(snapshot.trace.runs, self._panel.current, self._pending)
        self._judged = snapshot
        self._since.start()
        judge, experiment, runs = self._judge, session.experiment, tuple(self._pending)
        self._job.ask(
            None, lambda work: judge(work, experiment, snapshot, runs), self._take, failed=lambda _why: self._take({})
        )

    def _snapshot(self) -> _Snapshot:
        session = self._session
        running = session.state is State.RUNNING
        row = self._cursor.step
        length = 0 if session.trace is None else session.trace.length
        return _Snapshot(session.experiment, session.trace, row, length if row is None else 0, running)

    def _take(self, verdicts: Verdicts) -> None:
        self._took = self._since.elapsed() if self._since.isValid() else 0
        self._verdicts |= verdicts
        self._pending = [run for run in self._pending if run not in verdicts] if verdicts else []
        self._show()

    def _show(self) -> None:
        shown = self._verdicts
        if self._concealed:
            shown = {run: verdict and verdict.without_theory() for run, verdict in shown.items()}
        self._panel.show_verdicts(shown)

    def _clear_without_simulation(self) -> None:
        if self._session.simulation is None:  # the next one is being prepared
            self._clear()

    def _clear(self) -> None:
        self._job.cancel()
        self._judged, self._pending, self._verdicts = _EMPTY, [], {}
        self._since.invalidate()
        self._panel.show_verdicts({})


class _Judge:
    """Computes verdicts on the bench; caches the compiled loss of the last problem."""

    def __init__(self) -> None:
        self._cache: tuple[object, Objective] | None = None

    def __call__(self, work: Work, experiment: Experiment, snapshot: _Snapshot, runs: Sequence[int]) -> Verdicts:
        begin = perf_counter()
        verdicts: dict[int, Verdict | None] = {}
        for run in runs:
            if work.stop() or (verdicts and perf_counter() - begin > _BATCH_SECONDS):
                break
            verdicts[run] = self._verdict(experiment, snapshot, run)
        return verdicts

    def _verdict(self, experiment: Experiment, snapshot: _Snapshot, run: int) -> Verdict | None:
        trace = snapshot.trace
        if trace is None or run >= min(trace.runs, len(experiment.runs)):
            return None
        last = trace.rows(run) - 1 if snapshot.row is None else min(snapshot.row, trace.rows(run) - 1)
        if too_early(experiment, trace, run, last):
            return None
        return judge_run(experiment, trace, run, self._objective(experiment), row=last)

    def _objective(self, experiment: Experiment) -> Objective:
        key = experiment.problem, experiment.seed, experiment.precision
        if self._cache is None or self._cache[0] != key:
            self._cache = key, compiled(experiment)
        return self._cache[1]


def _judging_order(runs: int, current: int, pending: Sequence[int]) -> list[int]:
    """Returns the order of the runs: the current one, those pending from the last job, the others."""
    order = [current, *pending, *range(runs)]
    return [run for run in dict.fromkeys(order) if run < runs]
