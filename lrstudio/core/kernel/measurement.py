"""Spells how a loss and its gradient are measured at weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrstudio.core.formula.rule import Program
from lrstudio.core.kernel.emitter import Function, get
from lrstudio.core.kernel.lanes import Lanes
from lrstudio.core.kernel.sums import DataFormula, Rows
from lrstudio.core.objective import LossFormula


@dataclass(frozen=True)
class StepProgram:
    """What the steps of a kernel are made of: a loss and an update rule.

    `arithmetic` is the type of all computation, `weights` that to which the weights are rounded, f64 or f32. `mode` and
    `eps` are those of the gradient. `rows` is the number of data points of every step, None where it differs between
    steps; `batches` whether the steps take turns on shuffled data.
    """

    formula: LossFormula
    rule: Program
    arithmetic: str
    weights: str
    mode: str
    eps: float
    rows: int | None
    batches: bool


class Measurement:
    """Measures a loss in the type `lanes` at weights kept in the type `stored`.

    The gradient is exact (`mode` analytic) or a forward or central difference of width 2 eps or eps. The weights are
    the local variables w0, w1, ... of the function in which it is spelled, whose `$pitch` is that of the data columns.
    In vectors weights stored as f32 are kept as numbers of the arithmetic: a sum of two of them that is rounded to f64
    and then to f32 is the same as the one that is rounded to f32 at once.
    """

    def __init__(self, formula: LossFormula, lanes: Lanes, stored: Lanes, mode: str, eps: float) -> None:
        self._lanes, self._stored, self._mode, self._eps = lanes, stored, mode, eps
        self._held = lanes if lanes.count > 1 else stored
        self._size = len(formula.parameters)
        parts = formula.graph, formula.parameters, formula.columns
        self._loss = DataFormula("loss", *parts, [formula.loss], lanes)
        self._slopes = DataFormula("slopes", *parts, [formula.loss, *formula.slopes], lanes)
        self._has_data = bool(formula.columns)
        self._evaluates = mode != "analytic"

    @property
    def functions(self) -> list[Function]:
        """The functions that the spelled code calls."""
        functions = self._slopes.functions if self._mode == "analytic" else []
        return [*functions, *self._loss.functions, self._evaluation] if self._evaluates else functions

    def spell(self, function: Function, rows: Rows | None) -> None:
        """Assigns the loss to l, the gradient to g0, g1, ... and, of a forward difference, plus0, plus1, ..."""
        lanes = self._lanes
        weights = [function.set(f"v{p}", lanes.type, self.arithmetic(get(f"w{p}"))) for p in range(self._size)]
        if self._mode == "analytic":
            loss, *slopes = self._slopes.spell(function, "m", weights, rows)
            function.set("l", lanes.type, loss)
        else:
            where = f"{rows.address} {get('pitch')} {rows.number}" if rows else ""
            function.set("l", lanes.type, self.loss(weights, where))
            slopes = self._differences(function, where)
        for p, slope in enumerate(slopes):
            function.set(f"g{p}", lanes.type, slope)

    def loss(self, weights: list[str], rows: str) -> str:
        """Returns the loss at weights in the type of the arithmetic, on rows given by address, pitch and number."""
        self._evaluates = True
        return f"(call $evaluate {' '.join(weights)} {rows})"

    def arithmetic(self, value: str) -> str:
        """Returns a stored weight in the type of the arithmetic."""
        return value if self._held == self._lanes else self._lanes.from_double(self._stored.as_double(value))

    def rounded(self, value: str) -> str:
        """Returns a new weight in the type in which it is stored."""
        if self._stored.scalar == self._lanes.scalar:
            return value
        return (
            self._lanes.as_single(value)
            if self._lanes.count > 1
            else self._stored.from_double(self._lanes.as_double(value))
        )

    @cached_property
    def _evaluation(self) -> Function:
        """The loss of parameters on some rows as a function."""
        names = [f"p{index}" for index in range(self._size)]
        data = {"at": "i32", "pitch": "i32", "n": "i32"} if self._has_data else {}
        function = Function("evaluate", dict.fromkeys(names, self._lanes.type) | data, [self._lanes.type])
        rows = Rows(get("at"), get("n")) if self._has_data else None
        function.lines += self._loss.spell(function, "n", [get(name) for name in names], rows)
        return function

    def _differences(self, function: Function, rows: str) -> list[str]:
        lanes, slopes = self._lanes, []
        for p in range(self._size):
            plus = function.set(f"plus{p}", lanes.type, self.loss(self._nudged(p, "add"), rows))
            if self._mode == "forward":
                rise, width = lanes.op("sub", plus, get("l")), self._eps
            else:
                rise = lanes.op("sub", plus, self.loss(self._nudged(p, "sub"), rows))
                width = 2 * self._eps
            slopes.append(lanes.op("div", rise, lanes.const(width)))
        return slopes

    def _nudged(self, nudged: int, sign: str) -> list[str]:
        """Returns the weights with one nudged in the type in which they are stored."""
        held = self._held
        eps = self._eps if self._stored.scalar == "f64" else float(np.float32(self._eps))
        widths = [eps if p == nudged else 0.0 for p in range(self._size)]
        sums = [held.op(sign, get(f"w{p}"), held.const(width)) for p, width in enumerate(widths)]
        return [self.rounded(value) if held == self._lanes else self.arithmetic(value) for value in sums]
