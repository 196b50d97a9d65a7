"""What of the program is timed, through its public doors only, so that older commits can be timed by the same file.

A job takes a number of steps and returns the CPU seconds that they took. As a program it serves an older checkout:

    python subject.py CHECKOUT        reads lines "NAME STEPS", answers each with the CPU seconds
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from time import process_time

if __name__ == "__main__":
    sys.path[0] = sys.argv[1]

import numpy as np

from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import PROBLEMS, Rosenbrock
from lrstudio.engine.experiment import PRECISIONS, Experiment, Precision, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.training.simulation import Simulation

Job = Callable[[int], float]

RATES = {"sgd": 1e-3, "adam": 1e-6}
"""Adam does not arrive within a repetition: then its averages become subnormal, which is slow for everybody."""
CELLS = 100_000
SWEPT = {"sgd": (1e-6, 1e-3), "adam": (1e-4, 1e-1)}
"""Rates with which no run on rosenbrock diverges, so that every run makes every step."""
HIDDEN, BATCH = (16, 16), 32
PLANNED = 20_000
"""The steps of a network's experiment, in which it is evaluated on all data a hundred times."""
DIGITS_BATCH = 64


def runs(optimizer: str, count: int) -> tuple[Run, ...]:
    """Runs whose rates differ a little."""
    kind = SGD() if optimizer == "sgd" else Adam()
    return tuple(Run(lr=RATES[optimizer] * (1 + place / 100), optimizer=kind) for place in range(count))


def experiment(key: str, optimizer: str, count: int, steps: int, precision: Precision = "float64") -> Experiment:
    """These runs on a problem; `batches` is the noisy line with mini-batches of 10."""
    kind = next(kind for kind in PROBLEMS if kind.key == ("noisy_line" if key == "batches" else key))
    shape = {"layers": len(HIDDEN), "units": HIDDEN[0]} if key == "classification" else {}
    return Experiment(
        problem=kind(**shape),
        runs=runs(optimizer, count),
        steps=steps,
        batch_size={"batches": 10, "classification": BATCH, "digits": DIGITS_BATCH}.get(key),
        precision=precision,
    )


def train(key: str, optimizer: str, count: int, precision: Precision, steps: int) -> float:
    """CPU seconds of so many steps of so many runs, all of them recorded."""
    planned = max(steps, PLANNED) if key in ("classification", "digits") else steps
    simulation = Simulation(experiment(key, optimizer, count, planned, precision))
    begin = process_time()
    made = simulation.advance(steps)
    took = process_time() - begin
    assert made == steps and not simulation.trace.over(None), f"{key}: the runs ended after {made} steps"
    return took


def rosenbrock(optimizer: str, precision: Precision, cells: int, steps: int) -> Sweep:
    """A sweep of rates with verdicts."""
    (run,) = runs(optimizer, 1)
    chosen = Experiment(problem=Rosenbrock(), runs=(run,), steps=steps, precision=precision)
    return Sweep(chosen, [Axis("lr", tuple(np.geomspace(*SWEPT[optimizer], cells).tolist()))])


def sweep(optimizer: str, precision: Precision, steps: int) -> float:
    """CPU seconds of 10⁵ runs with their verdicts."""
    swept = rosenbrock(optimizer, precision, CELLS, steps)
    begin = process_time()
    summary = swept.run()
    took = process_time() - begin
    assert (summary.diverged_at < 0).all() and (summary.verdict >= 0).all(), "every run makes every step"
    return took


PROBLEMS_TRAINED = ("proportional", "noisy_line", "rastrigin", "ackley", "model", "batches", "classification", "digits")
JOBS: Mapping[str, tuple[int, Job]] = {
    f"{key} {optimizer} {count} {precision}": (count, partial(train, key, optimizer, count, precision))
    for key in PROBLEMS_TRAINED
    for optimizer in RATES
    for count in (1, 16, 64)
    for precision in PRECISIONS
} | {
    f"sweep {optimizer} {precision}": (CELLS, partial(sweep, optimizer, precision))
    for optimizer in RATES
    for precision in PRECISIONS
}
"""By name: the runs of a job and the job."""


def main() -> None:
    for line in sys.stdin:
        name, _, steps = line.strip().rpartition(" ")
        print(JOBS[name][1](int(steps)), flush=True)


if __name__ == "__main__":
    main()
