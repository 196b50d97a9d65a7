"""Training without a window: `lrstudio run`."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from lrstudio.core.language import mark, tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.memory import first_kept
from lrstudio.engine.options import NEW_ONLY, WITH_SESSION, read_options
from lrstudio.engine.training.averages import averaged
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace
from lrstudio.store.csv.table import blocks
from lrstudio.store.session import Session, load, save
from lrstudio.terminal.arithmetic import note_retreat
from lrstudio.terminal.comparison import compare_over_seeds, comparison_lines
from lrstudio.terminal.options import experiment_from
from lrstudio.terminal.output import check_target, tell, write, write_or_keep
from lrstudio.terminal.report import check_report, write_report
from lrstudio.terminal.signals import SIGNALS

_QUIET_SECONDS = 0.5
_LINE_SECONDS = 5.0
_WENT_ON = mark("after {steps} steps: loss {loss:.6g}, {values}")
_WENT_ON_IN_BATCHES = mark("after {steps} steps: loss {loss:.6g} on all data at step {at}, {values}")
_ENDED = mark("diverged at step {end}; last finite: loss {loss:.6g}, {values}")
_ENDED_IN_BATCHES = mark("diverged at step {end}; last finite: loss {loss:.6g} on all data at step {at}, {values}")


def run(args: argparse.Namespace) -> int:
    """Trains the experiment of the arguments, and writes the requested files, also where a signal ends the training."""
    if args.seeds is not None:
        return compare_over_seeds(args)
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
    if args.report is not None:
        try:
            write_report(args.report, simulation.experiment, simulation.trace)
        except (OSError, ValueError, MemoryError) as error:
            yield error


def _check_targets(args: argparse.Namespace) -> None:
    """Raises ValueError before the training if a file cannot be written."""
    for target in (args.csv, args.save, args.report):
        check_target(target)
    check_report(args.report)
    if args.save == "-":
        raise ValueError(tr("--save -: a session is saved to a file"))
    named = {"--csv": args.csv, "--save": args.save, "--report": args.report}
    files: dict[Path, str] = {}
    for option, name in named.items():
        other = None if name in (None, "-") else files.setdefault(Path(name).resolve(), option)
        if other is not None and other != option:
            raise ValueError(
                tr("{one} {first} and {other} {second}: are the same file",
                    one=other, first=named[other], other=option, second=name)
            )  # fmt: skip
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
        numbers = {"step": step, "last": first + steps, "percent": 100 * done // steps, "left": left}
        line = tr("step {step} of {last} ({percent} %), {left:.0f} s left", **numbers)
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
        ended = trace.diverged[run]
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
        if (mean := averaged(simulation, run)) is not None:
            print("    " + tr("loss at the mean of its steps, for evaluation: {loss:.6g}", loss=mean[1]))
        if equation := experiment.problem.equation(values):
            print("    " + tr("in the units of the data: {equation}", equation=equation))


def _newest(trace: Trace, name: str, run: int) -> float:
    """Returns the last finite value of a metric; NaN if there is none."""
    values = trace.read(name, 0, trace.rows(run))[:, run]
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if len(finite) else math.nan
