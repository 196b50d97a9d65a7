"""Jobs of the worker thread with the simulation of the open session, and their messages."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.other_problem import changed_rates
from lrstudio.engine.training.pilot import reason_of
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.atomic import Progress, writing
from lrstudio.store.csv.table import write_csv
from lrstudio.store.recovery import RecoveryPoint, is_same, read_base, read_logs, read_point, rebuilt
from lrstudio.ui.session.file_lock import FileLock

if TYPE_CHECKING:
    from lrstudio.store.saved_logs import SavedLog

_MOST_RATES = 4
Parts = Callable[[], Iterable[bytes | float | Callable[[Progress], bytes]]]
"""Makes the parts of a file; a number among them is the fraction done, a function makes a part and tells progress."""
ShowMessage = Callable[..., None]
"""Shows a message in the status line of a window; with `warning=True` as a warning."""


class Cancelled(Exception):  # noqa: N818 - not an error
    """The user cancelled the job."""


class FileInUse(OSError):  # noqa: N818 - the file was left as it is
    """Another window has the file open, which has this lock."""

    def __init__(self, lock: FileLock) -> None:
        super().__init__(tr("is open in another window"))
        self.lock = lock


@dataclass(frozen=True, eq=False)
class Restored:
    """A session that was restored from the recovery point `source`, whose lock is `own`; `lock` is that of its file."""

    source: Path
    point: RecoveryPoint
    simulation: Simulation
    own: FileLock
    lock: FileLock | None
    message: str
    logs: Sequence[SavedLog] = ()


@dataclass(eq=False)
class Task:
    """A file job, shared by the worker thread and the window; `report` shows its outcome."""

    name: str
    path: Path
    report: ShowMessage | None = None
    fraction: float = 0.0
    cancelled: bool = False

    def progress(self, fraction: float) -> None:
        """Sets the fraction done, 0 to 1; raises Cancelled if the user cancelled the job."""
        self.fraction = fraction
        if self.cancelled:
            raise Cancelled


def resumed(simulation: Simulation, experiment: Experiment) -> Simulation:
    """Returns the simulation for this experiment, or a new one if it cannot continue."""
    if simulation.experiment != experiment:
        if not simulation.takes(experiment):
            return Simulation(experiment)
        simulation.amend(experiment)
    return simulation


def next_step(simulation: Simulation | None) -> tuple[int, Any]:
    if simulation is None:
        return 0, None
    return simulation.step, None if simulation.done else simulation.next_weights()


def preview(simulation: Simulation | None) -> Any:
    return None if simulation is None else simulation.preview()


def plan(simulation: Simulation | None) -> str:
    """Returns a message on the effect of an unplanned number of steps on the schedules; empty if there is none."""
    if simulation is None or simulation.experiment.horizon is None:
        return ""
    experiment = simulation.experiment
    if not any(run.schedule.needs_length for run in experiment.runs):
        return ""
    first, runs = simulation.over()
    if runs:
        text = tr("{over}: the rate is 0 from step {first:,} on, as planned. Reset plans for {steps:,} steps")
    else:
        text = tr("The schedules stay as planned for {planned:,} steps. Reset plans for {steps:,}")
    over = ", ".join(map(experiment.label, runs))
    return text.format(over=over, first=first, planned=experiment.schedule_length, steps=experiment.steps)


def do(task: Task, job: Callable[[Simulation | None, Task], Any], simulation: Simulation | None) -> Any:
    """Does a file job; OSError for a pipe or a device: one that nobody reads would stop the worker for ever."""
    path = task.path
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, tr("is a pipe or a device; choose a file"), str(path))
    return job(simulation, task)


def export_csv(path: Path, simulation: Simulation | None, task: Task) -> None:
    """Writes the trace as `lrstudio run --csv` does."""
    assert simulation is not None
    write_csv(path, simulation.experiment, simulation.trace, progress=task.progress)


def write_parts(path: Path, parts: Parts, task: Task) -> None:
    """Writes the parts to a file atomically."""
    with writing(path) as write:
        for part in parts():
            task.progress(part if isinstance(part, float) else 0.5)
            if not isinstance(part, float):
                write(part(task.progress) if callable(part) else part)


def failure(task: Task) -> str:
    """Returns the message for a failed task."""
    return {
        "open": tr("Could not open {name}", name=task.path.name),
        "save": tr("Could not save {name}", name=task.path.name),
        "export": tr("Could not export {name}", name=task.path.name),
        "restore": tr("Could not restore {name}", name=task.path.name),
    }[task.name]


def reason(error: BaseException) -> str:
    """Returns what went wrong, with the whole path of the file if that is known."""
    if isinstance(error, FileInUse):
        return tr("it is open elsewhere: {owner}", owner=error.lock.owner())
    return reason_of(error)


def restore(source: Path, task: Task, wait: Callable[[], None]) -> Restored:
    """Reads a recovery point and makes again the steps that no base has; `wait` lets the window paint."""
    own = FileLock(source)
    if not own.take():
        raise FileInUse(own)
    point = read_point(source)

    def stop(fraction: float) -> bool:
        wait()
        task.progress(fraction)
        return False

    simulation = rebuilt(point, read_base(source.parent, point), stop)
    lock = None if point.path is None else FileLock(point.path)
    if lock is not None:
        lock.take()
    text = tr("Restored {title}") if is_same(point, simulation) else tr("Restored {title}; its numbers were different")
    try:
        logs = read_logs(source.parent, point)
    except (OSError, ValueError):
        logs, text = (), tr("Restored {title}; its training logs could not be read")
    return Restored(source, point, simulation, own, lock, text.format(title=point.title), logs)


def report(error: BaseException | None, expected: tuple[type[BaseException], ...] = ()) -> None:
    """Passes an error on to `sys.excepthook`, as if nobody had handled it, unless it is None or expected."""
    if error is not None and not isinstance(error, expected):
        sys.excepthook(type(error), error, error.__traceback__)


def changed_rates_text(before: Experiment, after: Experiment) -> str:
    """Returns a message on the rates that another problem has changed; empty if there are none."""
    changed = changed_rates(before, after)
    if not changed:
        return ""
    more = ["…"] if len(changed) > _MOST_RATES else []
    pairs = ", ".join([f"{old:g} → {new:g}" for old, new in changed[:_MOST_RATES]] + more)
    text = tr("None of the rates suited this problem: {pairs} (undo: Ctrl+Z)")
    return text.format(pairs=pairs)


def saved_view(view: dict[str, Any]) -> dict[str, Any]:
    """Returns a view without `question` and `answer` of older files, which follow from the experiment, and `logs`."""
    return {name: value for name, value in view.items() if name not in ("question", "answer", "logs")}
