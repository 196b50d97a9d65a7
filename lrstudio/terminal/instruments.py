"""The instruments without a window: `lrstudio sweep` and `lrstudio range-test`."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from lrstudio.core.analysis.suggestions import fewest
from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.axis import Axis, is_whole
from lrstudio.engine.sweep.best_rate import best_rate
from lrstudio.engine.sweep.range_test import RangeCurve, RangeTest, range_test, trained
from lrstudio.engine.sweep.sweep import Summary, Sweep
from lrstudio.engine.sweep.theory import theoretical_limit
from lrstudio.engine.sweep.zones import rate_keys
from lrstudio.store.csv.table import range_rows, sweep_rows, write_text
from lrstudio.terminal.arithmetic import note_retreat
from lrstudio.terminal.options import (
    add_experiment_options,
    add_options,
    experiment_from,
    read_options,
    span,
    with_start_joined,
)
from lrstudio.terminal.run import check_target

_QUIET_SECONDS = 0.5
_RANGE_OPTIONS = tuple(parameter for parameter in RangeTest.parameters() if parameter.name != "growth")  # is --linear


def commands(parser_type: type[argparse.ArgumentParser]) -> dict[str, Callable[[list[str]], int]]:
    """Returns the commands by name."""
    return {"sweep": partial(_sweep, parser_type), "range-test": partial(_range_test, parser_type)}


def _sweep(parser_type: type[argparse.ArgumentParser], arguments: list[str]) -> int:
    parser = parser_type(
        prog="lrstudio sweep",
        description="Hundreds of rates at once: verdict, final and best loss of each (with mini-batches those on all "
        "data, at the ends of epochs and at the last step). A slow run of a rate above some that come clearly "
        "further is too_large on the terminal and plateau in the CSV, not too_slow. "
        "--lr takes a:b:n (n rates by equal factors), a..b:n (by equal steps) or, again and again, single rates.",
        allow_abbrev=False,
    )
    parser.add_argument("--over", metavar="NAME=a:b:n", help="a second number, such as optimizer.momentum or start.0")
    parser.add_argument("--csv", metavar="PATH|-", help="write one row per run")
    parser.add_argument("--quiet", action="store_true", help="no progress and no summary")
    add_experiment_options(parser)
    args = parser.parse_args(with_start_joined(arguments))
    check_target(args.csv)
    spanned = len(args.lr or ()) == 1
    sweep = _sweep_from(args)
    if not args.quiet:
        note_retreat("sweep")
    result = sweep.run(progress=None if args.quiet else _progress())
    if args.csv is not None:
        _write(args.csv, sweep_rows(sweep, result))
    if not args.quiet and args.csv != "-":
        _summarise(sweep, result, between=spanned)
    return 0


def _sweep_from(args: argparse.Namespace) -> Sweep:
    if args.run:
        raise ValueError("--run: a sweep is of one run; give --lr, --optimizer, --schedule and --start")
    if not args.lr:
        raise ValueError("--lr: say which rates, as in --lr 1e-4:10:256")
    single = len(args.lr) == 1 and ":" in args.lr[0]
    rates = span("--lr", args.lr[0]) if single else tuple(_rate(text) for text in args.lr)
    args.lr = [repr(rates[0])]
    experiment = experiment_from(args)
    axes = [Axis("lr", rates)]
    if args.over is not None:
        name, equals, text = args.over.partition("=")
        if not equals or not name:
            raise ValueError(f"--over {args.over!r}: must be NAME=a:b:n or NAME=a..b:n")
        axes.append(Axis(name, span("--over", text, whole=is_whole(experiment, 0, name))))
    return Sweep(experiment, axes)


def _rate(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"--lr {text!r}: must be a number or a span such as 1e-4:10:256") from None


def _summarise(sweep: Sweep, result: Summary, *, between: bool) -> None:
    """Prints the ranges of rates with equal verdicts and the best rate, or for two axes the counts of the verdicts.

    With `between` the rates stand for all between the first and the last.
    """
    if len(sweep.axes) > 1:
        for code, count in zip(*np.unique(result.verdict, return_counts=True), strict=True):
            print(f"{VERDICTS[code]}: {count} of {sweep.cells}")
        return
    order = np.argsort(sweep.axes[0].values, kind="stable")
    rates, result = np.array(sweep.axes[0].values)[order], result.at(order)
    theory = theoretical_limit(sweep.experiment)
    keys = rate_keys(rates, result, theory.everywhere)
    edges = [0, *(index for index in range(1, len(keys)) if keys[index] != keys[index - 1]), len(keys)]
    for first, after in pairwise(edges):
        print(f"lr {rates[first]:.6g} to {rates[after - 1]:.6g}: {keys[first]}")
    if not theory.known:
        print(f"limit: no theory known for {sweep.experiment.runs[0].optimizer.key}")
    best = best_rate(sweep.experiment, rates, result, between=between, theory=theory)
    if best is None:
        print("best rate: none")
    elif best.rule == "target":
        print(f"best rate {best.text}: fewest steps to the target, {int(best.summary.steps_to_target)}")
    else:
        least = "least loss" if best.strict else "about the least loss"
        where = "on all data over the last eighth" if best.noisy else "over the last quarter"
        most, final = float(best.summary.late_loss), float(best.summary.final_loss)
        print(f"best rate {best.text}: {least} {where} of {best.steps} steps, at most {most:.6g} (last {final:.6g})")


def _range_test(parser_type: type[argparse.ArgumentParser], arguments: list[str]) -> int:
    parser = parser_type(
        prog="lrstudio range-test",
        description="The rate grows at every batch, the loss is watched. Each suggestion, and the rate of --lr, is "
        "then trained as a constant rate for --steps steps. --schedule and --target-loss take no part.",
        allow_abbrev=False,
    )
    add_options(parser, _RANGE_OPTIONS)
    parser.add_argument("--linear", action="store_true", help="grow by equal steps, not by equal factors")
    parser.add_argument("--csv", metavar="PATH|-", help="write one row per iteration")
    parser.add_argument("--json", metavar="PATH|-", help="write the suggestions as JSON, not to stderr")
    parser.add_argument("--quiet", action="store_true", help="no progress, no suggestions on stderr")
    add_experiment_options(parser)
    args = parser.parse_args(with_start_joined(arguments))
    check_target(args.csv)
    check_target(args.json)
    if args.csv is not None and args.csv == args.json:
        raise ValueError(f"--csv {args.csv} and --json {args.json}: are the same")
    growth: dict[str, Any] = {"growth": "linear"} if args.linear else {}
    experiment, test = _experiment_of_one_run(args), RangeTest(**growth, **read_options(args, _RANGE_OPTIONS))
    report = None if args.quiet else _progress()
    if not args.quiet:
        note_retreat("range-test")
    curve = range_test(experiment, test, progress=report)
    if args.csv is not None:
        _write(args.csv, range_rows(curve.lr, curve.loss, curve.smoothed))
    own = experiment.runs[0].lr if args.lr or args.run else None
    if args.json is not None:
        described = _described(curve, experiment, _trained(curve, experiment, own, report), own)
        _write(args.json, [json.dumps(described, indent=2) + "\n"])
    elif not args.quiet:
        _print_suggestions(curve, experiment, _trained(curve, experiment, own, report), own)
    return 0


def _experiment_of_one_run(args: argparse.Namespace) -> Experiment:
    for option in ("lr", "run"):
        values = getattr(args, option)
        if values is not None and len(values) > 1:
            raise ValueError(f"--{option}: given {len(values)} times; a range test is of one run, give one at most")
    return experiment_from(args)


def _trained(
    curve: RangeCurve, experiment: Experiment, own: float | None, progress: Callable[[float], None] | None
) -> dict[float, tuple[str, float]]:
    """Returns the verdict and the final loss of each suggested rate, and of the run's `own`."""
    rates = sorted({rate for rate in (own, *(suggestion.lr for suggestion in curve.suggestions())) if rate is not None})
    result = trained(experiment, rates, progress=progress)
    pairs = zip(result.verdict.tolist(), result.final_loss.tolist(), strict=True)
    return {rate: (VERDICTS[code], loss) for rate, (code, loss) in zip(rates, pairs, strict=True)}


