"""The trace as a table (CSV) for other programs: one row per run and step, UTF-8, lines end with a line feed.

Row k holds the values before update k and the rate that update uses; a run's last row has neither rate nor gradients.
The metrics of a network are empty where they were not measured.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TextIO

from lrstudio.core.array import Array
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.batches import Batches
from lrstudio.engine.training.trace import Trace
from lrstudio.store.atomic import StrPath, writing
from lrstudio.store.progress import Progress, part

_ROWS = 8192


def write_csv(target: StrPath | TextIO, experiment: Experiment, trace: Trace, progress: Progress | None = None) -> None:
    """Write the table to a text stream, or to a file that is replaced whole.

    A path that is no regular file (a device, a pipe) is written to directly. OSError, or what `progress` raises, leaves
    the old file. A stream should not translate line ends.
    """
    if isinstance(target, (str, os.PathLike)):
        with writing(target) as write:
            for text in blocks(experiment, trace, progress):
                write(text.encode())
    else:
        for text in blocks(experiment, trace, progress):
            target.write(text)


def header(experiment: Experiment, trace: Trace) -> list[str]:
    """The names of the columns."""
    measured = [f"loss_plus_{name}" for name in trace.names] if "loss_plus" in trace.columns else []
    further = [*([] if experiment.batch_size is None else ["epoch"]), *trace.metrics]
    return ["run", "step", "lr", "loss", *trace.names, *(f"grad_{name}" for name in trace.names), *measured, *further]


def blocks(experiment: Experiment, trace: Trace, progress: Progress | None = None) -> Iterator[str]:
    """The table in pieces of some thousand lines: first the header, then run after run."""
    report = part(progress, 0, 1)
    length = trace.length  # the trace may grow meanwhile
    ends = [min(length, int(end)) for end in trace.ends]
    total, done = sum(ends), 0
    per_epoch = None if experiment.batch_size is None else _per_epoch(experiment)
    yield ",".join(header(experiment, trace)) + "\n"
    for run, end in enumerate(ends):
        for start in range(0, end, _ROWS):
            report(done / total)
            stop = min(start + _ROWS, end)
            yield _block(trace, run, start, stop, stop == end, per_epoch)
            done += stop - start
    report(1)


def _block(trace: Trace, run: int, start: int, stop: int, last: bool, per_epoch: int | None) -> str:
    """The lines of a run's rows start..stop; `last` says that the run ends with them."""
    rows = range(start, stop)
    columns = [[str(run)] * len(rows), [str(row) for row in rows]]
    for name in ("lr", "loss", "params", "grad", "loss_plus"):
        if name not in trace.columns:
            continue
        values = trace.read(name, start, stop)[:, run].reshape(len(rows), -1)
        texts = [_texts(column) for column in values.T]
        if last and name not in ("loss", "params"):
            for column in texts:
                column[-1] = ""
        columns += texts
    if per_epoch is not None:
        columns.append([str(row // per_epoch) for row in rows])
    for name in trace.metrics:
        cells = _texts(trace.read(name, start, stop)[:, run])
        columns.append(["" if cell == "nan" else cell for cell in cells])
    return "\n".join(map(",".join, zip(*columns, strict=True))) + "\n"


def _texts(values: Array) -> list[str]:
    """The shortest texts that read back to the same float64."""
    return list(map(repr, values.tolist()))


def _per_epoch(experiment: Experiment) -> int:
    data = experiment.problem.data(experiment.seed)
    return Batches(len(next(iter(data.values()))), experiment.batch_size, experiment.seed).per_epoch
