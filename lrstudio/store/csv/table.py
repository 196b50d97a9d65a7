"""Results as CSV for other programs: UTF-8, lines end with a line feed.

Numbers are the shortest texts that read back to the same float64; missing values are empty.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

import numpy as np

from lrstudio.core.analysis.verdict import PLATEAU, VERDICTS
from lrstudio.core.array import Array
from lrstudio.engine.compare.comparison import Standing, data_points
from lrstudio.engine.experiment import Experiment, lr_factors_text
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.over_seeds import HIGH, LOW, OverSeeds
from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.sweep.zones import TOO_LARGE, cell_codes
from lrstudio.engine.training.trace import Trace
from lrstudio.store.atomic import Progress, StrPath, part, writing
from lrstudio.store.csv.cells import harmless
from lrstudio.store.csv.shortest import Cells, floats, joined, whole

_ROWS = 4096
"""Rows whose bytes fit the processor's cache."""
_RUN = ("run", "label", "optimizer", "schedule", "lr")
_BATCHES = ("batch_size", "epochs", "samples")
_STANDING = ("step", "verdict", "steps_to_target", "final_loss", "best_loss", "diverged_at", "gradients", "smoothness")


def write_csv(target: StrPath | TextIO, experiment: Experiment, trace: Trace, progress: Progress | None = None) -> None:
    """Writes the trace, one row per run and step, as `write_text` does.

    Row k has the values before update k and the rate of that update; a run's last row has neither rate nor gradients.
    """
    write_text(target, blocks(experiment, trace, progress))


def write_text(target: StrPath | TextIO, texts: Iterable[str]) -> None:
    """Writes to a text stream, which should not translate line ends, or atomically to a file."""
    if isinstance(target, (str, os.PathLike)):
        with writing(target) as write:
            for text in texts:
                write(text.encode())
    else:
        target.writelines(texts)
        target.flush()


def header(experiment: Experiment, trace: Trace) -> list[str]:
    """Returns the names of the columns."""
    measured = [f"loss_plus_{name}" for name in trace.names] if "loss_plus" in trace.columns else []
    further = [*(["epoch"] if experiment.has_batches else []), *trace.metrics]
    return ["run", "step", "lr", "loss", *trace.names, *(f"grad_{name}" for name in trace.names), *measured, *further]


def blocks(experiment: Experiment, trace: Trace, progress: Progress | None = None) -> Iterator[str]:
    """Yields the table in pieces of some thousand lines: first the header, then run after run."""
    report = part(progress, 0, 1)
    length = trace.length  # the trace may grow meanwhile
    ends = [min(length, int(end)) for end in trace.ends]
    total, done = sum(ends), 0
    per_epoch = experiment.per_epoch if experiment.has_batches else [None] * len(ends)
    yield ",".join(header(experiment, trace)) + "\n"
    for run, end in enumerate(ends):
        for start in range(0, end, _ROWS):
            report(done / total)
            stop = min(start + _ROWS, end)
            yield _block(trace, run, start, stop, stop == end, per_epoch[run])
            done += stop - start
    report(1)


