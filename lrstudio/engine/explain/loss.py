"""The loss at the weights and its gradient, with the numbers put in where the formulas are short."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.graph import CONSTANTS
from lrstudio.core.formula.parse import Expression, parse_expression
from lrstudio.core.formula.symbolic import size, slope
from lrstudio.core.formula.typeset import Piece, Pieces, Shown, typeset, typeset_name, typeset_number
from lrstudio.engine.explain.line import Line, Numbers, Place, Writer, name_of
from lrstudio.engine.explain.replay import Replay

_LONGEST_LOSS, _LONGEST_SLOPE = 45, 27
"""Names, numbers and operations that can be read at a glance."""


def loss_lines(replay: Replay, place: Place, step: int) -> tuple[Line, ...]:
    """The loss at a step's weights, and the gradient there for the parameters that are written out."""
    problem, trace = replay.experiment.problem, replay.trace
    w, g = replay.row("params", step), replay.row("grad", step)
    loss = float(replay.row("loss", step))
    if problem.network is not None:
        formula: Pieces = (Piece("mean(cross entropy)"),)
        lines = [Line("loss", "loss", (Piece("loss"),), formula, (Numbers("", (), loss),))]
        return (*lines, *(_slope_line(place, at, g, (), ()) for at in place.shown), *_norms(replay, step))
    tree = parse_expression(problem.loss)
    here = dict(zip(trace.names, map(float, w), strict=True))
    short = size(tree) <= _LONGEST_LOSS
    lines = [Line("loss", "loss", (Piece("loss"),), typeset(tree), (_numbers(tree if short else None, here, loss),))]
    for at in place.shown:
        if replay.experiment.gradient.mode == "analytic":
            steep = slope(tree, trace.names[at])
            readable = steep if size(steep) <= _LONGEST_SLOPE else None
            formula = () if readable is None else typeset(readable)
            lines.append(_slope_line(place, at, g, formula, _numbers(readable, here, float(g[at])).pieces))
        else:
            lines.append(_measured_line(replay, place, at, step))
    return tuple(lines)


def differs_by_data(problem_loss: str, parameters: tuple[str, ...]) -> bool:
    """Whether there are names of data in the loss."""
    return bool(parse_expression(problem_loss).names() - {*parameters, *CONSTANTS})


def _numbers(tree: Expression | None, here: Mapping[str, float], value: float) -> Numbers:
    if tree is None or not tree.names() & here.keys():
        return Numbers("", (), value)
    return Writer(Place((), ()), here).numbers(tree, value)[0]


def _slope_line(place: Place, at: int, g: Array, formula: Pieces, numbers: Pieces) -> Line:
    """g = ∂loss/∂x = its formula."""
    name, alone = place.names[at], len(place.names) == 1
    curly = "d" if alone else "∂"
    whole = (Piece(f"{curly}loss/{curly}"), *typeset_name(name, flat=True))
    formula = (*whole, Piece(" = "), *formula) if formula else whole
    rows = (Numbers("", numbers, float(g[at])),)
    return Line(f"gradient:{at}", "loss", name_of("g", "" if alone else name), formula, rows, "gradient", g)


def _measured_line(replay: Replay, place: Place, at: int, step: int) -> Line:
    """g as a difference of two losses that were measured."""
    gradient, g = replay.experiment.gradient, replay.row("grad", step)
    assert gradient.eps is not None
    eps = typeset_number(Shown(gradient.eps))
    name = place.names[at]
    loss = Piece("loss")
    if gradient.mode == "central":
        text = f"(loss({name} + ε) − loss({name} − ε))/(2·ε),  ε = "
        numbers: Pieces = ()
    else:
        text = f"(loss({name} + ε) − {loss.text})/ε,  ε = "
        plus, here = float(replay.row("loss_plus", step)[at]), float(replay.row("loss", step))
        numbers = (Piece("("), *typeset_number(Shown(plus, 9)), Piece(" − "), *typeset_number(Shown(here, 9)))
        numbers = (*numbers, Piece(")/"), *eps)
    line = _slope_line(place, at, g, (), numbers)
    return Line(line.key, line.section, line.name, (Piece(text), *eps), line.numbers, line.role, line.vector)


def _norms(replay: Replay, step: int) -> tuple[Line, ...]:
    """How long all weights and their gradient are, which stand for the many that are not written out."""
    found = []
    for column, letter in (("norm", "w"), ("grad_norm", "g")):
        value = float(replay.row(column, step)) if column in replay.trace.columns else np.nan
        if np.isfinite(value):
            name = (Piece(f"‖{letter}‖"),)
            found.append(Line(column, "loss", name, (), (Numbers("", (), value),)))
    return tuple(found)
