"""The reference: a page for each optimizer, schedule and problem, made of its declaration, and a glossary."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import Declared
from lrstudio.core.formula.parse import parse_expression
from lrstudio.core.formula.tokens import FormulaError
from lrstudio.core.formula.typeset import Pieces, joined, typeset, typeset_name
from lrstudio.core.language import mark, tr
from lrstudio.core.optimizers import OPTIMIZERS, Optimizer
from lrstudio.core.parameter import Choice, Flag, Number, Numbers, Parameter
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.record import dataclass
from lrstudio.core.schedules import SCHEDULES, Schedule

OPTIMIZER, SCHEDULE, PROBLEM = mark("Optimizers"), mark("Schedules"), mark("Problems")
_STEPS = 60
_MOST_CURVES = 3
_TINY = 1e-4
_VISIBLE = 0.02
"""Least difference of two curves, as a share of their range, that a small picture shows."""


@dataclass(frozen=True)
class Page:
    """A page on an entry: its paragraphs and typeset formulas. `key` is that of the entry after its group's."""

    key: str
    group: str
    kind: type[Declared]

    @property
    def title(self) -> str:
        return tr(self.kind.title)

    @property
    def paragraphs(self) -> list[str]:
        """The prose of the docstring, in the language in use."""
        blocks = cleandoc(self.kind.__doc__ or "").split("\n\n")
        return [tr(" ".join(block.split())) for block in blocks if not block.startswith((" ", ">>>"))]

    @property
    def formulas(self) -> list[Pieces]:
        """The rule or the loss, a line each."""
        lines = _formula(self.kind).split("\n")
        return [_typeset(line.strip()) for line in lines if line.strip()]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return self.kind.parameters()

    @property
    def plain(self) -> str:
        """All words of the page, for a search."""
        words = [text for each in self.parameters for text in (each.name, tr(each.label), tr(each.help))]
        return " ".join([self.title, self.kind.title, self.kind.key, *self.paragraphs, *words])


def pages() -> tuple[Page, ...]:
    """Returns all pages in the order of the menus."""
    groups = ((OPTIMIZER, OPTIMIZERS), (SCHEDULE, SCHEDULES), (PROBLEM, PROBLEMS))
    return tuple(Page(f"{group.lower()[:-1]}/{kind.key}", group, kind) for group, kinds in groups for kind in kinds)


def effects(kind: type[Declared]) -> dict[str, tuple[tuple[str, Array], ...]]:
    """Returns for each parameter the curves (label, values) with some of its values, computed now.

    Of an optimizer it is a weight on its way down the bowl w²/2, of a schedule the rate. A parameter that makes no
    visible difference there has none.
    """
    found = {}
    for parameter in kind.parameters() if issubclass(kind, (Optimizer, Schedule)) else ():
        curves = tuple(_curves(kind, parameter))
        values = np.array([each for _, each in curves])
        if len(curves) > 1 and np.ptp(values, axis=0).max() > _VISIBLE * np.ptp(values):
            found[parameter.name] = curves
    return found


def _curves(kind: type[Declared], parameter: Parameter) -> Iterator[tuple[str, Array]]:
    for value in _values(parameter, _default(kind, parameter))[:_MOST_CURVES]:
        try:
            entry = _suited(kind).changed(parameter.name, value)
            label = parameter.plain(value) if isinstance(value, bool) else parameter.short(value)
            yield label, _curve(entry)
        except ValueError:
            continue  # this value is not valid together with the others


def _suited(kind: type[Declared]) -> Any:
    return kind.suited(_STEPS, 1.0) if issubclass(kind, Schedule) else kind()


def _default(kind: type[Declared], parameter: Parameter) -> Any:
    return getattr(_suited(kind), parameter.name)


def _curve(entry: Declared) -> Array:
    if isinstance(entry, Schedule):
        return entry.rates(_STEPS, 1.0, [1.0] * _STEPS if entry.follows_loss else ())
    assert isinstance(entry, Optimizer)
    lr = 0.1 if entry.default_lr < 0.1 else entry.default_lr
    return entry.path(lambda w: w, w=1.0, lr=lr, steps=_STEPS)


def _values(parameter: Parameter, default: Any) -> list[Any]:
    """Returns values around a parameter's default that show what it does."""
    match parameter:
        case Flag():
            return [False, True]
        case Choice():
            return list(parameter.choices)
        case Number() if not isinstance(parameter, Numbers) and isinstance(default, (int, float)):
            if parameter.whole:
                values = [default // 2, default, 2 * default]
            elif 0.5 <= default < 1:
                values = [1 - 4 * (1 - default), default, 1 - (1 - default) / 4]
            elif default == 0:
                values = [0.0, 0.5, 0.9]
            elif default < _TINY:
                values = [default, 0.01, 0.3]
            else:
                values = [default / 4, default, 4 * default]
            return [value for value in values if parameter.low <= value <= parameter.high]
    return []


def _formula(kind: type[Declared]) -> str:
    for name in ("loss", "rule"):
        text = getattr(kind, name, "")
        if isinstance(text, str) and text:
            return text
    return ""


def _typeset(line: str) -> Pieces:
    name, equals, value = (part.strip() for part in line.partition("="))
    try:
        if not equals or not name.isidentifier():
            return typeset(parse_expression(line))
        return joined([typeset_name(name), typeset(parse_expression(value))], " = ")
    except FormulaError:
        return typeset_name(line)
