"""The lines of an optimizer's rule at one step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.evaluate import Value, evaluate
from lrstudio.core.formula.parity import parities
from lrstudio.core.formula.parse import Assignment, parse_rule
from lrstudio.core.formula.simplify import simplified_rule
from lrstudio.core.formula.typeset import Piece
from lrstudio.engine.explain.line import Line, Numbers, Place, Role, Writer, apart
from lrstudio.engine.explain.replay import Replay


def update_lines(
    replay: Replay, place: Place, step: int, lr: float, states: Mapping[str, Array], after: Array | None
) -> tuple[tuple[Line, ...], Array]:
    """The lines that lead from w, g and the states to the weights after the update, and those (P,).

    `after` are the weights that were recorded, which the last line ends with.
    """
    fixed = replay.hyper | {"t": float(step + 1), "lr": lr}
    rule = simplified_rule(
        parse_rule(replay.experiment.runs[replay.run].optimizer.rule),
        replay.hyper,
        {"t": fixed["t"], "lr": lr},
        ("w", *replay.rule.state_names),
    )
    w = replay.row("params", step).astype(replay.dtype)
    environment: dict[str, Value] = {**fixed, **states, "w": w, "g": replay.row("grad", step).astype(replay.dtype)}
    lines: list[Line] = []
    if any("newton" in line.expression.names() for line in rule):
        environment["newton"] = replay.newton(step)
        lines.append(_newton_line(place, environment["newton"]))
    writer = Writer(place, environment, fixed)
    last = max(number for number, line in enumerate(rule) if line.name == "w")
    for number, (line, parity) in enumerate(zip(rule, parities(rule, states), strict=True)):
        value = _spread(line, evaluate(line.expression, writer.environment), w)
        role: Role = "plain"
        if number == last:
            value = value.astype(replay.weight_dtype) if after is None else after  # type: ignore[union-attr]
            role, reached = "step", value
        elif isinstance(value, np.ndarray):
            stretches = parity == "even" and (line.name in states or line.name in rule[last].expression.names())
            role = "direction" if parity == "odd" and line.name != "w" else "scale" if stretches else "plain"
        digits = [apart(w[at], value[at]) for at in place.shown] if line.name == "w" else []  # type: ignore[index]
        found = writer.line(f"update:{number}", "update", line, value, role, digits)
        lines.append(_once(found) if parity == "nothing" else found)
        writer.know(line, value)
    return tuple(lines), np.asarray(reached, float)


def _once(line: Line) -> Line:
    """A line that says the same for all parameters."""
    return replace(line, numbers=(replace(line.numbers[0], parameter=""),))


def _spread(line: Assignment, value: Value, w: Array) -> Value:
    """Of weights there is one value for each parameter, also where the rule does not ask for them."""
    if line.name != "w" or isinstance(value, np.ndarray):
        return value
    return np.full(len(w), value, w.dtype)


def _newton_line(place: Place, direction: Value) -> Line:
    """The direction that is given to a rule that reads `newton`."""
    assert isinstance(direction, np.ndarray)
    numbers = tuple(Numbers(place.label(at), (), float(direction[at])) for at in place.shown)
    curved = (Piece("H"), Piece("−1", 1), Piece("·g")) if len(direction) > 1 else (Piece("g/loss″"),)
    return Line("newton", "update", (Piece("newton"),), curved, numbers, "direction", direction)
