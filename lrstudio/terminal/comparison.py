"""The table of `lrstudio run --compare`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from lrstudio.core.language import mark, tr
from lrstudio.engine.argument_parser import width_of
from lrstudio.engine.compare.best_run import BestRun, best_standing
from lrstudio.engine.compare.comparison import Comparison, Standing, data_points
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace

_TITLES = (
    mark("run"),
    mark("verdict"),
    mark("steps to target"),
    mark("final loss"),
    mark("best loss"),
    mark("smoothness"),
    mark("gradients"),
    mark("rate"),
    mark("optimizer"),
    mark("schedule"),
)
_LEFT_ALIGNED = {0, 1, 8, 9}
_OF_BATCHES = (mark("batch size"), mark("steps"), mark("epochs"), mark("samples"))
_FEWEST = {
    "steps": mark("best: {names}: fewest steps to the target, {value:.0f}"),
    "epochs": mark("best: {names}: fewest epochs to the target, {value:.3g}"),
    "samples": mark("best: {names}: fewest samples to the target, {value:.0f}"),
}


def comparison_lines(experiment: Experiment, trace: Trace) -> Iterator[str]:
    """Yields the best run, a line of titles and one for each run; `-` means no value.

    Of runs with different batch sizes it tells these, and how many steps, epochs and samples each has behind it.
    """
    standings = Comparison(experiment, trace).at(experiment)
    assert standings is not None
    best = best_standing(experiment, standings)
    if best is not None:
        yield _best(experiment, best)
    rows = [tuple(map(tr, _TITLES)), *(_cells(experiment, run, standing) for run, standing in enumerate(standings))]
    if len(set(experiment.batch_sizes)) > 1:
        batches = [_of_batches(experiment, run, standing.step) for run, standing in enumerate(standings)]
        rows = [(*row, *more) for row, more in zip(rows, [tuple(map(tr, _OF_BATCHES)), *batches], strict=True)]
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(_padded(row, widths)).rstrip()


def _best(experiment: Experiment, best: BestRun) -> str:
    names = ", ".join(map(experiment.label, best.runs))
    if best.rule == "target":
        return tr(_FEWEST[experiment.equal], names=names, value=best.value)
    text = mark("best: {names}: least loss over the last quarter of {steps} steps, at most {loss}")
    if experiment.has_batches:
        text = mark("best: {names}: least loss on all data over the last eighth of {steps} steps, at most {loss}")
    told = tr(text, names=names, steps=best.steps, loss=_loss(best.value))
    if not best.as_good:
        return told
    return tr("{best}; as good: {names}", best=told, names=", ".join(map(experiment.label, best.as_good)))


def _cells(experiment: Experiment, index: int, standing: Standing) -> tuple[str, ...]:
    run = experiment.runs[index]
    return (
        experiment.label(index),
        standing.key or "-",
        "-" if standing.steps_to_target is None else str(standing.steps_to_target),
        _loss(standing.final_loss),
        _loss(standing.best_loss),
        f"{100 * standing.smoothness:.3g} %" if math.isfinite(standing.smoothness) else "-",
        str(standing.gradients),
        f"{run.lr:g}",
        run.optimizer.key,
        run.schedule.key,
    )


def _of_batches(experiment: Experiment, run: int, step: int) -> tuple[str, ...]:
    size, epochs = experiment.batch_sizes[run], step / experiment.per_epoch[run]
    return (
        tr("all data") if size is None else str(size),
        str(step),
        f"{epochs:.4g}",
        str(data_points(experiment, step, run)),
    )


def _loss(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else "-"


def _padded(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Yields the cells of equal width: texts left-aligned, numbers right-aligned."""
    for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
        padding = " " * (width - width_of(cell))
        yield cell + padding if column in _LEFT_ALIGNED else padding + cell
