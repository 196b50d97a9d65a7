"""`lrstudio range-test`."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from typing import Any

from lrstudio.core.analysis.suggestions import fewest
from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.core.language import mark, tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.options import add_experiment_options, add_options, read_options
from lrstudio.engine.sweep.range_test import RangeCurve, RangeTest, range_test, trained
from lrstudio.store.csv.table import range_rows
from lrstudio.terminal.arithmetic import note_retreat
from lrstudio.terminal.options import experiment_from
from lrstudio.terminal.output import check_target, progress, tell, write
from lrstudio.terminal.parser import CommandParser
from lrstudio.terminal.signals import SIGNALS

_WATCHED = {"raw": mark("the raw loss"), "smoothed": mark("the smoothed loss")}
_RANGE_OPTIONS = tuple(parameter for parameter in RangeTest.parameters() if parameter.name != "growth")  # is --linear


def range_test_command(arguments: list[str]) -> int:
    parser = CommandParser(
        prog="lrstudio range-test",
        description=tr(
            "The rate grows at every batch, the loss is watched. Each suggestion, and the rate of --lr, is then "
            "trained as a constant rate for --steps steps. --schedule and --target-loss take no part."
        ),
    )
    add_options(parser, _RANGE_OPTIONS)
    parser.add_argument("--linear", action="store_true", help=tr("grow by equal steps, not by equal factors"))
    parser.add_argument("--csv", metavar="PATH|-", help=tr("write one row per iteration"))
    parser.add_argument("--json", metavar="PATH|-", help=tr("write the suggestions as JSON, not to stderr"))
    parser.add_argument("--quiet", action="store_true", help=tr("no progress, no suggestions on stderr"))
    add_experiment_options(parser)
    args = parser.parse_args(arguments)
    check_target(args.csv)
    check_target(args.json)
    if args.csv is not None and args.csv == args.json:
        raise ValueError(tr("--csv {csv} and --json {json}: are the same", csv=args.csv, json=args.json))
    growth: dict[str, Any] = {"growth": "linear"} if args.linear else {}
    experiment, test = _experiment_of_one_run(args), RangeTest(**growth, **read_options(args, _RANGE_OPTIONS))
    report = None if args.quiet else progress()
    if not args.quiet:
        note_retreat("range-test")
    curve = range_test(experiment, test, progress=report)
    own = experiment.runs[0].lr if args.lr or args.run else None
    results: dict[float, tuple[str, float]] = {}
    ending: BaseException | None = None
    try:
        if args.json is not None or not args.quiet:
            results = _trained(curve, experiment, own, report)
        SIGNALS.finished()
    except (KeyboardInterrupt, MemoryError) as error:  # there is a curve to write
        ending = error
    if args.csv is not None:
        write(args.csv, lambda: range_rows(curve.lr, curve.loss, curve.smoothed))
    if ending is not None:
        raise ending
    if args.json is not None:
        described = _described(curve, experiment, results, own)
        write(args.json, lambda: [json.dumps(described, indent=2) + "\n"])
    elif not args.quiet:
        _print_suggestions(curve, experiment, results, own)
    return 0


def _experiment_of_one_run(args: argparse.Namespace) -> Experiment:
    for option in ("lr", "run"):
        values = getattr(args, option)
        if values is not None and len(values) > 1:
            raise ValueError(
                tr(
                    "--{option}: given {count} times; a range test is of one run, give one at most",
                    option=option,
                    count=len(values),
                )
            )
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
        item.rule: result(item.lr) | {"loss": item.loss, "meaning": tr(item.meaning), "too_few": item.too_few}
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
        text = mark("{rate:.4g}, trained for {steps} steps: {verdict}, loss {loss:.4g}")
        if verdict == "diverged":
            text = mark("{rate:.4g}, trained for {steps} steps: {verdict}")
        return tr(text, rate=rate, steps=experiment.steps, verdict=verdict, loss=loss)

    lines = [tr("{count} iterations; {ended}", count=len(curve.lr), ended=_ended(curve))]
    if not curve.rises:
        lines.append(tr("no suggestion: the rules read rising rates"))
    elif all(suggestion.too_few for suggestion in curve.suggestions()):
        need = fewest(curve.test.num)
        text = mark("no suggestion: {count} losses are too few, the rules need {fewest}")
        if curve.test.num < need:
            text = mark("no suggestion: {count} losses are too few, the rules need {fewest}; give a larger --num")
        lines.append(tr(text, count=len(curve.lr), fewest=need))
    else:
        for suggestion in curve.suggestions():
            missing = tr("no suggestion, too few losses") if suggestion.too_few else tr("no suggestion")
            text = missing if suggestion.lr is None else result(suggestion.lr)
            meaning = tr(suggestion.meaning)
            lines.append(tr("{rule}: {result} ({meaning})", rule=suggestion.rule, result=text, meaning=meaning))
    if own is not None:
        lines.append(tr("lr: {result} (the rate of the run, which takes no part in the test)", result=result(own)))
    tell(*lines)


def _ended(curve: RangeCurve) -> str:
    """Returns why the test ended, and which loss stops it."""
    test = curve.test
    if curve.ended == "overflow":
        return tr("stopped: the numbers overflowed")
    if math.isinf(test.stops_above):
        return tr("went to the end: nothing stops a falling test without --stop-factor")
    loss = tr(_WATCHED[test.stop_on])
    if curve.ended == "end":
        return tr(
            "went to the end: {loss} was never too far above the best (--stop-factor {stops_above:g})",
            loss=loss,
            stops_above=test.stops_above,
        )
    best = float(curve.watched[:-1].min())
    text = mark("stopped: {loss} {value:.4g} is above {limit:.4g} ({factor:g} times the best, {best:.4g})")
    factor = test.stops_above
    if best <= 0:
        text = mark(
            "stopped: {loss} {value:.4g} is above {limit:.4g} (the best, {best:.4g}, + {factor:g} times the spread of "
            "the losses before)"
        )
        factor -= 1
    return tr(text, loss=loss, value=curve.watched[-1], limit=curve.limit, factor=factor, best=best)
