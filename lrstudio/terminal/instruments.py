"""`lrstudio range-test`, and the commands of the instruments by name."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from lrstudio.core.analysis.suggestions import fewest
from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.options import add_experiment_options, add_options, read_options, with_values_joined
from lrstudio.engine.sweep.range_test import RangeCurve, RangeTest, range_test, trained
from lrstudio.store.csv.table import range_rows
from lrstudio.terminal.arithmetic import note_retreat
from lrstudio.terminal.options import experiment_from
from lrstudio.terminal.output import check_target, progress, write
from lrstudio.terminal.signals import SIGNALS
from lrstudio.terminal.sweep import sweep_command

_RANGE_OPTIONS = tuple(parameter for parameter in RangeTest.parameters() if parameter.name != "growth")  # is --linear


def commands(parser_type: type[argparse.ArgumentParser]) -> dict[str, Callable[[list[str]], int]]:
    """Returns the commands by name."""
    return {
        "sweep": partial(sweep_command, parser_type),
        "range-test": partial(_range_test, parser_type),
        "log": partial(_log, parser_type),
    }


def _log(parser_type: type[argparse.ArgumentParser], arguments: list[str]) -> int:
    from lrstudio.terminal.log import log_command  # imports the readers of logs, which no other command needs

    return log_command(parser_type, arguments)


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
    args = parser.parse_args(with_values_joined(arguments))
    check_target(args.csv)
    check_target(args.json)
    if args.csv is not None and args.csv == args.json:
        raise ValueError(f"--csv {args.csv} and --json {args.json}: are the same")
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
