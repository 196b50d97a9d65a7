"""`lrstudio benchmark`: the speed of this machine, with what computes on it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter

from lrstudio import __version__
from lrstudio.core.elementary.scales import geomspace
from lrstudio.core.kernel.host import backend
from lrstudio.core.language import mark, tr
from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Classification, NoisyLine, Problem, Proportional, Rosenbrock
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.memory import physical_memory
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.training.simulation import Simulation
from lrstudio.terminal.output import padded
from lrstudio.terminal.parser import CommandParser

SECONDS = 0.8
"""Of one measurement, about."""
_PACKAGES = ("numpy", "wasmtime", "PySide6-Essentials", "pyqtgraph")
_CELLS = 20_000
_MOST_ROWS = 8_000_000
"""Steps times runs of one trace."""


@dataclass(frozen=True)
class Machine:
    """What computes: the processor's name, its cores that this process may use, the memory in bytes (0: unknown)."""

    processor: str
    cores: int
    memory: int
    system: str


@dataclass(frozen=True)
class Speed:
    """What was trained, and the steps of all runs that were made in one second."""

    work: str
    steps_per_second: float


def benchmark(arguments: list[str]) -> int:
    """Prints machine, versions, backend and speeds."""
    parser = CommandParser(
        prog="lrstudio benchmark",
        description=tr("This machine, the versions and the speeds of training, in steps of all runs a second."),
    )
    parser.add_argument("--json", action="store_true", help=tr("the same as JSON"))
    args = parser.parse_args(arguments)
    computer, computes = machine(), backend()
    if args.json:
        found = {
            "machine": asdict(computer),
            "versions": versions(),
            "arithmetic": {"backend": computes.kind, "reason": computes.reason},
            "speeds": [asdict(speed(*work)) for work in works()],
        }
        print(json.dumps(found, indent=2))
        return 0
    text = mark("{processor}, {cores} cores, {memory:.1f} GiB, {system}")
    if not computer.memory:
        text = mark("{processor}, {cores} cores, {system}")
    told = {
        tr("machine"): tr(text, **asdict(computer) | {"memory": computer.memory / 2**30}),
        tr("versions"): ", ".join(f"{name} {number}" for name, number in versions().items()),
        tr("arithmetic"): f"{computes.kind} ({computes.reason})" if computes.reason else computes.kind,
    }
    for name, value in told.items():
        print(f"{padded(name, 11)} {value}")
    print()
    print(tr("steps of all runs a second"), flush=True)
    for work in works():
        measured = speed(*work)
        print(f"{padded(tr(measured.work), 52)} {measured.steps_per_second:>15,.0f}", flush=True)
    return 0


def machine() -> Machine:
    """Returns what this process runs on."""
    has_affinity = sys.platform == "linux"
    cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return Machine(_processor() or platform.machine(), cores, physical_memory(), platform.platform(terse=True))


def versions() -> dict[str, str]:
    """Returns the versions of the program and of what it is made with; - for what is missing."""
    return {"lrstudio": __version__, "Python": platform.python_version()} | {name: _version(name) for name in _PACKAGES}


def works() -> tuple[tuple[str, Callable[[int], float], int], ...]:
    """Returns what is measured: its name, a function that returns the seconds of so many steps, and its runs."""
    line, noisy, network = Proportional(), NoisyLine(), Classification(units=16)
    sgd, adam = Run(lr=1e-3, optimizer=SGD()), Run(lr=1e-2, optimizer=Adam())
    rows = (
        (mark("1 run, 4 points, SGD"), _experiment(line, sgd)),
        (mark("1 run, 4 points, Adam"), _experiment(line, adam)),
        (mark("16 runs, 4 points, Adam"), _experiment(line, *[adam] * 16)),
        (mark("1 run, mini-batches of 10 of 100 points, Adam"), _experiment(noisy, adam, batch_size=10)),
        (mark("1 network 2-16-16-1, mini-batches of 32, Adam"), _experiment(network, adam, batch_size=32)),
    )
    trained = [(name, partial(_train, experiment), len(experiment.runs)) for name, experiment in rows]
    swept = partial(_sweep, _experiment(Rosenbrock(), adam))
    return (*trained, (mark("sweep of 20000 runs with verdicts, rosenbrock, Adam"), swept, _CELLS))


def speed(work: str, run: Callable[[int], float], runs: int) -> Speed:
    """Measures ever longer trainings until one has taken long enough."""
    run(1)  # what happens once, as compiling
    steps, most = 16, _MOST_ROWS // runs
    while (took := run(steps)) < SECONDS / 2 and steps < most:
        steps = min(most, int(steps * max(2.0, min(32.0, 0.7 * SECONDS / max(took, 1e-6)))))
    return Speed(work, steps * runs / took)


def _experiment(problem: Problem, *runs: Run, batch_size: int | None = None) -> Experiment:
    return Experiment(problem=problem, runs=runs, batch_size=batch_size)


def _train(experiment: Experiment, steps: int) -> float:
    simulation = Simulation(replace(experiment, steps=steps))
    begin = perf_counter()
    simulation.advance(steps)
    return perf_counter() - begin


def _sweep(experiment: Experiment, steps: int) -> float:
    rates = Axis("lr", tuple(geomspace(1e-4, 1e-1, _CELLS).tolist()))
    sweep = Sweep(replace(experiment, steps=steps), [rates])
    begin = perf_counter()
    sweep.run()
    return perf_counter() - begin


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def _processor() -> str:
    """Returns the name of the processor; "" where the system does not tell."""
    try:
        if platform.system() == "Linux":
            lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
        if platform.system() == "Darwin":
            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""
    return platform.processor()
