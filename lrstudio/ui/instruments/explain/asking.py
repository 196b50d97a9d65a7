"""One question after the other about the steps of a trace: the last one that was asked is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.explain.explanation import Explanation, explain
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.session.bench import Bench, Work


@dataclass(frozen=True)
class Question:
    """Which step is to be explained; equal questions have equal answers. `recorded` tells whether it was made."""

    trace: Trace
    experiment: Experiment
    run: int
    step: int
    recorded: bool
    parameter: int


class Asking:
    """Answers on the bench. What was replayed for one question is known for the next, also where it was cancelled."""

    def __init__(self, bench: Bench, done: Callable[[Explanation | None], None], failed: Callable[[str], None]) -> None:
        self._bench, self._done, self._failed = bench, done, failed
        self._replay: Replay | None = None
        self._work: Work | None = None
        self._since = 0.0
        self.question: Question | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._work is not None

    @property
    def seconds(self) -> float:
        """How long ago the last question was asked."""
        return perf_counter() - self._since

    def ask(self, question: Question) -> None:
        """Ask this in the place of what was asked before."""
        self.forget()
        self.question, self._since = question, perf_counter()
        self._work = self._bench.start(lambda work: self._answer(question, work), done=self._end, failed=self._fail)

    def forget(self) -> None:
        """Nothing is asked any more."""
        if self._work is not None:
            self._work.cancel()
        self._work = self.question = None

    def _answer(self, question: Question, work: Work) -> Explanation | None:
        replay = self._replay
        if replay is None or replay.trace is not question.trace or replay.run != question.run:
            replay = Replay(question.experiment, question.trace, question.run)
        elif replay.experiment is not question.experiment:
            replay = replay.amended(question.experiment)
        self._replay = replay
        return explain(replay, question.step, question.parameter, work.stop)

    def _end(self, explanation: Explanation | None) -> None:
        self._work = None
        self._done(explanation)

    def _fail(self, why: str) -> None:
        self._work = None
        self._failed(why)
