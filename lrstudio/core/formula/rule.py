"""Compiles the rules of optimizers and schedules from their text for a group of runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import DType, Function, numpy_function
from lrstudio.core.formula.graph import Graph
from lrstudio.core.formula.parse import JOINED, NORM, Assignment, parse_rule
from lrstudio.core.formula.roles import ahead_of, live_states
from lrstudio.core.formula.tensors import ONE, Tensors
from lrstudio.core.formula.tokens import FormulaError
from lrstudio.core.language import tr
from lrstudio.core.network.joins import joined_functions

FLOAT64: DType = np.dtype(np.float64)
GIVEN = ("newton", "norm(w)", "norm(g)")
"""What a rule may read of all parameters of a run at once, as they are before the update."""
_CACHE_SIZE = 256
"""Number of cached rules: the same are compiled again at every change of a rate or a start."""


class Program(NamedTuple):
    """The operations of a rule: nodes of a graph by their roles.

    `inner` are the parameters, the gradient, what else is `given` (of GIVEN), and the states; `outer` the number of
    the update, the rate and the hyper-parameters that differ between runs; `ahead` the coefficients, which depend on
    `outer` only; `outputs` the new parameters and states.
    """

    graph: Graph
    inner: tuple[int, ...]
    outer: tuple[int, ...]
    ahead: tuple[int, ...]
    outputs: tuple[int, ...]
    given: tuple[str, ...]

    @property
    def joins(self) -> bool:
        """Whether the update of a parameter reads what was computed of others."""
        return any(self.graph.nodes[index].op in ("total", *JOINED) for index in self.graph.needed(self.outputs))


class LossProgram(NamedTuple):
    """The operations of a schedule that reads the loss: nodes of a graph by their roles.

    `outer` are t, T, lr0 and the parameters that differ between runs; `outputs` the new states, the rate first.
    """

    graph: Graph
    loss: int
    states: tuple[int, ...]
    outer: tuple[int, ...]
    outputs: tuple[int, ...]


class UpdateRule:
    """Updates the parameters and the optimizer state of G runs at once; `step` makes one update.

    In the text `w` are the parameters (G, P), `g` the gradient (G, P), `newton` the gradient times the inverse Hessian
    (G, P), `lr` the rate, `t` the number of the update (1 at the first). Any other assigned name that is read before it
    is assigned is state (G, P) and starts at 0. What depends only on `t`, `lr` and hyper-parameters is computed in
    float64 for many steps ahead (as PyTorch does with Python numbers); the rest in `dtype`. After the gradient `step`
    takes what the program says is `given`. `sum(x)`, `mean(x)` and `norm(x)` are over all parameters (G, 1); what is of
    each tensor (`tensor_mean(x)`, ...) is in `network.joins`. Sums are in float64.
    """

    def __init__(
        self,
        text: str,
        hyper: Mapping[str, Array],
        dtype: DType,
        varying: Collection[str] = (),
        tensors: Tensors = ONE,
    ) -> None:
        """Compiles a rule for parameters in these `tensors`.

        Hyper-parameters that are `varying` stay inputs even where all runs agree.
        """
        self._dtype, self.tensors = dtype, tensors
        names = [*_varying(hyper), *varying]
        given = tuple((name, "" if name in names else repr(float(values[0]))) for name, values in hyper.items())
        self.program, self.state_names, self._coefficients, self.step = _compiled(text, given, dtype, tensors)
        self.varying = [values[:, None] for name, values in hyper.items() if name in names]
        self._names = [name for name in hyper if name in names]
        self._cycle: tuple[int, Callable[[Array], Array]] | None = None

    @property
    def needs_newton(self) -> bool:
        """Whether `step` takes Newton's direction."""
        return "newton" in self.program.given

    def cycle(self, name: str, values: Callable[[Array], Array]) -> None:
        """Lets a hyper-parameter have the values (n, G) in the steps t (n,) from 0; where they are NaN it has its own.

        It must be `varying`.
        """
        self._cycle = self._names.index(name), values

    def ahead(self, first: int, lr: Array) -> Iterator[tuple[Array, ...]]:
        """Returns the coefficients of the updates first+1, first+2, ...; the rows of lr (n, G) are their rates."""
        columns = self.coefficients(first, lr)
        if not columns:
            return iter([()] * len(lr))
        whole = [np.broadcast_to(column, (*lr.shape, 1)) for column in columns]
        return zip(*whole, strict=True)

    def coefficients(self, first: int, lr: Array, runs: Any = slice(None), steps: int | None = None) -> list[Array]:
        """Returns the values of the program's `ahead` for these updates of some runs, each (n or 1, G or 1, 1).

        The rates lr (n or 1, G or 1) are those of so many `steps`, by default one a row.
        """
        t = np.arange(first + 1, first + (steps or len(lr)) + 1, dtype=float)[:, None, None]
        varying = [values[runs] for values in self.varying]
        if self._cycle is not None:
            place, values = self._cycle
            moved = values(t[:, 0, 0] - 1)[:, runs, None]
            varying[place] = np.where(np.isnan(moved), varying[place], moved)
        columns = self._coefficients(t, lr[:, :, None], *varying)
        return [np.array(column, self._dtype, order="C", ndmin=3, copy=None) for column in columns]


