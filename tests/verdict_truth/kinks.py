"""Ground that is no bowl: kinks, w^4, saddles, inflections, no floor, steps of one size, weights that do not move."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from lrstudio.core.optimizers import SGD, Adagrad, Adam, Lion, Optimizer, RMSprop
from lrstudio.core.problems import Absolute, Formula, NoisyLine, Parabola, Plateau, Problem, Proportional, Saddle
from lrstudio.core.problems.base import Surface
from lrstudio.engine.experiment import Precision
from lrstudio.engine.sweep.axis import Axis
from tests.verdict_truth.group import Group, Label, group, label


class Flat(Surface):
    """w^4, which has no curvature at its minimum."""

    key = "flat"
    title = "w^4"
    loss = "w^4"
    names = ("w",)
    start = (2.0,)
    domain = ((-3.0, 3.0),)
    known_minima = ((0.0,),)
    least = 0.0


def _of_share(share: float) -> Label:
    """By the share of the way in loss that is left, on a way without turns."""
    if share > 0.13:
        return label("too_slow")
    return label("converging") if 0.001 < share < 0.075 else None


def on_the_way() -> Iterator[Group]:
    """|a|, as it is built in and as it is typed: steps of one size, so that what is left follows from their number.

    Adagrad's steps are rate/sqrt(t); those of the others are the rate, while the slope stays as it is.
    """
    constant = (SGD(), Lion(), Adam(), Adam(beta1=0.5), RMSprop(alpha=0.0), Adagrad())
    came = np.array([0.003, 0.02, 0.1, 0.33, 0.5, 0.66, 0.8, 0.95, 0.985])
    for problem, optimizer, steps in product((Absolute(), Formula(loss="abs(a)")), constant, (50, 200)):
        length = (1 / np.sqrt(np.arange(1, steps + 1))).sum() if isinstance(optimizer, Adagrad) else steps
        start = 3.03
        yield group(
            problem, steps, came * start / length, [_of_share(1 - c) for c in came], optimizer=optimizer, start=(start,)
        )


def signs_on_a_bowl() -> Iterator[Group]:
    """(w + 1)^2: one rate a step, so that (1 - came)^2 of the loss is left; Adam goes less far as the slope falls."""
    came = np.array([0.003, 0.02, 0.1, 0.3, 0.5, 0.8, 0.9])
    for optimizer, steps in product((Lion(), Adam(), Adam(beta1=0.5), RMSprop(alpha=0.0)), (50, 200)):
        labels = [
            None if isinstance(optimizer, Adam) and c > 0.5 else _of_share((1 - c) ** 2 * (1 + 1e-9)) for c in came
        ]
        yield group(Parabola(), steps, came * 6 / steps, labels, optimizer=optimizer)


def cycles() -> Iterator[Group]:
    """|a| that has reached the kink in the first half jumps over it for ever; factors of exactly -1 too."""
    rates = np.array([0.07, 0.11, 0.19, 0.3, 0.47, 0.62, 0.9, 1.3])
    for problem, start, steps in product((Absolute(), Formula(loss="abs(a)")), (3.3, 3.03), (100, 300)):
        rest = start % rates
        fair = (start / rates < steps / 2 - 2) & (np.minimum(rest, rates - rest) > 1e-3)
        yield group(problem, steps, rates, [label("cycling") if ok else None for ok in fair], start=(start,))
    starts = (5.0, 2.0, -3.0, 100.0)
    for steps in (20, 61, 200):
        yield group(Parabola(), steps, [1.0], [label("cycling")] * 4, over=Axis("start.0", starts))
    for beta in (0.5, 0.25, 0.75):
        yield group(Parabola(), 200, [1 + beta], [label("cycling")], optimizer=SGD(momentum=beta))


def quartics() -> Iterator[Group]:
    """From w' = -4w^3: the loss falls to (1 + 8 w0^2 rate steps)^-2 of what it was."""
    for problem, steps in product((Flat(), Formula(loss="a^4")), (100, 1000)):
        rates = np.geomspace(1e-6, 4e-3, 16)
        shares = (1 + 8 * 2.0**2 * rates * steps) ** -2.0
        labels = [
            label("arrived") if share < 0.5e-4 else None if share < 3e-4 else _of_share(share) if share > 1e-3 else None
            for share in shares
        ]
        yield group(problem, steps, rates, labels, start=(2.0,))


