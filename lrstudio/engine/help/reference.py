"""The reference: a page for each optimizer, schedule and problem, made of its declaration, and a glossary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import cleandoc
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import Declared
from lrstudio.core.formula.parse import parse_expression
from lrstudio.core.formula.tokens import FormulaError
from lrstudio.core.formula.typeset import Pieces, joined, typeset, typeset_name
from lrstudio.core.landscape import Landscape, landscape
from lrstudio.core.language import mark, tr
from lrstudio.core.optimizers import OPTIMIZERS, Optimizer
from lrstudio.core.parameter import Choice, Flag, Number, Numbers, Parameter
from lrstudio.core.problems import PROBLEMS, Problem
from lrstudio.core.record import dataclass
from lrstudio.core.schedules import SCHEDULES, Schedule

OPTIMIZER, SCHEDULE, PROBLEM = mark("Optimizers"), mark("Schedules"), mark("Problems")
_STEPS = 60
_MOST_WEIGHTS, _GROUND = 2, 121
_MOST_CURVES = 3
_TINY = 1e-4
_NEEDED: dict[tuple[str, str], dict[str, Any]] = {
    ("sgd", "dampening"): {"momentum": 0.9},
    ("sgd", "nesterov"): {"momentum": 0.9},
    ("adam", "amsgrad"): {"beta2": 0.9},
    ("adamw", "amsgrad"): {"beta2": 0.9},
    ("prodigy", "decouple"): {"weight_decay": 0.5},
    ("exponential", "staircase"): {"gamma": 0.7, "decay_steps": 10.0},
    ("inverse_time", "staircase"): {"decay_rate": 1.0, "decay_steps": 10.0},
    ("cosine_restarts", "T_mult"): {"T_0": 10},
    ("cyclic", "gamma"): {"mode": "exp_range"},
}
"""Other parameters without which one has no effect, of an optimizer or a schedule."""
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

    Of an optimizer it is a weight on its way down the bowl w²/2 or, where that shows no difference, (w - 1)⁴/4; of a
    schedule the rate. A parameter that makes no visible difference there has none.
    """
    found = {}
    own = kind.parameters() if issubclass(kind, (Optimizer, Schedule)) else ()
    idle = kind().idle() if issubclass(kind, Optimizer) else ()
    for parameter in (each for each in own if each.name not in idle):
        for bowl in (_round_bowl, _flat_bowl) if issubclass(kind, Optimizer) else (_round_bowl,):
            curves = tuple(_curves(kind, parameter, bowl))
            values = np.array([each for _, each in curves])
            if (
                len(curves) > 1
                and np.isfinite(values).all()
                and np.ptp(values, axis=0).max() > _VISIBLE * np.ptp(values)
            ):
                found[parameter.name] = curves
                break
    return found


def ground(kind: type[Declared]) -> Landscape | None:
    """Returns the loss over the domain of a problem of one or two weights, None for others."""
    if not issubclass(kind, Problem):
        return None
    problem = kind()
    if not problem.has_landscape or len(problem.names) > _MOST_WEIGHTS:
        return None
    return landscape(problem.objective(), problem.domain, _GROUND)


Bowl = tuple[Callable[[float], float], float]
"""The derivative of a loss, and the start."""
_round_bowl: Bowl = (lambda w: w), 1.0
_flat_bowl: Bowl = (lambda w: (w - 1) * (w - 1) * (w - 1)), 3.0


def _curves(kind: type[Declared], parameter: Parameter, bowl: Bowl) -> Iterator[tuple[str, Array]]:
    others = _NEEDED.get((kind.key, parameter.name), {})
    beside = "".join(f" ({name}={value})" for name, value in others.items())
    for value in _values(parameter, _default(kind, parameter))[:_MOST_CURVES]:
        try:
            entry = _suited(kind)
            for name, other in others.items():
                entry = entry.changed(name, other)
            entry = entry.changed(parameter.name, value)
            label = parameter.plain(value) if isinstance(value, bool) else parameter.short(value)
            yield label + beside, _curve(entry, bowl)
        except ValueError:
            continue  # this value is not valid together with the others


def _suited(kind: type[Declared]) -> Any:
    return kind.suited(_STEPS, 1.0) if issubclass(kind, Schedule) else kind()


def _default(kind: type[Declared], parameter: Parameter) -> Any:
    return getattr(_suited(kind), parameter.name)


def _curve(entry: Declared, bowl: Bowl) -> Array:
    if isinstance(entry, Schedule):
        return entry.rates(_STEPS, 1.0, [1.0] * _STEPS if entry.follows_loss else ())
    assert isinstance(entry, Optimizer)
    lr = 0.1 if entry.default_lr < 0.1 else entry.default_lr
    return entry.path(bowl[0], w=bowl[1], lr=lr, steps=_STEPS)


def _values(parameter: Parameter, default: Any) -> list[Any]:
    """Returns values around a parameter's default that show what it does."""
    match parameter:
        case Flag():
            return [False, True]
        case Choice():
            return list(parameter.choices)
        case Numbers():
            return [(10, 20), default, (15, 30, 45)] if parameter.whole else []
        case Number() if default is None or isinstance(default, (int, float)):
            return [value for value in _numbers(parameter, default) if parameter.low <= value <= parameter.high]
    return []


def _numbers(parameter: Number, default: float | None) -> list[float]:
    if default is None:
        return [_STEPS // 4, _STEPS // 2, _STEPS] if parameter.whole else [0.25, 1.0, 4.0]
    if parameter.whole:
        return [default // 2, default, 2 * default] if default else [0, 5, 20]
    if 0.99 < default < 1:
        return [0.9, 0.99, default]
    if 0.5 <= default < 1:
        return [1 - 4 * (1 - default), default, 1 - (1 - default) / 4]
    if default == 0:
        return [0.0, 0.5, 0.9]
    if default < _TINY:
        return [default, 0.01, 0.3]
    return [default / 4, default, 4 * default]


def _formula(kind: type[Declared]) -> str:
    for name in ("loss", "rule"):
        text = getattr(kind, name, "")
        if isinstance(text, property) and issubclass(kind, Optimizer):
            text = getattr(kind(), name)
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
