"""Optimizers and schedules as generators in Python, from the one text of their rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from lrstudio.core.formula.parse import JOINED, Assignment, Call, Expression, Name, parse_rule
from lrstudio.core.formula.rule import read_before_assigned
from lrstudio.core.formula.simplify import of_vector, simplified_rule
from lrstudio.core.optimizers import Optimizer
from lrstudio.core.optimizers.clipping import with_lr_factors
from lrstudio.core.schedules import Schedule
from lrstudio.engine.code.spelling import NUMBERS, NUMPY, PYTHON, Dialect, Speller, variable

OF_ALL = ("sum", "mean", "norm")
"""Functions of a rule that read all weights."""
OF_TENSORS = tuple(name for name in JOINED if name != "norm")
"""Those that read the matrix or bias of a weight."""
_FACTORS = "lr_factors"
_UPDATE = ("w", "g", "newton")
"""The arrays that an update begins with."""
_PLAN = ("t", "T", "lr0", "loss", "lr")
"""The numbers that a schedule is given."""


class Generator(NamedTuple):
    """A generator: its arguments and lines, and the values of its hyper-parameters by argument."""

    arguments: tuple[str, ...]
    lines: tuple[str, ...]
    values: Mapping[str, float | Source]


class Source(str):
    """A value that stands in a script as this text."""

    __slots__ = ()
    __repr__ = str.__str__


class Functions:
    """The generators of a script, each once; `name_of` adds one and returns its name."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, tuple[str, ...], tuple[str, ...]], str] = {}

    def name_of(self, key: str, generator: Generator) -> str:
        """Returns the name of a generator of an entry with this key."""
        definition = key, generator.arguments, generator.lines
        if definition not in self._names:
            number = sum(other == key for other, *_ in self._names)
            self._names[definition] = f"{key}{'' if not number else f'_{number + 1}'}"
        return self._names[definition]

    def lines(self) -> Iterator[str]:
        """Yields the definitions."""
        for index, ((_, arguments, lines), name) in enumerate(self._names.items()):
            yield from (*("", "") * (index > 0), f"def {name}({', '.join(arguments)}):")
            yield from (f"    {line}" for line in lines)


def update(
    optimizer: Optimizer,
    arrays: Dialect,
    numbers: Dialect,
    after: Sequence[str] = (),
    given: Sequence[str] = (),
    note: str = "",
    *,
    network: bool = False,
    lr_factors: Source | None = None,
) -> Generator:
    """Returns a generator that yields the weights and takes their gradient, the rate, and what else is `given`.

    That may be `newton`, its direction, and a number of the optimizer that a schedule moves. The weights are a vector,
    or those of a `network`. Each update ends with the lines `after`; a `note` stands at the top. `lr_factors` are those
    of all weights.
    """
    own = {name: value for name, value in optimizer.numbers().items() if name not in given}
    whole = parse_rule(optimizer.whole_rule if lr_factors is None else with_lr_factors(optimizer.whole_rule))
    whole = whole if network else of_vector(whole)
    whole = tuple(replace(line, expression=_with_factors(line.expression)) for line in whole)
    rule, states = _simplified(whole, own, ("w",), {*_UPDATE, "t", "lr", *given})
    read, values = _read(rule), dict[str, float | Source](_values(rule, own))
    values |= {_FACTORS: lr_factors} if lr_factors is not None and _FACTORS in read else {}
    lines = [f'"""{optimizer.title}: yields the weights, takes their gradient and the rate."""']
    lines += [*([f"# {note}"] if note else []), *_zeros(states, arrays, _arrays(rule))]
    count = "itertools.count(1)" if numbers is PYTHON else "map(np.float64, itertools.count(1))"
    lines.append(f"for t in {count}:" if "t" in read else "while True:")
    taken = ["g", "lr", *(name if name in read else "_" for name in given)]
    lines.append(f"    {', '.join(taken)} = yield w")
    lines += [f"    {line}" for line in (*_spelled(rule, arrays, numbers, _arrays(rule)), *after)]
    return Generator(("w", *values), tuple(lines), values)


def rate(schedule: Schedule, steps: int, lr: float, per_epoch: int) -> Generator:
    """Returns a generator that yields the rate of each step and takes its loss; its first argument is the own rate.

    An epoch has `per_epoch` steps.
    """
    numbers = {"T": float(steps), **schedule.numbers(steps, lr, per_epoch)}
    rule, states = _simplified(parse_rule(schedule.rule_by_step), numbers, ("lr",), {*_PLAN})
    values, follows = _values(rule, numbers), schedule.follows_loss
    planned: tuple[Assignment, ...] = ()
    if follows:
        planned, _ = _simplified(parse_rule(schedule.planned_by_step), numbers, ("lr",), {*_PLAN})
        values = _values((*planned, *rule), numbers)
    lines = [f'"""{schedule.title}: yields the rate of each step{", takes its loss" * follows}."""']
    lines += ["t = np.float64(0)"] * ("t" in _read(planned))
    lines += [*_spelled(planned, NUMPY, NUMBERS, frozenset()), *_zeros(states)]
    lines.append("for t in map(np.float64, itertools.count()):" if "t" in _read(rule) else "while True:")
    lines += [f"    {variable('loss')} = yield lr"] * follows
    lines += [f"    {line}" for line in _spelled(rule, NUMPY, NUMBERS, frozenset())]
    lines += ["    yield lr"] * (not follows)
    return Generator(("lr0", *values), tuple(lines), values)


