"""`lrstudio sweep`, here or on a cluster."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np

from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.core.language import mark, tr
from lrstudio.core.parameter import read_decimal
from lrstudio.engine.options import add_experiment_options
from lrstudio.engine.sweep.axis import Axis, is_whole
from lrstudio.engine.sweep.best_rate import best_rate
from lrstudio.engine.sweep.blocks import Block, computed_blocks, missing_blocks
from lrstudio.engine.sweep.over_seeds import HIGH, LOW, OverSeeds, seed_axis
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.sweep.theory import theoretical_limit
from lrstudio.engine.sweep.zones import rate_keys
from lrstudio.store.csv.table import seeds_rows, sweep_rows
from lrstudio.store.sweep_file import SweepFile
from lrstudio.terminal.arithmetic import note_retreat
from lrstudio.terminal.cluster import cluster_blocks
from lrstudio.terminal.comparison import seed_count
from lrstudio.terminal.options import experiment_from, span
from lrstudio.terminal.output import check_target, kept_elsewhere, progress, write
from lrstudio.terminal.parser import CommandParser
from lrstudio.terminal.signals import SIGNALS

_BEST = {
    (True, False): mark(
        "best rate {rate}: least loss over the last quarter of {steps} steps, at most {most:.6g} (last {final:.6g})"
    ),
    (False, False): mark(
        "best rate {rate}: about the least loss over the last quarter of {steps} steps, at most {most:.6g} (last "
        "{final:.6g})"
    ),
    (True, True): mark(
        "best rate {rate}: least loss on all data over the last eighth of {steps} steps, at most {most:.6g} (last "
        "{final:.6g})"
    ),
    (False, True): mark(
        "best rate {rate}: about the least loss on all data over the last eighth of {steps} steps, at most {most:.6g} "
        "(last {final:.6g})"
    ),
}
"""What is said of the best rate, by whether it alone has the least loss, and whether batches make noise."""


def sweep_command(arguments: list[str]) -> int:
    parser = CommandParser(
        prog="lrstudio sweep",
        description=tr(
            "Hundreds of rates at once: verdict, final and best loss of each (with mini-batches those on all data, "
            "at the ends of epochs and at the last step). A slow run of a rate above some that come clearly further "
            "is too_large on the terminal and plateau in the CSV, not too_slow. --lr takes a:b:n (n rates by equal "
            "factors), a..b:n (by equal steps) or, again and again, single rates."
        ),
    )
    parser.add_argument(
        "--over", metavar="NAME=a:b:n", help=tr("a second number, such as optimizer.momentum or start.0")
    )
    parser.add_argument(
        "--seeds",
        metavar="N",
        help=tr(
            "each rate with N seeds, from --seed on: medians, and quartiles between which half of the seeds lie; one"
            " that diverges counts as larger than all others"
        ),
    )
    parser.add_argument("--csv", metavar="PATH|-", help=tr("write one row per run"))
    parser.add_argument(
        "--dask",
        metavar="tcp://HOST:PORT",
        help=tr("compute on the workers of this dask scheduler; needs lrstudio[dask]"),
    )
    parser.add_argument(
        "--resume",
        metavar="FILE",
        help=tr(
            "keep finished runs in FILE and compute only those that it lacks (with --dask by default PATH.blocks, "
            "which is removed once the CSV is written)"
        ),
    )
    parser.add_argument("--quiet", action="store_true", help=tr("no progress and no summary"))
    add_experiment_options(parser)
    args = parser.parse_args(arguments)
    check_target(args.csv)
    spanned = len(args.lr or ()) == 1
    path = _resume_path(args)
    sweep = _sweep_from(args)
    kept = None if path is None else SweepFile(path, sweep)
    if not args.quiet:
        note_retreat("sweep")
    result, failure = _computed(sweep, args.dask, kept, None if args.quiet else progress())
    of_seeds = None
    if args.seeds is not None:
        of_seeds = OverSeeds(tuple(map(int, sweep.axes[1].values)), result)
        sweep, result = Sweep(sweep.experiment, sweep.axes[:1]), of_seeds.median
    if args.csv is not None:
        values = sweep.axes[0].values
        write(args.csv, lambda: sweep_rows(sweep, result) if of_seeds is None else seeds_rows(values, of_seeds))
    if path is not None and kept is not None and args.resume is None:
        for file in {path, kept.path}:
            file.unlink(missing_ok=True)
    if not args.quiet and args.csv != "-":
        _summarise(sweep, result, between=spanned and of_seeds is None)
        if of_seeds is not None:
            _summarise_seeds(sweep, of_seeds)
    if failure is not None and args.resume is not None:
        raise failure
    return 0


def _resume_path(args: argparse.Namespace) -> Path | None:
    """Returns the file that keeps finished blocks: the one that is named, with --dask by default one beside the CSV."""
    if args.resume is None:
        beside = args.dask is not None and args.csv not in (None, "-")
        target = Path(args.csv) if beside else None
        if target is None or (target.exists() and not target.is_file()):
            return None
        check_target(f"{args.csv}.blocks")
        return Path(f"{args.csv}.blocks")
    check_target(args.resume)
    if args.resume == "-" or (args.csv is not None and Path(args.csv).resolve() == Path(args.resume).resolve()):
        raise ValueError(tr("--resume {resume}: must be a file of its own", resume=args.resume))
    return Path(args.resume)


def _computed(
    sweep: Sweep, address: str | None, kept: SweepFile | None, report: Callable[[float], None] | None
) -> tuple[Summary, OSError | None]:
    """Returns the results of a sweep; computes the blocks that are not kept, here or on the cluster at an address.

    An error of the file that keeps them loses nothing: it is returned, and says where they are kept instead.
    """
    result = Summary.empty(sweep.shape) if kept is None else kept.known
    missing = missing_blocks(sweep, result)
    if not missing:
        SIGNALS.finished()
        return result, None
    failure: OSError | None = None
    left = sum(block.end - block.first for block in missing)
    source = computed_blocks(sweep, missing) if address is None else cluster_blocks(address, sweep, missing)
    try:
        with closing(source):
            for block, part in source:
                result.put(block.cells, part)
                if kept is not None:
                    failure = _store(kept, block, part) or failure
                left -= block.end - block.first
                if report is not None:
                    report(1 - left / sweep.cells)
            SIGNALS.finished()
    except KeyboardInterrupt:
        if kept is None or not kept.path.exists():
            raise
        if failure is not None:
            raise KeyboardInterrupt(tr("interrupted; --resume goes on from {path!r}", path=str(kept.path))) from None
        raise KeyboardInterrupt(
            tr("interrupted; the same command goes on from {path!r}", path=str(kept.path))
        ) from None
    return result, failure


def _store(kept: SweepFile, block: Block, part: Summary) -> OSError | None:
    """Stores the results of a block, where the file takes none in a file elsewhere; then returns the error."""

    def elsewhere(path: Path) -> None:
        before = kept.path
        kept.move(path)
        try:
            kept.add(block, part)
        except OSError:
            kept.path = before
            path.unlink()
            raise

    try:
        kept.add(block, part)
    except OSError as error:
        return kept_elsewhere(kept.path, error, elsewhere)
    return None


def _sweep_from(args: argparse.Namespace) -> Sweep:
    if args.run:
        raise ValueError(tr("--run: a sweep is of one run; give --lr, --optimizer, --schedule and --start"))
    if not args.lr:
        raise ValueError(tr("--lr: say which rates, as in --lr 1e-4:10:256"))
    single = len(args.lr) == 1 and ":" in args.lr[0]
    rates = span("--lr", args.lr[0]) if single else tuple(_rate(text) for text in args.lr)
    args.lr = [repr(rates[0])]
    experiment = experiment_from(args)
    if args.batch_sizes is not None:
        raise ValueError(tr("--batch-sizes: a sweep is of one run; --over batch_size=32:512:5 maps the sizes"))
    axes = [Axis("lr", rates)]
    if args.seeds is not None:
        if args.over is not None:
            raise ValueError(tr("--seeds: --over has the second number already; --over seed=0..9:10 maps the seeds"))
        axes.append(seed_axis(experiment.seed, seed_count(args.seeds)))
    if args.over is not None:
        name, equals, text = args.over.partition("=")
        if not equals or not name:
            raise ValueError(tr("--over {over!r}: must be NAME=a:b:n or NAME=a..b:n", over=args.over))
        axes.append(Axis(name, span("--over", text, whole=is_whole(experiment, 0, name))))
    return Sweep(experiment, axes)


def _rate(text: str) -> float:
    try:
        value = read_decimal(text)
    except ValueError as error:
        raise ValueError(f"--lr {text!r}: {error}") from None
    if value is None:
        raise ValueError(tr("--lr {typed!r}: must be a number or a span such as 1e-4:10:256", typed=text))
    return value


def _summarise_seeds(sweep: Sweep, result: OverSeeds) -> None:
    """Prints what the numbers mean, and the median with its quartiles at the rate where it is least."""
    seeds, losses = result.seeds, result.quantile("final_loss", 0.5)
    print(tr("medians over the seeds {first} to {last}; most frequent verdicts", first=seeds[0], last=seeds[-1]))
    if np.isfinite(losses).any():
        least = int(np.nanargmin(losses))
        low, high = (float(result.quantile("final_loss", share)[least]) for share in (LOW, HIGH))
        text = tr("least median of the final loss {median:.6g} at {rate:.6g}, quartiles {low:.6g} to {high:.6g}")
        print(text.format(median=losses[least], rate=sweep.axes[0].values[least], low=low, high=high))


def _summarise(sweep: Sweep, result: Summary, *, between: bool) -> None:
    """Prints the ranges of rates with equal verdicts and the best rate, or for two axes the counts of the verdicts.

    With `between` the rates stand for all between the first and the last.
    """
    if len(sweep.axes) > 1:
        for code, count in zip(*np.unique(result.verdict, return_counts=True), strict=True):
            print(tr("{verdict}: {count} of {cells}", verdict=VERDICTS[code], count=count, cells=sweep.cells))
        return
    order = np.argsort(sweep.axes[0].values, kind="stable")
    rates, result = np.array(sweep.axes[0].values)[order], result.at(order)
    theory = theoretical_limit(sweep.experiment)
    keys = rate_keys(rates, result, theory.everywhere)
    edges = [0, *(index for index in range(1, len(keys)) if keys[index] != keys[index - 1]), len(keys)]
    for first, after in pairwise(edges):
        print(tr("lr {low:.6g} to {high:.6g}: {verdict}", low=rates[first], high=rates[after - 1], verdict=keys[first]))
    if not theory.known:
        print(tr("limit: no theory known for {key}", key=sweep.experiment.runs[0].optimizer.key))
    best = best_rate(sweep.experiment, rates, result, between=between, theory=theory)
    if best is None:
        print(tr("best rate: none"))
    elif best.rule == "target":
        print(
            tr(
                "best rate {rate}: fewest steps to the target, {steps}",
                rate=best.text,
                steps=int(best.summary.steps_to_target),
            )
        )
    else:
        most, final = float(best.summary.late_loss), float(best.summary.final_loss)
        text = _BEST[best.strict, best.noisy]
        print(tr(text, rate=best.text, steps=best.steps, most=most, final=final))
