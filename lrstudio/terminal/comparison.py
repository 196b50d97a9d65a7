"""The table of `lrstudio run --compare`."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterator, Sequence

from lrstudio.core.language import mark, tr
from lrstudio.core.parameter import read_number
from lrstudio.engine.argument_parser import width_of
from lrstudio.engine.compare.best_run import BestRun, best_standing
from lrstudio.engine.compare.comparison import Comparison, Standing, data_points
from lrstudio.engine.compare.seeds import MOST_SEEDS, Spread, over_seeds, seeds_from
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.store.csv.table import comparison_csv
from lrstudio.terminal.options import experiment_from
from lrstudio.terminal.output import check_target, progress, write
from lrstudio.terminal.signals import SIGNALS

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
        " ".join([f"{run.lr:g}", *(f"{name}×{factor:g}" for name, factor in run.lr_factors)]),
        run.optimizer.key,
        run.schedule.key,
    )


def compare_over_seeds(args: argparse.Namespace) -> int:
    """Trains the experiment of the arguments with several seeds and prints the means, or writes a row for each."""
    refused = [name for name in ("session", "save", "report") if getattr(args, name) is not None]
    if refused:
        names = ", ".join("SESSION.lrs" if name == "session" else f"--{name}" for name in refused)
        raise ValueError(tr("--seeds: repeats a new experiment; leave out {names}", names=names))
    count = seed_count(args.seeds)
    check_target(args.csv)
    experiment = experiment_from(args)
    seeds = seeds_from(experiment.seed, count)
    report = None if args.quiet else progress()
    standings = list(over_seeds(experiment, seeds, progress=report or (lambda _share: None)))
    SIGNALS.finished()
    if args.csv is not None:
        write(args.csv, lambda: iter([comparison_csv(experiment, standings, seeds)]))
    if args.csv != "-":
        print(*_lines_over_seeds(experiment, standings, seeds), sep="\n")
    return 0


def seed_count(text: str) -> int:
    """Returns the number of seeds of an option; ValueError names it."""
    count = read_number(text, whole=True)
    if count is None or not 2 <= count <= MOST_SEEDS:
        raise ValueError(tr("--seeds {typed!r}: must be a whole number from 2 to {most}", typed=text, most=MOST_SEEDS))
    return int(count)


def _lines_over_seeds(
    experiment: Experiment, standings: Sequence[Sequence[Standing]], seeds: Sequence[int]
) -> Iterator[str]:
    text = tr("mean ± 95 % interval of the mean (Student's t) over the seeds {first} to {last}; most frequent verdicts")
    yield text.format(first=seeds[0], last=seeds[-1])
    titles = ("run", "verdict", "steps to target", "final loss", "best loss", "smoothness", "rate")
    rows = [tuple(tr(title) for title in titles)]
    for run, own in enumerate(zip(*standings, strict=True)):
        key, often = Counter(each.key or "-" for each in own).most_common(1)[0]
        verdict = key if often == len(own) else tr("{value} in {count} of {all}", value=key, count=often, all=len(own))
        columns = (
            ([math.nan if each.steps_to_target is None else each.steps_to_target for each in own], ""),
            ([each.final_loss for each in own], ""),
            ([each.best_loss for each in own], ""),
            ([100 * each.smoothness for each in own], " %"),
        )
        cells = [_spread(values, len(own), unit) for values, unit in columns]
        rows.append((experiment.label(run), verdict, *cells, f"{experiment.runs[run].lr:g}"))
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(_padded(row, widths)).rstrip()


def _spread(values: Sequence[float], count: int, unit: str) -> str:
    spread = Spread.of(values)
    if not spread.count:
        return "-"
    text = f"{spread.mean:.4g}{unit}"
    if spread.count > 1:
        text = f"{spread.mean:.4g} ± {spread.half_width:.2g}{unit}"
    return (
        text if spread.count == count else tr("{value} in {count} of {all}", value=text, count=spread.count, all=count)
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
