"""Training without a window: `lrstudio run`."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lrstudio.core.language import mark, tr
from lrstudio.engine.argument_parser import width_of
from lrstudio.engine.compare.best_run import BestRun, best_standing
from lrstudio.engine.compare.comparison import Comparison, Standing
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.memory import first_kept
from lrstudio.engine.options import NEW_ONLY, WITH_SESSION, read_options
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import UNENDED, Trace
from lrstudio.store.csv.table import blocks
from lrstudio.store.session import Session, load, save
from lrstudio.terminal.arithmetic import note_retreat
from lrstudio.terminal.options import experiment_from
from lrstudio.terminal.output import check_target, tell, write, write_or_keep
from lrstudio.terminal.signals import SIGNALS

_QUIET_SECONDS = 0.5
_LINE_SECONDS = 5.0
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
_WENT_ON = mark("after {steps} steps: loss {loss:.6g}, {values}")
_WENT_ON_IN_BATCHES = mark("after {steps} steps: loss {loss:.6g} on all data at step {at}, {values}")
_ENDED = mark("diverged at step {end}; last finite: loss {loss:.6g}, {values}")
_ENDED_IN_BATCHES = mark("diverged at step {end}; last finite: loss {loss:.6g} on all data at step {at}, {values}")
_LEFT_ALIGNED = {0, 1, 8, 9}


def run(args: argparse.Namespace) -> int:
    """Trains the experiment of the arguments, and writes the requested files, also where a signal ends the training."""
    _check_targets(args)
    session = None if args.session is None else load(Path(args.session))
    simulation, steps = _fresh(args) if session is None else _opened(args, session)
    if not args.quiet:
        note_retreat("run")
    ending = _train(simulation, steps, quiet=args.quiet)
    failures = list(_written(args, simulation, session))
    if not args.quiet and args.csv != "-":
        _summarise(simulation)
    if args.compare:
        lines = comparison_lines(simulation.experiment, simulation.trace)
        tell(*lines) if args.csv == "-" else print(*lines, sep="\n")
    if failures:
        raise failures[0]
    if ending is not None:
        raise ending
    return 0


def _written(args: argparse.Namespace, simulation: Simulation, opened: Session | None) -> Iterator[Exception]:
    """Writes the requested files and yields the errors, so that each file is attempted.

    The state of the window, training logs and unknown fields in the opened file are preserved.
    """
    if args.save is not None:
        try:
            preserved = ({}, {}, ()) if opened is None else (opened.view, opened.unknown, opened.logs)
            session = Session.of(simulation, *preserved)
            write_or_keep(args.save, lambda path: save(path, session))
        except (OSError, ValueError, MemoryError) as error:
            yield error
    if args.csv is not None:
        try:
            write(args.csv, lambda: blocks(simulation.experiment, simulation.trace))
        except (OSError, ValueError, MemoryError) as error:
            yield error


def _check_targets(args: argparse.Namespace) -> None:
    """Raises ValueError before the training if a file cannot be written."""
    for target in (args.csv, args.save):
        check_target(target)
    if args.save == "-":
        raise ValueError(tr("--save -: a session is saved to a file"))
    files = [Path(name).resolve() for name in (args.csv, args.save) if name not in (None, "-")]
    if len(set(files)) < len(files):
        raise ValueError(tr("--csv {csv} and --save {save}: are the same file", csv=args.csv, save=args.save))
    if args.session is not None and args.csv is not None and Path(args.csv).resolve() == Path(args.session).resolve():
        raise ValueError(tr("--csv {csv}: would replace the session that is opened", csv=args.csv))


def _fresh(args: argparse.Namespace) -> tuple[Simulation, int]:
    experiment = experiment_from(args)
    if not args.quiet:
        _print_kept(experiment)
    return Simulation(experiment), experiment.steps


def _opened(args: argparse.Namespace, session: Session) -> tuple[Simulation, int]:
    refused = [f"--{name.replace('_', '-')}" for name in NEW_ONLY if getattr(args, name) is not None]
    if refused:
        raise ValueError(
            tr(
                "{names}: a saved session brings its own experiment; only --steps and --target-loss go with it",
                names=", ".join(refused),
            )
        )
    changes = read_options(args, WITH_SESSION)
    steps = changes.pop("steps", 0)
    if not args.quiet:
        for note in session.notes:
            tell(f"lrstudio run: {args.session}: {note}")
    simulation = session.simulation()
    if changes:
        simulation.amend(replace(simulation.experiment, **changes))
    total = simulation.step + steps
    if steps and total > simulation.experiment.steps and not simulation.trace.over(simulation.experiment.target_loss):
        simulation.amend(simulation.as_planned(replace(simulation.experiment, steps=total)))
        if not args.quiet:
            _print_kept(simulation.experiment)
            _print_plan(simulation)
    return simulation, steps


def _print_kept(experiment: Experiment) -> None:
    """Prints which rows of a trace are kept that is larger than the free memory."""
    size, every = experiment.trace_bytes, experiment.kept_every
    first = first_kept(size, experiment.steps, every)
    if first is not None:
        text = tr(
            "the trace of all steps would take {size:.1f} GB of memory: from step {first} on every {every}th step is"
            " kept, and those between are computed again where they are needed",
            size=size / 1e9,
            first=first,
            every=every,
        )
        tell(f"lrstudio run: {text}")


def _print_plan(simulation: Simulation) -> None:
    """Prints that schedules keep their planned length, and which rates are 0 from then on."""
    experiment = simulation.experiment
    if experiment.horizon is None or not any(run.schedule.needs_length for run in experiment.runs):
        return
    first, runs = simulation.over()
    text = mark(
        "the schedules stay as they were planned for {horizon} steps (a new run with --steps {steps} plans for all of "
        "them)"
    )
    if runs:
        text = mark(
            "the schedules stay as they were planned for {horizon} steps; the rate of {names} is 0 from step {first} "
            "on "
            "(a new run with --steps {steps} plans for all of them)"
        )
    names = ", ".join(map(experiment.label, runs))
    told = tr(text, horizon=experiment.horizon, steps=experiment.steps, names=names, first=first)
    tell(f"lrstudio run: {told}")


def _train(simulation: Simulation, steps: int, *, quiet: bool) -> BaseException | None:
    """Advances with progress on stderr; returns what ended it early, the user or a lack of memory."""
    report = _progress(simulation.step, steps)
    end, stretch = simulation.step + steps, 256
    try:
        while simulation.step < end and not simulation.trace.over(simulation.experiment.target_loss):
            simulation.advance(min(stretch, end - simulation.step))
            if not quiet:
                report(simulation.step)
        SIGNALS.finished()
    except (KeyboardInterrupt, MemoryError) as error:
        SIGNALS.finished()
        return error
    return None


def _progress(first: int, steps: int) -> Callable[[int], None]:
    """Returns a function that prints the progress of a long run: one updated line on a terminal, else several."""
    begin = time.monotonic()
    moving = sys.stderr.isatty()
    due = begin + _QUIET_SECONDS

    def report(step: int) -> None:
        nonlocal due
        now, done = time.monotonic(), step - first
        finished = done == steps and now > begin + _QUIET_SECONDS
        if now < due and not finished:
            return
        due = now + (0.1 if moving else _LINE_SECONDS)
        left = (now - begin) / max(done, 1) * (steps - done)
        line = tr(
            "step {step} of {last} ({percent} %), {left:.0f} s left",
            step=step,
            last=first + steps,
            percent=100 * done // steps,
            left=left,
        )
        ending = "\n" if finished or not moving else ""
        tell(f"\r{line}   " if moving else line, end=ending)

    return report


def _summarise(simulation: Simulation) -> None:
    trace, experiment = simulation.trace, simulation.experiment
    for run in range(trace.runs):
        last = trace.rows(run) - 1
        loss, measured_at = trace.judged(last)[run], trace.judged_step(last, run)
        values = trace.read("params", last, last + 1)[0, run]
        printed = dict(zip(trace.names, values, strict=True))
        if trace.metrics:
            newest = {name: _newest(trace, name, run) for name in trace.metrics}
            printed = {name: value for name, value in newest.items() if math.isfinite(value)}
        details = ", ".join(f"{name} = {value:.6g}" for name, value in printed.items())
        ended = trace.ends[run] != UNENDED
        if not math.isfinite(loss):
            print(tr("{label}: the loss at the start is not finite", label=experiment.label(run)))
            continue
        text = _ENDED if ended else _WENT_ON
        if measured_at != last:
            text = _ENDED_IN_BATCHES if ended else _WENT_ON_IN_BATCHES
        told = tr(text, steps=last, end=trace.ends[run], loss=loss, at=measured_at, values=details)
        if (reached := simulation.reached(run)) is not None:
            told = tr("target reached at step {step}; {rest}", step=reached, rest=told)
        print(f"{experiment.label(run)}: {told}")
        if equation := experiment.problem.equation(values):
            print("    " + tr("in the units of the data: {equation}", equation=equation))


def _newest(trace: Trace, name: str, run: int) -> float:
    """Returns the last finite value of a metric; NaN if there is none."""
    values = trace.read(name, 0, trace.rows(run))[:, run]
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if len(finite) else math.nan


def comparison_lines(experiment: Experiment, trace: Trace) -> Iterator[str]:
    """Yields the best run, a line of titles and one for each run; `-` means no value."""
    standings = Comparison(experiment, trace).at(experiment)
    assert standings is not None
    best = best_standing(experiment, standings)
    if best is not None:
        yield _best(experiment, best)
    rows = [tuple(map(tr, _TITLES)), *(_cells(experiment, run, standing) for run, standing in enumerate(standings))]
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(_padded(row, widths)).rstrip()


def _best(experiment: Experiment, best: BestRun) -> str:
    names = ", ".join(map(experiment.label, best.runs))
    if best.rule == "target":
        return tr("best: {names}: fewest steps to the target, {value:.0f}", names=names, value=best.value)
    text = mark("best: {names}: least loss over the last quarter of {steps} steps, at most {loss}")
    if experiment.batch_size is not None:
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


def _loss(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else "-"


def _padded(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Yields the cells of equal width: texts left-aligned, numbers right-aligned."""
    for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
        padding = " " * (width - width_of(cell))
        yield cell + padding if column in _LEFT_ALIGNED else padding + cell
