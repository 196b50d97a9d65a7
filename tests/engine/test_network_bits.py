"""Traces and sweeps of networks have the same bits whatever computes them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import fields

import pytest

from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Classification, Digits
from lrstudio.engine.experiment import PRECISIONS, Experiment, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.training.simulation import Simulation


def digest() -> str:
    """Returns a hash of the columns of some traces, of the last weights and of the summaries of two sweeps."""
    found = hashlib.sha256()
    runs = (Run(lr=0.05, optimizer=Adam()), Run(lr=0.2, optimizer=SGD()))
    for problem, batch in ((Classification(units=4), None), (Digits(n=200, hidden=(6,)), 32)):
        plain = Experiment(problem=problem, runs=runs, steps=30, batch_size=batch)
        for precision in PRECISIONS:
            simulation = Simulation(plain.changed("precision", precision))
            simulation.advance(30)
            for column in simulation.trace.columns:
                found.update(simulation.trace.read(column).tobytes())
            found.update(simulation.states()[-1]["w"].tobytes())
        summary = Sweep(plain, [Axis("lr", (0.01, 0.1, 1.0, 100.0))]).run()
        for result in fields(summary):
            found.update(getattr(summary, result.name).tobytes())
    return found.hexdigest()


@pytest.mark.parametrize(
    "environment",
    [{"LRSTUDIO_KERNEL": "numpy"}, {"LRSTUDIO_KERNEL": "pulley"}, {"OPENBLAS_CORETYPE": "Prescott"}],
    ids=lambda environment: "-".join(environment.values()),
)
def test_the_bits_are_those_of_the_kernel(environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", f"from {__name__} import digest; print(digest())"]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest()
