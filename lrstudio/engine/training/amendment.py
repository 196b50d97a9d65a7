"""What of an experiment may change on the way, and what becomes of its plan then."""

from __future__ import annotations

from dataclasses import replace

from lrstudio.engine.experiment import Experiment


def may_follow(before: Experiment, after: Experiment, *, begun: bool, done: bool) -> bool:
    """Whether a simulation can go on with another experiment: it differs in what may change on the way only.

    That is rates, names, colours, the number of steps and the target loss; what T is to the schedules only at the
    start. Another rate means nothing to a simulation that has ended.
    """
    rates = [run.lr for run in after.runs] != [run.lr for run in before.runs]
    replanned = after.schedule_length != before.schedule_length and any(run.schedule.needs_length for run in after.runs)
    return _lasting(after) == _lasting(before) and not (rates and done) and not (replanned and begun)


def as_planned(before: Experiment, after: Experiment, *, begun: bool, done: bool) -> Experiment:
    """What becomes of an edited experiment: where it goes on, the schedules stay as they were planned.

    Where it needs a new start, or has not begun, they are planned for all of its steps.
    """
    kept = replace(after, horizon=None if after.steps == before.schedule_length else before.schedule_length)
    return kept if begun and may_follow(before, kept, begun=begun, done=done) else after.planned_anew()


def _lasting(experiment: Experiment) -> Experiment:
    """The experiment without what may change on the way."""
    runs = tuple(replace(run, lr=0.0, label="", color=0) for run in experiment.runs)
    return replace(experiment, runs=runs, steps=1, horizon=None, target_loss=None)