def _block(trace: Trace, run: int, start: int, stop: int, last: bool, per_epoch: int | None) -> str:
    """Returns the lines of a run's rows start..stop; `last` says whether the run ends with them."""
    count, rows = stop - start, np.arange(start, stop)
    columns = [Cells.same(str(run), count), whole(rows)]
    for name in ("lr", "loss", "params", "grad", "loss_plus"):
        if name not in trace.columns:
            continue
        values = trace.read(name, start, stop)[:, run].reshape(count, -1)
        cells = [floats(column) for column in values.T]
        if last and name not in ("loss", "params"):
            for column in cells:
                column.shown[-1] = False
        columns += cells
    if per_epoch is not None:
        columns.append(whole(rows // per_epoch))
    for name in trace.metrics:
        values = trace.read(name, start, stop)[:, run]
        columns.append(floats(values))
        columns[-1].shown[np.isnan(values)] = False
    return joined(columns)


def comparison_csv(
    experiment: Experiment, standings: Sequence[Sequence[Standing]], seeds: Sequence[int] | None = None
) -> str:
    """Returns the comparison with a row for each run, or with `seeds`, one for each of `standings`, per seed.

    `label_of` gives the label of a cell, which `harmless` has written. Where the runs have different batch sizes it
    ends with these, and with the epochs and samples of their steps.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    batches = len(set(experiment.batch_sizes)) > 1
    grouped = any(run.lr_factors for run in experiment.runs)
    heads = [_RUN[0], *([] if seeds is None else ["seed"]), *_RUN[1:], *["lr_factors"] * grouped, *_STANDING]
    writer.writerow([*heads, *(_BATCHES if batches else [])])
    for index, run in enumerate(experiment.runs):
        settings = [harmless(experiment.label_in_files(index)), run.optimizer.key, run.schedule.key, repr(run.lr)]
        settings += [lr_factors_text(run.lr_factors)] * grouped
        for number, standing in enumerate(standings):
            seed = [] if seeds is None else [str(seeds[number])]
            more = _of_batches(experiment, index, standing[index].step) if batches else []
            writer.writerow([str(index), *seed, *settings, *_cells(standing[index]), *more])
    return text.getvalue()


def _of_batches(experiment: Experiment, run: int, step: int) -> list[str]:
    size, epochs = experiment.batch_sizes[run] or experiment.data_size, step / experiment.per_epoch[run]
    return [str(size), repr(epochs), str(data_points(experiment, step, run))]


def _cells(standing: Standing) -> list[str]:
    values = {name: getattr(standing, name) for name in _STANDING if name != "verdict"}
    cells = {name: "" if value is None or math.isnan(value) else repr(value) for name, value in values.items()}
    return [(standing.key or "") if name == "verdict" else cells[name] for name in _STANDING]


def range_rows(lr: Array, loss: Array, smoothed: Array, iteration: Array | None = None) -> Iterator[str]:
    """Yields the lines of a range test: its rates, losses and smoothed losses (n,), counted from 0 by default."""
    yield "iteration,lr,loss,smoothed\n"
    steps = range(len(loss)) if iteration is None else map("{:.17g}".format, iteration.tolist())
    for step, *values in zip(steps, lr.tolist(), loss.tolist(), smoothed.tolist(), strict=True):
        yield f"{step},{','.join(map(repr, values))}\n"


def sweep_rows(sweep: Sweep, result: Summary) -> Iterator[str]:
    """Yields the header and pieces of some thousand lines, one row per run: the first axis within the second.

    Runs that were not computed have empty columns. A run far above those of smaller rates has the verdict `plateau`
    instead of too slow, because its rate is too large.
    """
    first, second = sweep.axes[0], sweep.axes[1] if len(sweep.axes) > 1 else None
    heads = [axis.name for axis in sweep.axes]
    yield ",".join([*heads, "verdict", "final_loss", "best_loss", "steps_to_target", "diverged_at"]) + "\n"
    values = list(map(repr, first.values))
    codes = None if first.name == "lr" else _codes(sweep.axes, result)
    for index in range(len(second.values) if second else 1):
        line = result.at((index,) if second else (slice(None),))
        own = _codes([first], line) if codes is None else codes[index] if second else codes
        for start in range(0, len(values), _ROWS):
            piece = slice(start, start + _ROWS)
            cells, names = line.at((piece,)), values[piece]
            columns = [names, *([[repr(second.values[index])] * len(names)] if second else []), _verdicts(own[piece])]
            columns += [_losses(cells.final_loss), _losses(cells.best_loss)]
            columns += [_steps(cells.steps_to_target), _steps(cells.diverged_at)]
            yield "\n".join(map(",".join, zip(*columns, strict=True))) + "\n"


def seeds_rows(rates: Sequence[float], result: OverSeeds) -> Iterator[str]:
    """Yields the lines of a sweep over seeds: medians and quartiles, the most frequent verdict, how many diverge."""
    columns = ("final_loss", "best_loss", "steps_to_target")
    heads = [f"{column}{end}" for column in columns for end in ("", "_low", "_high")]
    yield ",".join(["lr", "seeds", "verdict", "diverged", *heads]) + "\n"
    values = [
        [cell.removesuffix(".0") if column == "steps_to_target" else cell for cell in _losses(own)]
        for column in columns
        for own in (result.quantile(column, share) for share in (0.5, LOW, HIGH))
    ]
    count, median, diverged = str(len(result.seeds)), result.median, result.diverged.tolist()
    for index, rate in enumerate(rates):
        own = [column[index] for column in values]
        yield ",".join([repr(rate), count, *_verdicts(median.verdict[[index]]), str(diverged[index]), *own]) + "\n"


def _codes(axes: Sequence[Axis], result: Summary) -> Array:
    codes = cell_codes(axes, result.verdict, result.best_loss, result.late_loss)
    return np.where(codes == TOO_LARGE, PLATEAU, codes)


def _verdicts(codes: np.ndarray) -> list[str]:
    return [VERDICTS[code] if code != UNKNOWN else "" for code in codes.tolist()]


def _losses(values: np.ndarray) -> list[str]:
    return [repr(value) if value == value else "" for value in values.tolist()]


def _steps(values: np.ndarray) -> list[str]:
    return [str(value) if value >= 0 else "" for value in values.tolist()]