class ScheduleRule:
    """The rates of G runs from the text `lr = ...` of `lr0`, `t` (from 0), `T` (number of steps) and parameters.

    A text that assigns `momentum` gives that of the optimizer, too.
    """

    def __init__(self, text: str, hyper: Mapping[str, Array]) -> None:
        graph = Graph()
        environment = {name: graph.input(name) for name in ("t", "T", "lr0")}
        environment |= _hyper_parameters(graph, hyper)
        inputs = [environment[name] for name in ("t", "T", "lr0", *_varying(hyper))]
        _assign(graph, parse_rule(text), environment, given=("t", "T", "lr0", *hyper))
        if "lr" not in environment:
            raise FormulaError(tr("a schedule assigns lr"), 1, 1)
        self._varying = [hyper[name] for name in _varying(hyper)]
        self._function = numpy_function(graph, inputs, [environment["lr"]], FLOAT64)
        momentum = environment.get("momentum") if "momentum" not in hyper else None
        self._momentum = None if momentum is None else numpy_function(graph, inputs, [momentum], FLOAT64)

    def momenta(self, t: Array, horizon: int | Array, lr0: Array) -> Array:
        """Returns the momenta (n, G) of the steps t (n,), where the text gives them."""
        assert self._momentum is not None
        (momentum,) = self._momentum(t.astype(float)[:, None], np.asarray(horizon, float), lr0, *self._varying)
        return np.broadcast_to(momentum, (len(t), len(lr0)))

    def rates(self, t: Array, horizon: int | Array, lr0: Array) -> Array:
        """Returns the rates (n, G) of the steps t (n,); horizon is T, that of all or (G,)."""
        whole = np.asarray(horizon, float)  # a Python number divided by 0 raises
        (lr,) = self._function(t.astype(float)[:, None], whole, lr0, *self._varying)
        return np.broadcast_to(lr, (len(t), len(lr0)))


class LossRule:
    """The rates of G runs from a text that reads `loss`.

    `lr` and other names that are read before they are assigned are state (G,). `follow` takes the losses (G,) at the
    start of step t and computes the rates of step t + 1. `planned` is the rule of the rates as long as no loss changes
    them, which gives the first one; other state starts at 0. In the texts `t`, `T` and `lr0` are as in a ScheduleRule.
    """

    def __init__(self, text: str, hyper: Mapping[str, Array], lr0: Array, planned: str = "lr = lr0") -> None:
        self.planned = ScheduleRule(planned, hyper)
        graph = Graph()
        environment = {name: graph.input(name) for name in ("t", "T", "lr0", "loss")}
        environment |= _hyper_parameters(graph, hyper)
        rule = parse_rule(text)
        others = [name for name in read_before_assigned(rule, set(environment)) if name != "lr"]
        self.state_names = ["lr", *others]
        environment |= {name: graph.input(name) for name in self.state_names}
        loss, *states = (environment[name] for name in ("loss", *self.state_names))
        outer = [environment[name] for name in ("t", "T", "lr0", *_varying(hyper))]
        _assign(graph, rule, environment, given=("t", "T", "lr0", "loss", *hyper))
        outputs = [environment[name] for name in self.state_names]
        self.program = LossProgram(graph, loss, tuple(states), tuple(outer), tuple(outputs))
        self.varying = [hyper[name] for name in _varying(hyper)]
        self._function = numpy_function(graph, [loss, *states, *outer], outputs, FLOAT64)
        self.state = self.begin(lr0)

    def begin(self, lr0: Array) -> list[Array]:
        """Returns the state before the first step: the rates, and zeros."""
        first = self.planned.rates(np.zeros(1), 1, lr0)[0].copy()
        return [first, *(np.zeros(len(lr0)) for _ in self.state_names[1:])]

    def rates(self, t: Array, horizon: int | Array, lr0: Array) -> Array:
        """Returns the present rates as (n, G)."""
        return np.broadcast_to(self.state[0], (len(t), len(lr0)))

    def follow(self, t: int, horizon: int | Array, lr0: Array, loss: Array) -> bool:
        """Takes the losses (G,) of step t; returns whether a rate has changed."""
        before = self.state[0]
        after = self._function(loss, *self.state, float(t), np.asarray(horizon, float), lr0, *self.varying)
        self.state = [values if np.ndim(values) else np.full(len(before), values, float) for values in after]
        return bool((self.state[0] != before).any())

    def resume_from(self, state: Sequence[Array], before: Array, lr0: Array) -> None:
        """Continues from the state of another rule whose lr0 was `before`: each rate keeps its ratio to lr0."""
        share = np.divide(lr0, before, out=np.ones_like(lr0), where=(before > 0) & (before != lr0))
        self.state = [np.where(before > 0, state[0] * share, lr0), *state[1:]]


