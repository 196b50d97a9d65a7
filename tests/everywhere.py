"""Whether every claim of every example holds on other machines: other BLAS kernels, no AVX2, other rounding.

    python -m tests.everywhere                   # the long trial: all kernels, nudges, seeds 0 to 11
    python -m tests.everywhere --one --nudge 1   # what one process finds, as JSON

A process has one kernel (`OPENBLAS_CORETYPE`), so each is a process of its own. Initial weights nudged by 1e-12
stand for all kernels that this machine does not have.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lrstudio.core.problems.base import Problem
from lrstudio.core.problems.network import NetworkProblem
from lrstudio.engine.claims import Outcome, predicate
from lrstudio.engine.examples import EXAMPLES, Example
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.simulation import Simulation
from tests.patience import patience

NUDGE = 1e-12
NO_AVX2 = {"NPY_DISABLE_CPU_FEATURES": "X86_V3"}
"""Its name from numpy 2.4 on; older ones ignore it with a warning."""
_KERNELS = {
    "x86_64": ("Prescott", "Nehalem", "Sandybridge", "Haswell", "SkylakeX"),
    "amd64": ("Prescott", "Nehalem", "Sandybridge", "Haswell", "SkylakeX"),
    "arm64": ("ARMV8", "NEOVERSEN1", "NEOVERSEV1"),
    "aarch64": ("ARMV8", "NEOVERSEN1", "NEOVERSEV1"),
}
_ILLEGAL = (-4, 0xC000001D)
"""How a process ends whose kernel has instructions that the CPU has not: SIGILL, and its like on Windows."""

Report = dict[str, list[bool | None]]
"""By the key of an example: whether its premise and each of its claims hold."""


def kernels() -> tuple[str, ...]:
    """The BLAS kernels that differ, whether the CPU bears them or not."""
    return _KERNELS.get(platform.machine().lower(), ())


def examples(kind: str) -> list[Example]:
    """Returns the examples with `networks` or all of them."""
    return [example for example in EXAMPLES if kind == "all" or isinstance(example.experiment.problem, NetworkProblem)]


def report(kind: str, seed: int = 0, rates: float = 0.0) -> Report:
    """Run the examples in this process, with another seed or rates that differ by a factor of about 1 + rates."""
    found: Report = {}
    for example in examples(kind):
        experiment = _varied(example.experiment, seed, rates)
        simulation = Simulation(experiment)
        simulation.advance(experiment.steps)
        outcome = Outcome(experiment, simulation.trace)
        premise = predicate(example.premise)(outcome) if example.premise else True
        found[example.key] = [premise, *(claim.holds(outcome) for claim in example.claims)]
    return found


def elsewhere(arguments: Sequence[str], environment: Mapping[str, str]) -> Report | None:
    """What another process finds; None where its kernel is not for this CPU."""
    command = [sys.executable, "-m", "tests.everywhere", "--one", *arguments]
    done = subprocess.run(
        command,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"} | dict(environment),
        capture_output=True,
        text=True,
        timeout=patience(600),
        check=False,
    )
    if done.returncode in _ILLEGAL:
        return None
    if done.returncode:
        raise RuntimeError(f"{environment}: {done.stderr}")
    found: Report = json.loads(done.stdout)
    return found


def nudge_initial_weights(number: int) -> None:
    """From now on, in this process, all weights begin a share of 1e-12 beside where they would."""
    for kind in (Problem, NetworkProblem):
        initial = kind.initial

        def nudged(problem: Any, seed: int, initial: Any = initial) -> Any:
            w = initial(problem, seed)
            noise = np.random.default_rng(number).normal(size=(2, *w.shape))
            return w * (1 + NUDGE * noise[0]) + NUDGE * noise[1]

        kind.initial = nudged  # type: ignore[method-assign, assignment]


def _varied(experiment: Experiment, seed: int, rates: float) -> Experiment:
    noise = np.random.default_rng(seed).choice((-1.0, 1.0), size=len(experiment.runs))
    pairs = zip(experiment.runs, noise, strict=True)
    runs = (
        tuple(replace(run, lr=run.lr * (1 + rates * float(sign))) for run, sign in pairs) if rates else experiment.runs
    )
    return replace(experiment, seed=seed, runs=runs)


def _trials() -> Iterator[tuple[str, list[str], dict[str, str]]]:
    for kernel in kernels():
        yield f"kernel {kernel}", ["--kind", "all"], {"OPENBLAS_CORETYPE": kernel}
    yield "no AVX2", ["--kind", "all"], NO_AVX2
    for number in range(1, 9):
        yield f"weights nudged ({number})", ["--kind", "all", "--nudge", str(number)], {}
    for rates in (2e-16, 1e-12, 1e-8, 1e-4):
        yield f"rates nudged by {rates:g}", ["--kind", "networks", "--rates", str(rates)], {}
    for seed in range(12):
        yield f"seed {seed}", ["--kind", "all", "--seed", str(seed)], {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one", action="store_true")
    parser.add_argument("--kind", choices=("all", "networks"), default="all")
    parser.add_argument("--nudge", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rates", type=float, default=0.0)
    given = parser.parse_args()
    if given.one:
        if given.nudge is not None:
            nudge_initial_weights(given.nudge)
        print(json.dumps(report(given.kind, given.seed, given.rates)))
        return
    for name, arguments, environment in _trials():
        found = elsewhere(arguments, environment)
        if found is None:
            print(f"{name:>24}: not for this CPU")
            continue
        wrong = [f"{key} {held}" for key, held in found.items() if not all(held)]
        held = sum(value is True for values in found.values() for value in values)
        print(f"{name:>24}: {held} of {sum(map(len, found.values()))} hold  {'; '.join(wrong)}", flush=True)


if __name__ == "__main__":
    main()
