"""The instruments without a window: `lrstudio sweep` and `lrstudio range-test`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

import numpy as np

from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.engine.axis import Axis, is_whole
from lrstudio.engine.best_rate import best_rate, rate_keys
from lrstudio.engine.range_test import RangeCurve, RangeTest, range_test
from lrstudio.engine.summary import Summary
from lrstudio.engine.sweep import Sweep
from lrstudio.engine.theory import theoretical_limit
from lrstudio.headless import check_target
from lrstudio.options import add_experiment_options, experiment_from, whole, with_start_joined
from lrstudio.spans import span
from lrstudio.store.atomic import writing
from lrstudio.store.range_csv import range_rows
from lrstudio.store.sweep_csv import sweep_rows

_QUIET_SECONDS = 0.5


def commands(parser_type: type[argparse.ArgumentParser]) -> dict[str, Callable[[list[str]], int]]:
    """The commands by name; errors are ValueError, as `parser_type` has it."""
    return {"sweep": partial(_sweep, parser_type), "range-test": partial(_range_test, parser_type)}


def _sweep(parser_type: type[argparse.ArgumentParser], arguments: list[str]) -> int:
    parser = parser_type(
        prog="lrstudio sweep",
        description="Hundreds of rates at once: verdict, final and best loss of each (with mini-batches those on all "
        "data, at the ends of epochs and at the last step). "
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
    sweep = _asked_for(args)
    result = sweep.run(progress=None if args.quiet else _progress())
    if args.csv is not None:
        _write(args.csv, sweep_rows(sweep, result))
    if not args.quiet and args.csv != "-":
        _summarise(sweep, result, between=spanned)
    return 0


def _asked_for(args: argparse.Namespace) -> Sweep:
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
    """Where the verdicts change along the rates, and the best of them; of a map how often each occurs.

    With `between` the rates stand for all between the first and the last.
    """
    if len(sweep.axes) > 1:
        for code, count in zip(*np.unique(result.verdict, return_counts=True), strict=True):
            print(f"{VERDICTS[code]}: {count} of {sweep.cells}")
        return
    order = np.argsort(sweep.axes[0].values, kind="stable")
    rates, result = np.array(sweep.axes[0].values)[order], result.at(order)
    theory = theoretical_limit(sweep.experiment)
    keys = rate_keys(rates, result, np.inf if theory is None else theory.everywhere)
    edges = [0, *(place for place in range(1, len(keys)) if keys[place] != keys[place - 1]), len(keys)]
    for first, after in pairwise(edges):
        print(f"lr {rates[first]:.6g} to {rates[after - 1]:.6g}: {keys[first]}")
    best = best_rate(sweep.experiment, rates, result, between=between, theory=theory)
    if best is None:
        print("best rate: none")
    elif best.rule == "target":
        print(f"best rate {best.text}: fewest steps to the target, {int(best.summary.steps_to_target)}")
    else:
        loss = float(best.summary.final_loss)
        print(f"best rate {best.text}: least loss at the end of {best.steps} steps, {loss:.6g}")


def _range_test(parser_type: type[argparse.ArgumentParser], arguments: list[str]) -> int:
    parser = parser_type(
        prog="lrstudio range-test",
        description="The rate grows at every batch, the loss is watched.",
        allow_abbrev=False,
    )
    parser.add_argument("--start-lr", metavar="LR", help="the first rate (default 1e-5)")
    parser.add_argument("--end-lr", metavar="LR", help="the last rate (default 1); below the first it falls")
    parser.add_argument("--num", metavar="N", help="from first to last in so many growths (default 100)")
    parser.add_argument(
        "--stop-factor", metavar="X", help="stop above X times the best loss (default 4 where it rises)"
    )
    parser.add_argument("--smooth", metavar="BETA", help="share of the average that is kept (default 0.98)")
    parser.add_argument("--linear", action="store_true", help="grow by equal steps, not by equal factors")
    parser.add_argument("--seeds", metavar="N", help="average over so many seeds (default 1)")
    parser.add_argument("--csv", metavar="PATH|-", help="write one row per iteration")
    parser.add_argument("--json", metavar="PATH|-", help="write the suggestions as JSON, not to stderr")
    parser.add_argument("--quiet", action="store_true", help="no progress, no suggestions on stderr")
    add_experiment_options(parser)
    args = parser.parse_args(with_start_joined(arguments))
    check_target(args.csv)
    check_target(args.json)
    if args.csv is not None and args.csv == args.json:
        raise ValueError(f"--csv {args.csv} and --json {args.json}: are the same")
    curve = range_test(experiment_from(args), _test(args), progress=None if args.quiet else _progress())
    if args.csv is not None:
        _write(args.csv, range_rows(curve.lr, curve.loss, curve.smoothed))
    if args.json is not None:
        _write(args.json, iter([json.dumps(_described(curve), indent=2) + "\n"]))
    elif not args.quiet:
        _suggest(curve)
    return 0


def _test(args: argparse.Namespace) -> RangeTest:
    given: dict[str, float | int | str] = {"growth": "linear"} if args.linear else {}
    for name in ("start_lr", "end_lr", "stop_factor", "smooth"):
        text = getattr(args, name)
        if text is not None:
            try:
                given[name] = float(text)
            except ValueError:
                raise ValueError(f"--{name.replace('_', '-')} {text!r}: must be a number") from None
    for name in ("num", "seeds"):
        if getattr(args, name) is not None:
            given[name] = whole(f"--{name}", getattr(args, name), 1)
    return RangeTest(**given)  # type: ignore[arg-type] # checked there


def _described(curve: RangeCurve) -> dict[str, object]:
    suggestions = {
        known.rule: {"lr": known.lr, "loss": known.loss, "meaning": known.meaning} for known in curve.suggestions()
    }
    return {"iterations": len(curve.lr), "ended": curve.ended, "suggestions": suggestions}


def _suggest(curve: RangeCurve) -> None:
    ends = {
        "end": "went to the end",
        "loss": "stopped: the loss blew up",
        "overflow": "stopped: the numbers overflowed",
    }
    print(f"{len(curve.lr)} iterations; {ends.get(curve.ended, curve.ended)}", file=sys.stderr)
    for known in curve.suggestions():
        rate = "nothing to say" if known.lr is None else f"{known.lr:.4g}"
        print(f"{known.rule}: {rate} ({known.meaning})", file=sys.stderr)


def _write(target: str, texts: Iterator[str]) -> None:
    if target == "-":
        for text in texts:
            sys.stdout.write(text)
        sys.stdout.flush()
        return
    with writing(target) as write:
        for text in texts:
            write(text.encode())


def _progress() -> Callable[[float], None] | None:
    """On a terminal a line that moves, once it takes longer; elsewhere nothing."""
    if not sys.stderr.isatty():
        return None
    begin = time.monotonic()

    def report(share: float) -> None:
        if time.monotonic() > begin + _QUIET_SECONDS:
            print(f"\r{100 * share:.0f} % ", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)

    return report