@lru_cache(_CACHE_SIZE)
def _compiled(
    text: str, hyper: tuple[tuple[str, str], ...], dtype: DType, tensors: Tensors
) -> tuple[Program, list[str], Function, Function]:
    """Returns program, names of the states, coefficients and step of a rule.

    The values of the hyper-parameters are texts, empty for those that are inputs.
    """
    graph = Graph(tensors)
    environment = {name: graph.input(name, data=not name.startswith(NORM)) for name in ("w", "g", *GIVEN)}
    environment |= {name: graph.input(name) for name in ("t", "lr")}
    environment |= {name: graph.const(float(value)) if value else graph.input(name) for name, value in hyper}
    rule = parse_rule(text)
    states = read_before_assigned(rule, set(environment))
    environment |= {name: graph.input(name, data=True) for name in states}
    start = dict(environment)
    _assign(graph, rule, environment, given=("g", "newton", "t", "lr", *dict(hyper)))
    if all(line.name != "w" for line in rule):
        raise FormulaError(tr("a rule assigns w; write for example w = w - lr*g"), 1, 1)
    state_names = live_states(graph, states, start, environment)
    outputs = [environment[name] for name in ("w", *state_names)]
    needed = set(graph.needed(outputs))
    read = tuple(name for name in GIVEN if start[name] in needed)
    inner = [start[name] for name in ("w", "g", *read, *state_names)]
    outer = [start["t"], start["lr"], *(start[name] for name, value in hyper if not value)]
    ahead = ahead_of(graph, outputs, inner)
    program = Program(graph, tuple(inner), tuple(outer), tuple(ahead), tuple(outputs), read)
    step = numpy_function(graph, [*inner, *ahead], outputs, dtype, joined_functions(tensors))
    flat = not all(graph.nodes[output].data for output in outputs)
    coefficients = numpy_function(graph, outer, ahead, FLOAT64)
    return program, state_names, coefficients, _broadcast(step, dtype) if flat else step


def rule_text(text: str) -> str:
    """Returns a rule without the parentheses that protect its semicolons on the command line."""
    inner = text.strip()
    return f" {inner[1:-1]}" if inner.startswith("(") and inner.endswith(")") else text


def _assign(graph: Graph, rule: Sequence[Assignment], environment: dict[str, int], given: Sequence[str]) -> None:
    """Adds the lines of a rule to the graph; `given` are the names it may read but not assign."""
    for line in rule:
        if line.name in given:
            message = tr("{name} is given and cannot be assigned", name=line.name)
            raise FormulaError(message, line.column, line.line)
        try:
            environment[line.name] = graph.lower(line.expression, environment)
        except FormulaError as error:
            raise FormulaError(error.message, error.column, line.line) from None
        environment.pop(f"{NORM}({line.name})", None)


def _hyper_parameters(graph: Graph, hyper: Mapping[str, Array]) -> dict[str, int]:
    """Maps each hyper-parameter to a constant where all runs agree, else to an input."""
    varying = _varying(hyper)
    return {name: graph.input(name) if name in varying else graph.const(values[0]) for name, values in hyper.items()}


def _varying(hyper: Mapping[str, Array]) -> list[str]:
    return [name for name, values in hyper.items() if not np.all(values == values[0])]


def read_before_assigned(rule: Sequence[Assignment], predefined: set[str]) -> list[str]:
    """Returns the names of a rule's state, in order of first assignment."""
    assigned: set[str] = set()
    read_first: set[str] = set()
    for line in rule:
        read_first |= line.expression.names() - assigned
        assigned.add(line.name)
    return [name for name in dict.fromkeys(line.name for line in rule) if name in read_first and name not in predefined]


def _broadcast(step: Function, dtype: DType) -> Function:
    """Returns a step whose outputs are broadcast to the shape of the parameters."""

    def broadcast(w: Array, *others: Array) -> tuple[Array, ...]:
        return tuple(np.broadcast_to(np.asarray(output, dtype), w.shape) for output in step(w, *others))

    return broadcast
