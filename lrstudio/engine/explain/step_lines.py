"""Builds the lines of an explanation: loss and gradient, the schedule's rate, the optimizer's update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.evaluate import Value, evaluate
from lrstudio.core.formula.parity import parities
from lrstudio.core.formula.parse import Assignment, Expression, parse_expression, parse_rule
from lrstudio.core.formula.rule import LossRule
from lrstudio.core.formula.simplify import of_vector, simplified_rule
from lrstudio.core.formula.symbolic import size, slope
from lrstudio.core.formula.typeset import Piece, Pieces, Shown, typeset, typeset_name, typeset_number
from lrstudio.core.language import tr
from lrstudio.core.network.joins import named_functions
from lrstudio.engine.experiment import Stop
from lrstudio.engine.explain.line import Line, Numbers, Role, ShownParameters, Writer, distinguishing_digits, name_of
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.explain.retraining import Whole
from lrstudio.engine.training.rates import schedule_groups

_LONGEST_LOSS, _LONGEST_SLOPE = 45, 27
"""Longer formulas (names, numbers and operations) are not shown with numbers."""


def loss_lines(replay: Replay, shown: ShownParameters, step: int) -> tuple[Line, ...]:
    """Returns the lines of the loss at a step's weights and of its gradient for the shown parameters."""
    problem, trace = replay.experiment.problem, replay.trace
    w, g = replay.row("params", step), replay.row("grad", step)
    loss = float(replay.row("loss", step))
    if problem.network is not None:
        formula: Pieces = (Piece(tr("mean(cross entropy)")),)
        lines = [Line("loss", "loss", (Piece("loss"),), formula, (Numbers("", (), loss),))]
        return (*lines, *(_slope_line(shown, at, g, (), ()) for at in shown.indices), *_norms(replay, step))
    tree = parse_expression(problem.loss)
    here = dict(zip(trace.names, map(float, w), strict=True))
    short = size(tree) <= _LONGEST_LOSS
    lines = [Line("loss", "loss", (Piece("loss"),), typeset(tree), (_numbers(tree if short else None, here, loss),))]
    for at in shown.indices:
        if replay.experiment.gradient.mode == "analytic":
            steep = slope(tree, trace.names[at])
            readable = steep if size(steep) <= _LONGEST_SLOPE else None
            formula = () if readable is None else typeset(readable)
            lines.append(_slope_line(shown, at, g, formula, _numbers(readable, here, float(g[at])).pieces))
        else:
            lines.append(_measured_line(replay, shown, at, step))
    return tuple(lines)


def _numbers(tree: Expression | None, here: Mapping[str, float], value: float) -> Numbers:
    if tree is None or not tree.names() & here.keys():
        return Numbers("", (), value)
    return Writer(ShownParameters((), ()), here).numbers(tree, value)[0]


def _slope_line(shown: ShownParameters, at: int, g: Array, formula: Pieces, numbers: Pieces) -> Line:
    """Returns the line g = ∂loss/∂x = its formula."""
    name, alone = shown.names[at], len(shown.names) == 1
    curly = "d" if alone else "∂"
    whole = (Piece(f"{curly}loss/{curly}"), *typeset_name(name, flat=True))
    formula = (*whole, Piece(" = "), *formula) if formula else whole
    rows = (Numbers("", numbers, float(g[at])),)
    return Line(f"gradient:{at}", "loss", name_of("g", "" if alone else name), formula, rows, "gradient", g)


def _measured_line(replay: Replay, shown: ShownParameters, at: int, step: int) -> Line:
    """Returns the line of g as a difference quotient of measured losses."""
    gradient, g = replay.experiment.gradient, replay.row("grad", step)
    assert gradient.eps is not None
    eps = typeset_number(Shown(gradient.eps))
    name = shown.names[at]
    loss = Piece("loss")
    if gradient.mode == "central":
        text = f"(loss({name} + ε) − loss({name} − ε))/(2·ε),  ε = "
        numbers: Pieces = ()
    else:
        text = f"(loss({name} + ε) − {loss.text})/ε,  ε = "
        plus, here = float(replay.row("loss_plus", step)[at]), float(replay.row("loss", step))
        numbers = (Piece("("), *typeset_number(Shown(plus, 9)), Piece(" − "), *typeset_number(Shown(here, 9)))
        numbers = (*numbers, Piece(")/"), *eps)
    line = _slope_line(shown, at, g, (), numbers)
    return replace(line, formula=(Piece(text), *eps))


def _norms(replay: Replay, step: int) -> tuple[Line, ...]:
    """Returns the norms of all weights and of their gradient, most of which are not shown."""
    lines = []
    for column, letter in (("norm", "w"), ("grad_norm", "g")):
        value = float(replay.row(column, step)) if column in replay.trace.columns else np.nan
        if np.isfinite(value):
            name = (Piece(f"‖{letter}‖"),)
            lines.append(Line(column, "loss", name, (), (Numbers("", (), value),)))
    return tuple(lines)


def rate_lines(replay: Replay, step: int, stop: Stop) -> tuple[tuple[Line, ...], float]:
    """Returns the lines of the schedule for a step and the rate that they give; raises Stopped."""
    run, steps, lr0 = replay.experiment.runs[replay.run], replay.experiment.lengths[replay.run], replay.lr0(step)
    numbers = run.schedule.numbers(steps, lr0, replay.experiment.per_epoch[replay.run])
    environment: dict[str, Value] = {**numbers, "t": float(step), "T": float(steps), "lr0": lr0}
    if run.schedule.follows_loss:
        if step == 0:
            return _rate_lines(run.schedule.planned_by_step, numbers, environment)
        environment |= _loss_environment(replay, step - 1, stop)
        lines, rate = _rate_lines(run.schedule.rule_by_step, numbers, environment, _rule(replay, step).state_names)
        return lines, rate if replay.lr0(step - 1) == lr0 else _schedule_state(replay, step, stop)[0]
    return _rate_lines(run.schedule.rule_by_step, numbers, environment)