def momenta(schedule: Schedule, steps: int, per_epoch: int) -> Generator:
    """Returns a generator that yields the momentum of each step, of a schedule that moves it."""
    numbers = {"T": float(steps), **schedule.numbers(steps, 1.0, per_epoch)}
    rule, _ = _simplified(parse_rule(schedule.rule_by_step), numbers, ("momentum",), {*_PLAN})
    lines = [f'"""{schedule.title}: yields the momentum of each step, or Adam\'s beta1."""']
    lines += ["for t in map(np.float64, itertools.count()):"]
    lines += [f"    {line}" for line in _spelled(rule, NUMPY, NUMBERS, frozenset())]
    values = _values(rule, numbers)
    return Generator(tuple(values), (*lines, "    yield float(momentum)"), values)


def reads_newton(optimizer: Optimizer) -> bool:
    """Returns whether an update needs Newton's direction."""
    return "newton" in _read(parse_rule(optimizer.rule))


def calls(optimizer: Optimizer, functions: Collection[str]) -> bool:
    """Returns whether the rule of an optimizer calls one of the functions."""
    return any(_calls(line.expression, functions) for line in parse_rule(optimizer.rule))


def _calls(tree: Expression, functions: Collection[str]) -> bool:
    return isinstance(tree, Call) and (tree.function in functions or any(_calls(arg, functions) for arg in tree.args))


def _with_factors(tree: Expression) -> Expression:
    """Returns an expression with a name for the factors of the rate."""
    if not isinstance(tree, Call):
        return tree
    if tree.function == "lr_factor":
        return Name(_FACTORS, tree.column)
    return replace(tree, args=tuple(map(_with_factors, tree.args)))


def _simplified(
    whole: Sequence[Assignment], numbers: Mapping[str, float], outputs: tuple[str, ...], given: set[str]
) -> tuple[tuple[Assignment, ...], list[str]]:
    """Returns the lines that the outputs depend on, and the states that these read."""
    every = read_before_assigned(whole, {*given, *numbers})
    states: list[str] = []
    while True:
        rule = simplified_rule(whole, numbers, {}, (*outputs, *states))
        found = [name for name in every if name in _read_first(rule)]
        if set(found) <= set(states):
            return rule, found
        states = found


def _read_first(rule: Sequence[Assignment]) -> set[str]:
    """Returns the names that are read before they are assigned, and those that are not assigned."""
    assigned: set[str] = set()
    first: set[str] = set()
    for line in rule:
        first |= line.expression.names() - assigned
        assigned.add(line.name)
    return first


def _read(rule: Sequence[Assignment]) -> set[str]:
    return set[str]().union(*(line.expression.names() for line in rule))


def _values(rule: Sequence[Assignment], numbers: Mapping[str, float]) -> dict[str, float]:
    """Returns the numbers that a rule reads, by their names in Python."""
    read = _read(rule)
    return {variable(name): value for name, value in numbers.items() if name in read}


def _zeros(states: Collection[str], dialect: Dialect = NUMPY, arrays: Collection[str] = ()) -> list[str]:
    """Returns the lines that begin states at zero: the arrays in the precision of the weights, and the numbers."""
    shaped = [variable(name) for name in states if name in arrays]
    numbers = [variable(name) for name in states if name not in arrays]
    parts = [*shaped, f"{dialect.function('zeros_like')}(w)"], [*numbers, "0.0"]
    return [" = ".join(part) for part in parts if len(part) > 1]


def _spelled(rule: Sequence[Assignment], dialect: Dialect, numbers: Dialect, arrays: frozenset[str]) -> Iterator[str]:
    speller = Speller(dialect, numbers, arrays, frozenset(line.name for line in rule))
    return (f"{variable(line.name)} = {speller.spell(line.expression)}" for line in rule)


def _arrays(rule: Sequence[Assignment]) -> frozenset[str]:
    """Returns the names whose values depend on the weights or their gradient, in the first update or a later one."""
    arrays = {*_UPDATE, _FACTORS}
    for line in chain.from_iterable([rule] * (len(rule) + 1)):
        if not arrays.isdisjoint(line.expression.names()):
            arrays.add(line.name)
    return frozenset(arrays)
