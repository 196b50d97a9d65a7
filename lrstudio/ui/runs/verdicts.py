"""Judges the runs while they run and where the time cursor stands, without holding up the window."""

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

_EVERY_MS, _MOVED_MS = 300, 40
"""So long the verdicts stay while it runs, and while the cursor is moved."""
_SHARE = 10
"""While it runs, the pause from one judgement to the next in lengths of the last."""
_AT_ONCE = 0.2
"""Seconds after which the runs that are left wait for the next turn."""

Verdicts = Mapping[int, Verdict | None]


class _Moment(NamedTuple):
    """What verdicts are of: an experiment, its trace, a row of it, None the newest, and how long it was."""

    experiment: Experiment | None
    trace: Trace | None
    row: int | None
    length: int
    running: bool


_NOTHING = _Moment(None, None, None, 0, False)


class RunVerdicts(QObject):
    """Looks once a frame whether the verdicts are still those of what is shown, and has them made anew on the bench."""

    def __init__(self, session: OpenSession, cursor: Cursor, panel: RunsPanel, bench: Bench) -> None:
        super().__init__(panel)
        self._session, self._cursor, self._panel = session, cursor, panel
        self._judged = _NOTHING
        self._left: list[int] = []
        self._verdicts: dict[int, Verdict | None] = {}
        self._job = LatestJob[object](bench)
        self._judge = _Judge()
        self._since = QElapsedTimer()
        self._took = 0
        session.feed.frame.connect(self.look)
        session.experiment_changed.connect(self._forget_others)
        session.simulation_changed.connect(self._forget)

    @property
    def settled(self) -> bool:
        """Whether the verdicts shown are those of this moment."""
        return not self._job.busy and not self._left and self._judged == self._moment()

    def look(self) -> None:
        """Have the runs judged where that is due."""
        session, moment = self._session, self._moment()
        if self._job.busy or session.simulation is None or moment.trace is None:
            return
        if moment == self._judged and not self._left:
            return
        pause = max(_EVERY_MS, _SHARE * self._took) if moment.running and moment.row is None else _MOVED_MS
        if self._since.isValid() and self._since.elapsed() < pause:
            return
        if moment != self._judged:
            self._left = _turns(moment.trace.runs, self._panel.current, self._left)
        self._judged = moment
        self._since.start()
        judge, experiment, left = self._judge, session.experiment, tuple(self._left)
        self._job.ask(
            None, lambda work: judge(work, experiment, moment, left), self._take, failed=lambda _why: self._take({})
        )

    def _moment(self) -> _Moment:
        session = self._session
        running = session.state is State.RUNNING
        row = self._cursor.step
        length = 0 if session.trace is None else session.trace.length
        return _Moment(session.experiment, session.trace, row, length if row is None else 0, running)

    def _take(self, found: Verdicts) -> None:
        self._took = self._since.elapsed() if self._since.isValid() else 0
        self._verdicts |= found
        self._left = [run for run in self._left if run not in found] if found else []
        self._panel.show_verdicts(self._verdicts)

    def _forget_others(self) -> None:
        if self._session.simulation is None:  # another one is on its way
            self._forget()

    def _forget(self) -> None:
        self._job.cancel()
        self._judged, self._left, self._verdicts = _NOTHING, [], {}
        self._since.invalidate()
        self._panel.show_verdicts({})


class _Judge:
    """Lives on the bench; keeps the compiled loss of the last problem."""

    def __init__(self) -> None:
        self._known: tuple[object, Objective] | None = None

    def __call__(self, work: Work, experiment: Experiment, moment: _Moment, runs: Sequence[int]) -> Verdicts:
        begin = perf_counter()
        found: dict[int, Verdict | None] = {}
        for run in runs:
            if work.stop() or (found and perf_counter() - begin > _AT_ONCE):
                break
            found[run] = self._verdict(experiment, moment, run)
        return found

    def _verdict(self, experiment: Experiment, moment: _Moment, run: int) -> Verdict | None:
        trace = moment.trace
        if trace is None or run >= min(trace.runs, len(experiment.runs)):
            return None
        last = trace.rows(run) - 1 if moment.row is None else min(moment.row, trace.rows(run) - 1)
        if too_early(experiment, trace, run, last):
            return None
        return judge_run(experiment, trace, run, self._objective(experiment), row=last)

    def _objective(self, experiment: Experiment) -> Objective:
        key = experiment.problem, experiment.seed, experiment.precision
        if self._known is None or self._known[0] != key:
            self._known = key, compiled(experiment)
        return self._known[1]


def _turns(runs: int, current: int, left: Sequence[int]) -> list[int]:
    """In which order runs are judged: the selected one, those that had no turn, the others."""
    order = [current, *left, *range(runs)]
    return [run for run in dict.fromkeys(order) if run < runs]
