"""A small file that asks for a large computation is refused by its numbers, before anything is computed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.optimizers import Adam
from lrstudio.core.problems import Classification, Digits, NoisyLine, Problem
from lrstudio.core.schedules import Plateau
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.training.simulation import Simulation, empty_trace, state_shapes
from lrstudio.store.session import Session, to_bytes
from tests.patience import patience
from tests.store.conftest import Entries, Forge, MakeExperiment

LIMITED = """
import resource, sys
from pathlib import Path
from lrstudio.store.fields import SessionError
from lrstudio.store.session import load
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000,) * 2)
try:
    load(Path(sys.argv[1]))
except SessionError as error:
    status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    used = resource.getrusage(resource.RUSAGE_SELF)  # whose peak of memory is that of the parent before the fork
    print(status["VmHWM"].split()[0], used.ru_utime + used.ru_stime, error)
"""
MOST_KILOBYTES, MOST_SECONDS = 200_000, 5


@pytest.fixture
def greedy(entries: Entries, zipped: Forge, tmp_path: Path) -> Callable[..., Path]:
    """Makes a session of one run on ten points claim 4,096 runs on a problem with these values."""

    def make(**values: Any) -> Path:
        run = Run(lr=0.01, optimizer=Adam())
        honest = Session.of(Simulation(Experiment(problem=Classification(n=10), runs=(run,))))
        found = entries(bytes(to_bytes(honest)))
        manifest = json.loads(found["manifest.json"])
        manifest["experiment"]["problem"]["values"] |= values
        manifest["experiment"]["runs"] *= 4096
        found["manifest.json"] = json.dumps(manifest).encode()
        path = tmp_path / "greedy.lrs"
        path.write_bytes(zipped(found.items()))
        return path

    return make


@pytest.mark.skipif(sys.platform != "linux", reason="a limit and a peak of memory, as Linux has them")
@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"n": 20_000}, "number of runs = 4096: a step on 20000 data point(s) would take 5.4e+10 operations"),
        ({"n": 20_000, "layers": 3, "units": 16}, "a step on 20000 data point(s) would take 2.3e+11 operations"),
        ({"n": 20_000, "layers": 0}, "loss.npy has the shape (1, 1): must be (1, 4096)"),
        ({"n": 5_000, "units": 7}, "loss.npy has the shape (1, 1)"),
    ],
)
def test_a_session_that_asks_for_the_world_is_refused_in_little_memory_and_time(
    greedy: Callable[..., Path], values: dict[str, Any], says: str
) -> None:
    path = greedy(**values)
    assert path.stat().st_size < 2_000_000
    command = [sys.executable, "-c", LIMITED, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience(60), check=False)
    assert (done.returncode, done.stderr) == (0, "")
    kilobytes, seconds, error = done.stdout.split(maxsplit=2)
    assert says in error
    assert int(kilobytes) < MOST_KILOBYTES
    assert float(seconds) < patience(MOST_SECONDS)


@pytest.mark.parametrize(
    ("problem", "runs", "more", "says"),
    [
        (Classification(n=20_000), 4096, {}, ", or the data points or the parameters"),
        (NoisyLine(n=100_000), 4096, {"gradient": Gradient(mode="central")}, "a step on 100000 data point(s)"),
        (Digits(n=50, hidden=(256, 256)), 4096, {}, "operations"),
        (Digits(n=50, hidden=(256,) * 3), 300, {}, "weights each would need"),
    ],
)
def test_the_budget_holds_for_every_experiment_and_says_what_to_lower(
    problem: Problem, runs: int, more: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrstudio.engine.memory.physical_memory", lambda: 0)
    with pytest.raises(ValueError, match=r"^number of runs = ") as caught:
        Experiment(problem=problem, runs=(Run(lr=0.1),) * runs, **more)
    assert says in str(caught.value)
    most = int(str(caught.value).split("lower the runs to ")[1].split(",")[0])
    assert len(Experiment(problem=problem, runs=(Run(lr=0.1),) * most, **more).runs) == most
    with pytest.raises(ValueError, match="number of runs"):
        Experiment(problem=problem, runs=(Run(lr=0.1),) * (most + 1), **more)


@pytest.mark.parametrize("gradient", ["analytic", "forward"])
@pytest.mark.parametrize("data", [False, True])
def test_the_shapes_that_are_derived_are_those_that_are_computed(
    mixed_runs: MakeExperiment, gradient: str, data: bool
) -> None:
    check_shapes(mixed_runs(gradient=gradient, data=data))


@pytest.mark.parametrize("batch_size", [None, 3])
def test_and_so_they_are_of_networks_and_schedules_that_follow_the_loss(batch_size: int | None) -> None:
    runs = Run(lr=0.1, optimizer=Adam(), schedule=Plateau()), Run(lr=0.2), Run(lr=0.3, schedule=Plateau(patience=2))
    check_shapes(Experiment(problem=Classification(n=10), runs=runs, batch_size=batch_size))


def check_shapes(experiment: Experiment) -> None:
    simulation = Simulation(experiment)
    shapes = [{name: np.shape(values) for name, values in state.items()} for state in simulation.states()]
    assert state_shapes(experiment) == shapes
    fresh, made = empty_trace(experiment), simulation.trace
    assert (fresh.columns, fresh.runs, fresh.names) == (made.columns, made.runs, made.names)
    assert (fresh.full is None, fresh.snapshots is None) == (made.full is None, made.snapshots is None)
