"""Which step is to be explained, and how its explanation is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.explain.explanation import Explanation, explain
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.training.trace import Trace


@dataclass(frozen=True)
class ExplainRequest:
    """A step of a run of a trace; equal requests have equal explanations. `recorded`: the step is in the trace."""

    trace: Trace
    experiment: Experiment
    run: int
    step: int
    recorded: bool
    parameter: int


class Explainer:
    """Keeps the replay of one request for the next, also where it was cancelled."""

    def __init__(self) -> None:
        self._replay: Replay | None = None

    def explain(self, request: ExplainRequest, stop: Callable[[], bool]) -> Explanation | None:
        """Returns the explanation; None where it was stopped."""
        replay = self._replay
        if replay is None or replay.trace is not request.trace or replay.run != request.run:
            replay = Replay(request.experiment, request.trace, request.run)
        elif replay.experiment is not request.experiment:
            replay = replay.amended(request.experiment)
        self._replay = replay
        return explain(replay, request.step, request.parameter, stop)
