"""A run, and how the gradient of an experiment is computed."""

from __future__ import annotations

import math
import re
import sys
from dataclasses import field, replace
from typing import Any, Literal, get_args

from lrstudio.core.declaration import Declared, choice, param
from lrstudio.core.language import tr
from lrstudio.core.optimizers import DEFAULT_OPTIMIZER, Optimizer
from lrstudio.core.optimizers.clipping import with_lr_factors
from lrstudio.core.optimizers.recurrence import Recurrence
from lrstudio.core.parameter import read_decimal
from lrstudio.core.record import dataclass
from lrstudio.core.schedules import DEFAULT_SCHEDULE, Schedule

GradientMode = Literal["analytic", "forward", "central"]
GRADIENT_MODES: tuple[GradientMode, ...] = get_args(GradientMode)
MAX_LABEL = 200
MAX_BATCH = 2**31 - 1
_BETWEEN_FACTORS = re.compile(r";|,(?!\d)", re.ASCII)
"""No name of a group begins with a digit: in layer1:0,5 the comma is a decimal mark."""


class Gradient(Declared):
    """Computes the gradient exactly, or measures it by a forward or a central difference of width eps."""

    key = "gradient"

    mode: GradientMode = choice(
        "analytic",
        GRADIENT_MODES,
        "Exact, or measured by a difference of losses",
        label="gradient",
        titles=("analytic", "forward", "central"),
    )
    eps: float | None = param(None, "Width of the difference", 1e-15, 1, scale="log", whole=False)

    def check(self) -> None:
        if self.eps is None:
            object.__setattr__(self, "eps", {"analytic": None, "forward": 1e-4, "central": 1e-5}[self.mode])
        elif self.mode == "analytic":
            raise ValueError(tr("gradient analytic: takes no eps"))

    def idle(self) -> frozenset[str]:
        return frozenset({"eps"} if self.mode == "analytic" else ())

    def losses(self, size: int) -> int:
        """Returns how many losses of so many parameters it takes."""
        return 1 + size * {"analytic": 0, "forward": 1, "central": 2}[self.mode]

    def changed(self, name: str, value: Any) -> Gradient:
        """Returns the gradient with one value changed; another mode has its default width."""
        return Gradient(mode=value) if name == "mode" else super().changed(name, value)


@dataclass(frozen=True, kw_only=True)
class Run:
    """An optimizer, schedule, rate, start (None: that of the problem) and batch size (None: that of the experiment).

    `color` is an index in the palette.

    `lr_factors` are groups of the problem's parameters with a factor each: at every step their rate is the schedule's
    times the factor, as that of a parameter group in PyTorch. Other parameters have the factor 1.
    """

    lr: float
    optimizer: Optimizer = field(default_factory=DEFAULT_OPTIMIZER)
    schedule: Schedule = field(default_factory=DEFAULT_SCHEDULE)
    start: tuple[float, ...] | None = None
    batch_size: int | None = None
    label: str = ""
    color: int = 0
    lr_factors: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        check_lr(self.lr)
        names = [name for name, _ in self.lr_factors]
        for name, factor in self.lr_factors:
            if names.count(name) > 1:
                raise ValueError(tr("lr_factors: {name} is given twice", name=name))
            if not 0 <= factor <= sys.float_info.max:
                raise ValueError(
                    tr(
                        "lr_factors: {name} = {factor!r}: must be a finite number of at least 0",
                        name=name,
                        factor=factor,
                    )
                )
        if self.schedule.cycles_momentum and self.optimizer.cycled is None:
            raise ValueError(
                tr("cycle_momentum: {key} has neither momentum nor beta1; set it to false", key=self.optimizer.key)
            )
        if self.batch_size is not None and not 1 <= self.batch_size <= MAX_BATCH:
            raise ValueError(
                tr(
                    "batch size = {batch_size}: must be a whole number from 1 to {most}",
                    batch_size=self.batch_size,
                    most=MAX_BATCH,
                )
            )
        if not self.label.isprintable() or len(self.label) > MAX_LABEL:
            raise ValueError(
                tr(
                    "label = {label!r}: must be at most {most} printable characters",
                    label=self.label,
                    most=MAX_LABEL,
                )
            )
        if self.start is not None and not all(math.isfinite(value) for value in self.start):
            raise ValueError(tr("start = {start}: must be finite numbers", start=self.start))

    @property
    def has_lr_factors(self) -> bool:
        """Whether a factor of the rate is not 1."""
        return any(factor != 1 for _, factor in self.lr_factors)

    @property
    def rule(self) -> str:
        """The text of the update with clipping and the factors of the rate; runs with equal texts go together."""
        whole = self.optimizer.whole_rule
        return with_lr_factors(whole) if self.has_lr_factors else whole

    def law(self, step: int | None = None) -> Recurrence | None:
        """Returns the optimizer's recurrence (see `Optimizer.recurrence`); None means "no theory known".

        With factors of the rate it is for the curvatures of the Hessian divided by 1/factor. Then there is none where
        weight decay or a fading rate differs between the parameters, or where the step ignores the curvature's size.
        """
        law = self.optimizer.recurrence(step)
        if law is None or not self.has_lr_factors:
            return law
        return None if law.coupled or law.decoupled or law.fade or law.relative else law

    def bare(self, lr: float | None = None) -> Run:
        """Returns the run without label and colour, for comparison; with another rate if there is one."""
        return replace(self, lr=self.lr if lr is None else lr, label="", color=0)


def lr_factors_text(factors: tuple[tuple[str, float], ...]) -> str:
    """Returns factors of the rate as they are typed: layer1:0.1, layer2:1."""
    return ",".join(f"{name}:{factor!r}" for name, factor in factors)


def read_lr_factors(text: str, mark: str = ".") -> tuple[tuple[str, float], ...]:
    """Returns the factors of the rate of a typed text; `mark` is the locale's decimal mark. Raises ValueError."""
    factors = []
    for part in filter(None, map(str.strip, _BETWEEN_FACTORS.split(text))):
        name, _, number = (piece.strip() for piece in part.replace("=", ":").partition(":"))
        try:
            factor = read_decimal(number, mark) if number else None
        except ValueError as error:
            raise ValueError(tr("lr_factors {typed!r}: {error}", typed=text, error=error)) from None
        if not name or factor is None:
            raise ValueError(
                tr("lr_factors {typed!r}: {part!r} must be GROUP:FACTOR, as in layer1:0.1", typed=text, part=part)
            )
        factors.append((name, factor))
    return tuple(factors)


def check_lr(lr: float) -> None:
    """Raises ValueError unless the rate is finite and at least 0."""
    if not 0 <= lr <= sys.float_info.max:
        raise ValueError(tr("lr = {lr!r}: must be a finite number of at least 0", lr=lr))
