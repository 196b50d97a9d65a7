"""Confirms the stability limit of every optimizer: `python -m tests.limits_truth [--settings N]`.

For random values of its numbers, at steps from 10 to 10,000, the optimizer's own rule makes one update with the divisor
held, at rates around the limit that the program tells. Prints by which share of it the first rate at which the spectral
radius of that update is above 1 lies beside the limit, at most, and the settings that have it.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator

import numpy as np

from lrstudio.core.optimizers import (
    ASGD,
    SGD,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    NAdam,
    Newton,
    Optimizer,
    RAdam,
    RMSprop,
    ScheduleFreeAdamW,
    ScheduleFreeSGD,
)
from tests.core.test_recurrence import divisor, held_factors, stability_limit

STEPS = (10, 30, 100, 300, 1000, 3000, 10_000)
CURVATURE = 3.0
NEAR = 1e-6
Chance = random.Random


def _beta(chance: Chance) -> float:
    """A share that is kept, often near 1."""
    return 1 - 10 ** chance.uniform(-3, 0)


def _adam(kind: type[Optimizer], chance: Chance, **others: float) -> Optimizer:
    return kind(beta1=_beta(chance), beta2=1 - 10 ** chance.uniform(-4, -0.6), **others)  # type: ignore[call-arg]


def _sgd(chance: Chance) -> Optimizer:
    momentum, nesterov = _beta(chance), chance.random() < 0.3
    return SGD(
        momentum=momentum,
        nesterov=nesterov,
        dampening=0.0 if nesterov else chance.random() * 0.9,
        weight_decay=chance.random(),
    )


KINDS: dict[Callable[[Chance], Optimizer], tuple[str, ...]] = {
    _sgd: (),
    lambda chance: ASGD(lambd=10 ** chance.uniform(-5, -2), alpha=chance.uniform(0.2, 0.9)): ("eta",),
    lambda chance: Adagrad(lr_decay=10 ** chance.uniform(-5, -1)): ("s",),
    lambda chance: RMSprop(alpha=_beta(chance), momentum=_beta(chance)): ("v",),
    lambda chance: _adam(Adam, chance): ("v",),
    lambda chance: _adam(AdamW, chance, weight_decay=10 ** chance.uniform(-4, -1)): ("v",),
    lambda chance: _adam(Adamax, chance): ("u",),
    lambda chance: _adam(NAdam, chance, momentum_decay=10 ** chance.uniform(-4, -1)): ("v",),
    lambda chance: _adam(RAdam, chance): ("v",),
    lambda chance: ScheduleFreeSGD(momentum=_beta(chance), r=chance.uniform(0, 3), weight_decay=chance.random()): (),
    lambda chance: ScheduleFreeAdamW(beta1=_beta(chance), r=chance.uniform(0, 3)): ("v",),
}
"""Makes an optimizer by chance; the states that make its divisor."""


def distance(optimizer: Optimizer, held: tuple[str, ...], step: int) -> float:
    """Returns how far the limit at a step is from where the rule's own update begins to grow, relative to it."""
    bent = np.array([CURVATURE / divisor(optimizer, held, step)])
    limit = stability_limit(optimizer, bent, step)
    if np.isinf(limit):
        grows = held_factors(optimizer, held, np.geomspace(1e-3, 1e6, 200), CURVATURE, step) > 1
        return float(grows.any())
    rates = limit * np.concatenate([np.geomspace(0.01, 1 - NEAR, 40), np.geomspace(1 + NEAR, 1.5, 20)])
    grows = held_factors(optimizer, held, rates, CURVATURE, step) > 1 + 1e-13
    first = rates[grows.argmax()] if grows.any() else np.inf
    return float(abs(first / limit - 1))


def cases(settings: int) -> Iterator[tuple[Optimizer, tuple[str, ...], int]]:
    """Yields optimizers with the states that make their divisors, and steps."""
    chance = Chance(0)
    for make, held in KINDS.items():
        for _ in range(settings):
            optimizer = make(chance)
            yield from ((optimizer, held, step) for step in STEPS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.limits_truth", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--settings", type=int, default=20, help="random values of each optimizer's numbers")
    worst: dict[str, tuple[float, str]] = {}
    count = 0
    for optimizer, held, step in cases(parser.parse_args().settings):
        found = distance(optimizer, held, step)
        count += 1
        if found >= worst.get(optimizer.key, (-1.0, ""))[0]:
            worst[optimizer.key] = found, f"step {step}, {optimizer}"
    for key, (found, where) in worst.items():
        print(f"{key:20}{found:.1e}  {where}")
    print(f"{count} limits, {len(worst)} optimizers; Newton's is {Newton().recurrence().stability_limit(np.ones(1)):g}")
    return int(any(found > 2 * NEAR for found, _ in worst.values()))


if __name__ == "__main__":
    raise SystemExit(main())
