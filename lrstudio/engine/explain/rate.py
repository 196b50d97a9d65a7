"""How the schedule's rule gives the rate of a step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrstudio.core.formula.evaluate import Value, evaluate
from lrstudio.core.formula.parse import parse_rule
from lrstudio.core.formula.rule import LossRule
from lrstudio.core.formula.simplify import simplified_rule
from lrstudio.core.formula.typeset import typeset_name
from lrstudio.engine.explain.line import Line, Numbers, Place, Writer
from lrstudio.engine.explain.replay import Replay, Stop

_NOWHERE = Place((), ())


def rate_lines(replay: Replay, step: int, stop: Stop) -> tuple[tuple[Line, ...], float]:
    """The lines of the schedule for a step, and the rate (a number) that they give; raises Stopped."""
    run, steps, lr0 = replay.experiment.runs[replay.run], replay.experiment.schedule_length, replay.lr0(step)
    numbers = run.schedule.numbers(steps, lr0)
    environment: dict[str, Value] = {**numbers, "t": float(step), "T": float(steps), "lr0": lr0}
    if run.schedule.follows_loss:
        if step == 0:
            return _lines("lr = lr0", numbers, environment)
        environment |= _remembered(replay, step - 1, stop)
        lines, rate = _lines(run.schedule.rule, numbers, environment, _rule(replay, step).state_names)
        return lines, rate if replay.lr0(step - 1) == lr0 else _follower(replay, step, stop)[0]
    return _lines(run.schedule.rule, numbers, environment)


def _lines(
    text: str, numbers: dict[str, float], environment: dict[str, Value], wanted: Sequence[str] = ("lr",)
) -> tuple[tuple[Line, ...], float]:
    deciding = {name: float(value) for name, value in environment.items()}
    rule = simplified_rule(parse_rule(text), numbers, deciding, wanted)
    found = []
    for place, line in enumerate(rule):
        value = float(evaluate(line.expression, environment))
        writer = Writer(_NOWHERE, environment)
        found.append(writer.line(f"rate:{place}", "rate", line, value))
        environment[line.name] = value
    if all(line.name != "lr" for line in rule):  # it stays as it was
        found.append(Line("rate:lr", "rate", typeset_name("lr"), (), (Numbers("", (), float(environment["lr"])),)))
    return tuple(found), float(environment["lr"])


def _remembered(replay: Replay, before: int, stop: Stop) -> dict[str, Value]:
    """What a schedule that follows the loss knows when it makes the rate of the step after `before`."""
    state = _follower(replay, before, stop)
    names = _rule(replay, before).state_names
    loss = float(replay.row("loss", before))
    known: dict[str, Value] = dict(zip(names, state, strict=True))
    return known | {"t": float(before), "loss": loss, "lr0": replay.lr0(before)}


def _follower(replay: Replay, step: int, stop: Stop) -> list[float]:
    """The state with which a step begins, the rate first."""
    return [float(value[0]) for value in replay.schedule_states(_rule(replay, step), step, stop)]


def _rule(replay: Replay, step: int) -> LossRule:
    run, lr0 = replay.experiment.runs[replay.run], replay.lr0(step)
    numbers = run.schedule.numbers(replay.experiment.schedule_length, lr0)
    hyper = {name: np.array([value]) for name, value in numbers.items()}
    return LossRule(run.schedule.rule, hyper, np.array([lr0]))
