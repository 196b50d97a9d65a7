"""What the tests of both kinds of kernels share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.kernel_recorder import KernelRecorder
from lrstudio.engine.training.network_recorder import NetworkRecorder
from lrstudio.engine.training.simulation import Simulation

Both = Callable[..., tuple[Simulation, Simulation]]


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Both:
    """Returns a function that advances an experiment with a kernel and with NumPy."""

    def advanced(experiment: Experiment, *blocks: int) -> tuple[Simulation, Simulation]:
        return made(experiment, blocks, by_numpy=False), made(experiment, blocks, by_numpy=True)

    def made(experiment: Experiment, blocks: tuple[int, ...], *, by_numpy: bool) -> Simulation:
        asked: list[bool] = []

        def never(_runner: object) -> bool:
            asked.append(True)
            return False

        with monkeypatch.context() as patch:
            if by_numpy:
                for recorder in (KernelRecorder, NetworkRecorder):
                    patch.setattr(recorder, "takes", staticmethod(never))
            simulation = Simulation(experiment)
            for block in blocks or (experiment.steps,):
                simulation.advance(block)
        assert bool(asked) == by_numpy
        return simulation

    return advanced