def saddles() -> Iterator[Group]:
    """x^2 - y^2: x shrinks by 1 - 2 rate, y grows by 1 + 2 rate. There is no floor."""
    rates = np.array([0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.45])
    firsts = (0.1, 0.001, 1e-5)
    for (problem, name), steps in product(((Saddle(), "start.y"), (Formula(loss="a^2-b^2"), "start.b")), (20, 60, 400)):
        labels: list[Label] = []
        for first, rate in product(firsts, rates):
            x, y = np.abs(1 - 2 * rate) ** np.arange(steps + 1), first * (1 + 2 * rate) ** np.arange(steps + 1)
            half = steps // 2
            past = y[half] > 3 * x[half] and y[-1] > 4 * y[half] and y[-1] > 3
            waits = max(y[-1], x[-1]) < 3e-4
            labels.append(label("diverged") if past else label("plateau") if waits else None)
        yield group(problem, steps, rates, labels, start=(1.0, 0.1), over=Axis(name, firsts))


def no_minimum() -> Iterator[Group]:
    """An inflection is no minimum, nor is a slope that goes on for ever; a loss that falls has not diverged."""
    falls = label("converging", "too_slow", "plateau")
    rates = np.geomspace(1e-3, 0.2, 9)
    for steps in (100, 1000):
        yield group(Formula(loss="a^3"), steps, rates, [falls] * 9, start=(1.0,))
        yield group(Formula(loss="exp(-a)"), steps, rates, [falls] * 9, start=(0.0,))
        yield group(Formula(loss="exp(-a) + b^2"), steps, rates, [falls] * 9, start=(0.0, 1.0))
    starts = (2.4, 3.0, 3.6)
    for problem in (Plateau(), Formula(loss="1 - exp(-(x^2 + y^2)/2)")):
        small = (0.0001, 0.001, 0.01)
        over = Axis("start.y", starts)
        yield group(problem, 60, small, [label("plateau")] * 9, start=(1.8, 2.4), over=over)


def traps() -> Iterator[Group]:
    """Steps smaller than half the gap between numbers of the weight's precision, and rates of 0."""
    precisions: tuple[Precision, ...] = ("float32", "mixed")
    starts, rates = (5.0, 30.0, 300.0, 4e5), (0.0, 1e-11, 1e-10, 1e-9)
    for precision, optimizer in product(precisions, (SGD(), SGD(momentum=0.5))):
        labels: list[Label] = []
        for start, rate in product(starts, rates):
            step = rate * 2 * (start + 1) / (1 - optimizer.momentum)
            labels.append(label("stuck") if step < np.spacing(np.float32(start)) / 2 else None)
        over = Axis("start.0", starts)
        yield group(Parabola(), 100, rates, labels, optimizer=optimizer, over=over, precision=precision)
    problems: tuple[Problem, ...] = (Parabola(), Proportional(), NoisyLine(), Saddle())
    optimizers: tuple[Optimizer, ...] = (SGD(), Adam(), Lion())
    for problem, other in product(problems, optimizers):
        yield group(problem, 50, [0.0], [label("stuck")], optimizer=other)
    yield group(Parabola(), 50, [1e-20], [label("stuck")], start=(4.0,))


def groups() -> Iterator[Group]:
    for kind in (on_the_way, signs_on_a_bowl, cycles, quartics, saddles, no_minimum, traps):
        yield from kind()