def _described(
    curve: RangeCurve, experiment: Experiment, results: dict[float, tuple[str, float]], own: float | None
) -> dict[str, object]:
    """Returns the test, its suggestions and the results of training with them and with `own`, as JSON."""

    def result(rate: float | None) -> dict[str, object]:
        verdict, final = (None, None) if rate is None else results[rate]
        return {"lr": rate, "verdict": verdict, "final_loss": None if verdict == "diverged" else final}

    suggestions = {
        item.rule: result(item.lr) | {"loss": item.loss, "meaning": item.meaning, "too_few": item.too_few}
        for item in curve.suggestions()
    }
    return {
        "iterations": len(curve.lr),
        "ended": curve.ended,
        "stop_on": curve.test.stop_on,
        "trained_steps": experiment.steps,
        "suggestions": suggestions,
    } | ({} if own is None else {"run": result(own)})


def _print_suggestions(
    curve: RangeCurve, experiment: Experiment, results: dict[float, tuple[str, float]], own: float | None
) -> None:
    """Prints why the test ended, and the suggestion of each rule with the result of training with it."""

    def result(rate: float) -> str:
        verdict, loss = results[rate]
        text = verdict if verdict == "diverged" else f"{verdict}, loss {loss:.4g}"
        return f"{rate:.4g}, trained for {experiment.steps} steps: {text}"

    lines = [f"{len(curve.lr)} iterations; {_ended(curve)}"]
    if not curve.rises:
        lines.append("no suggestion: the rules read rising rates")
    elif all(suggestion.too_few for suggestion in curve.suggestions()):
        more = "; give a larger --num" if curve.test.num < fewest(curve.test.num) else ""
        lines.append(
            f"no suggestion: {len(curve.lr)} losses are too few, the rules need {fewest(curve.test.num)}{more}"
        )
    else:
        for suggestion in curve.suggestions():
            missing = "no suggestion, too few losses" if suggestion.too_few else "no suggestion"
            text = missing if suggestion.lr is None else result(suggestion.lr)
            lines.append(f"{suggestion.rule}: {text} ({suggestion.meaning})")
    if own is not None:
        lines.append(f"lr: {result(own)} (the rate of the run, which takes no part in the test)")
    print(*lines, sep="\n", file=sys.stderr)