def _rate_lines(
    text: str, numbers: dict[str, float], environment: dict[str, Value], wanted: Sequence[str] = ("lr",)
) -> tuple[tuple[Line, ...], float]:
    deciding = {name: float(value) for name, value in environment.items()}
    rule = simplified_rule(parse_rule(text), numbers, deciding, wanted)
    lines = []
    for number, line in enumerate(rule):
        value = float(evaluate(line.expression, environment))
        writer = Writer(ShownParameters((), ()), environment)
        lines.append(writer.line(f"rate:{number}", "rate", line, value))
        environment[line.name] = value
    if all(line.name != "lr" for line in rule):  # simplified away: the rate does not change
        lines.append(Line("rate:lr", "rate", typeset_name("lr"), (), (Numbers("", (), float(environment["lr"])),)))
    return tuple(lines), float(environment["lr"])


def _loss_environment(replay: Replay, before: int, stop: Stop) -> dict[str, Value]:
    """Returns the variables from which a schedule that follows the loss computes the rate after step `before`."""
    state = _schedule_state(replay, before, stop)
    names = _rule(replay, before).state_names
    loss = float(replay.followed(before, replay.row("loss", before)))
    variables: dict[str, Value] = dict(zip(names, state, strict=True))
    return variables | {"t": float(before), "loss": loss, "lr0": replay.lr0(before)}


def _schedule_state(replay: Replay, step: int, stop: Stop) -> list[float]:
    """Returns the schedule's state before a step, the rate first."""
    return [float(value[0]) for value in replay.schedule_states(_rule(replay, step), step, stop)]


def _rule(replay: Replay, step: int) -> LossRule:
    schedule, lr0 = replay.experiment.runs[replay.run].schedule, np.array([replay.lr0(step)])
    length, per_epoch = (getattr(replay.experiment, name)[replay.run] for name in ("lengths", "per_epoch"))
    (group,) = schedule_groups([schedule], [length], lr0, [per_epoch])
    assert isinstance(group.rule, LossRule)
    return group.rule


def update_lines(
    replay: Replay, shown: ShownParameters, step: int, lr: float, whole: Whole, after: Array | None
) -> tuple[tuple[Line, ...], Array]:
    """Returns the lines from what an update begins with to the weights after it, and the recorded ones of these (P,).

    `after` are the recorded weights, with which the last line ends.
    """
    hyper, problem, places = replay.hyper(step), replay.experiment.problem, replay.places
    fixed = hyper | {"t": float(step + 1), "lr": lr}
    lines_of_rule = parse_rule(replay.experiment.runs[replay.run].rule)
    rule = simplified_rule(
        lines_of_rule if problem.network else of_vector(lines_of_rule),
        hyper,
        {"t": fixed["t"], "lr": lr},
        ("w", *replay.rule.state_names),
    )
    w, g, states = whole
    environment: dict[str, Value] = {**fixed, **states, "w": w.astype(replay.dtype), "g": g}
    lines: list[Line] = []
    for name in replay.rule.program.given:
        given = replay.given(name, step)
        environment[name] = given if name == "newton" else given.reshape(())
        lines += [_newton_line(shown, given)] if name == "newton" else []
    writer = Writer(shown, environment, fixed, named_functions(replay.tensors), places)
    last = max(number for number, line in enumerate(rule) if line.name == "w")
    for number, (line, parity) in enumerate(zip(rule, parities(rule, states), strict=True)):
        value = _spread(line, writer.value(line.expression), w)
        role: Role = "plain"
        if number == last:
            value = value.astype(replay.weight_dtype)  # type: ignore[union-attr]
            if after is not None:
                value[... if places is None else places] = after
            role, reached = "step", writer.recorded(value)
        elif isinstance(value, np.ndarray) and value.ndim and number < last:  # later lines are for the steps to come
            stretches = parity == "even" and (line.name in states or line.name in rule[last].expression.names())
            role = "direction" if parity == "odd" and line.name != "w" else "scale" if stretches else "plain"
        digits = []
        if line.name == "w":
            one, other = writer.recorded(w), writer.recorded(value)
            digits = [distinguishing_digits(one[at], other[at]) for at in shown.indices]
        shown_line = writer.line(f"update:{number}", "update", line, value, role, digits)
        if parity == "nothing":  # the same for all parameters
            shown_line = replace(shown_line, numbers=(replace(shown_line.numbers[0], parameter=""),))
        lines.append(shown_line)
        writer.assign(line, value)
    return tuple(lines), np.asarray(reached, float)


def _spread(line: Assignment, value: Value, w: Array) -> Value:
    """Returns the value of a line, for `w` one for each parameter (P,)."""
    if line.name != "w" or isinstance(value, np.ndarray):
        return value
    return np.full(len(w), value, w.dtype)


def _newton_line(shown: ShownParameters, direction: Value) -> Line:
    """Returns the line of Newton's direction."""
    assert isinstance(direction, np.ndarray)
    numbers = tuple(Numbers(shown.label(at), (), float(direction[at])) for at in shown.indices)
    curved = (Piece("H"), Piece("−1", 1), Piece("·g")) if len(direction) > 1 else (Piece("g/loss″"),)
    return Line("newton", "update", (Piece("newton"),), curved, numbers, "direction", direction)
