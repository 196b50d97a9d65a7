"""Seconds for a map of `proportional`, rate x momentum, beside the same runs one after the other in a plain loop.

python -m tests.benchmarks.rate_map [cells a side] [steps]

The plain loop is timed for some of the runs and extrapolated; with torch where it is installed, otherwise numpy alone.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from time import perf_counter, process_time

import numpy as np

from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.core.optimizers import SGD
from lrstudio.core.problems import Proportional
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.map import refined
from lrstudio.engine.sweep.sweep import Sweep

RATES, MOMENTA = (1e-3, 1.0), (0.0, 0.99)
TRIED = 6
X, Y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 6.0, 9.0, 12.0])


def whole_map(side: int, steps: int) -> tuple[float, float, dict[str, int]]:
    """Seconds to the first picture and to the last, and how often each verdict occurs."""
    began = perf_counter()
    experiment = Experiment(problem=Proportional(), runs=(Run(lr=0.1, optimizer=SGD(momentum=0.5)),), steps=steps)
    rates = Axis("lr", tuple(np.geomspace(*RATES, side).tolist()))
    momenta = Axis("optimizer.momentum", tuple(np.linspace(*MOMENTA, side).tolist()))
    first = 0.0
    for picture in refined(Sweep(experiment, [rates, momenta])):
        picture.filled("verdict")
        first = first or perf_counter() - began
    codes, counts = np.unique(picture.summary.verdict, return_counts=True)
    return first, perf_counter() - began, {VERDICTS[code]: int(n) for code, n in zip(codes, counts, strict=True)}


def numpy_run(lr: float, momentum: float, steps: int) -> float:
    """One run as it stands in a text book."""
    w = b = w_buffer = b_buffer = 0.0
    for _ in range(steps):
        miss = w * X + b - Y
        w_buffer = momentum * w_buffer + 2 * float(np.mean(miss * X))
        b_buffer = momentum * b_buffer + 2 * float(np.mean(miss))
        w, b = w - lr * w_buffer, b - lr * b_buffer
    return float(np.mean((w * X + b - Y) ** 2))


def torch_run(lr: float, momentum: float, steps: int) -> float:
    """One run as PyTorch's tutorials write it."""
    import torch

    x, y = torch.tensor(X), torch.tensor(Y)
    w, b = torch.zeros((), dtype=torch.float64, requires_grad=True), torch.zeros((), dtype=torch.float64)
    b.requires_grad_()
    optimizer = torch.optim.SGD([w, b], lr=lr, momentum=momentum)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        optimizer.step()
    return float(loss.detach())


def extrapolated(run: Callable[[float, float, int], float], side: int, steps: int) -> float:
    """Seconds that all runs of the map would take one after the other."""
    run(0.01, 0.5, steps)
    began = perf_counter()
    with np.errstate(all="ignore"):
        for place in range(TRIED):
            run(0.01 * (place + 1), 0.1 * place, steps)
    return (perf_counter() - began) / TRIED * side**2


def main() -> None:
    given = [int(word) for word in sys.argv[1:3]]
    side, steps = given + [512, 200][len(given) :]
    busy = process_time()
    first, last, verdicts = whole_map(side, steps)
    busy = process_time() - busy
    print(f"{side} x {side} runs of {steps} steps: first picture {1000 * first:.0f} ms, all {last:.1f} s; {verdicts}")
    print(f"processor time {busy:.1f} s: that is what it takes on a quiet machine")
    loops = {"numpy": numpy_run} | ({"torch": torch_run} if importlib.util.find_spec("torch") else {})
    for name, run in loops.items():
        seconds = extrapolated(run, side, steps)
        print(f"one after the other with {name}: {seconds / 60:.0f} minutes, {seconds / last:.0f} x as long")


if __name__ == "__main__":
    main()