def _ended(curve: RangeCurve) -> str:
    """Returns why the test ended, and which loss stops it."""
    test = curve.test
    if curve.ended == "overflow":
        return "stopped: the numbers overflowed"
    if math.isinf(test.stops_above):
        return "went to the end: nothing stops a falling test without --stop-factor"
    loss = f"the {test.stop_on} loss"
    if curve.ended == "end":
        return f"went to the end: {loss} was never too far above the best (--stop-factor {test.stops_above:g})"
    best = float(curve.watched[:-1].min())
    rule = f"{test.stops_above:g} times the best, {best:.4g}"
    if best <= 0:
        rule = f"the best, {best:.4g}, + {test.stops_above - 1:g} times the spread of the losses before"
    return f"stopped: {loss} {curve.watched[-1]:.4g} is above {curve.limit:.4g} ({rule})"


def _write(target: str, texts: Iterable[str]) -> None:
    write_text(sys.stdout if target == "-" else target, texts)


def _progress() -> Callable[[float], None] | None:
    """Returns a function that updates a line on a terminal when the job takes longer; None elsewhere."""
    if not sys.stderr.isatty():
        return None
    begin = time.monotonic()

    def report(share: float) -> None:
        if time.monotonic() > begin + _QUIET_SECONDS:
            print(f"\r{100 * share:.0f} % ", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)

    return report
