"""The speeds that the program is to reach, with what is reached here: python -m tests.benchmarks.table [ROW ...]

Prints a Markdown table. Speeds are steps of all runs per CPU second, the median of repetitions that take turns with
those of the rival: PyTorch on one thread, C compiled with -O2, numpy.savetxt, or this program as it was before
formulas were compiled. What is not installed is left out, with a sentence.

    python -m tests.benchmarks.table                       all rows, about six minutes
    python -m tests.benchmarks.table --quick four_points   a look at one row
    python -m tests.benchmarks.table --list                the names of the rows
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter

from lrstudio.core.kernel.host import backend
from lrstudio.terminal.benchmark import machine, versions
from tests.benchmarks import sweeps, training, window
from tests.benchmarks.measuring import QUICK, Line, Pace

Row = Callable[[Pace], list[Line]]

ROWS: dict[str, Row] = {
    row.__name__: row
    for row in (
        training.four_points,
        training.hundred_points,
        training.sixteen_runs,
        training.elementary,
        training.batches,
        sweeps.sweeps,
        sweeps.threads,
        training.networks,
        training.digits,
        sweeps.zones,
        window.maps,
        window.window,
        window.start,
        window.files,
    )
}
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
MET = {True: "yes", False: "no", None: "–"}


def table(names: list[str], pace: Pace) -> Iterator[str]:
    """Yields the lines of the Markdown table, each when it is measured."""
    yield "| work | measured | goal | met |"
    yield "|---|---|---|---|"
    for name in names:
        for line in ROWS[name](pace):
            note = f" ({line.note})" if line.note else ""
            yield f"| {line.work} | {line.measured}{note} | {line.goal} | {MET[line.met]} |"


def described() -> Iterator[str]:
    """Yields machine and versions."""
    computer, computes = machine(), backend()
    yield f"{computer.processor}, {computer.cores} cores, {computer.memory / 2**30:.1f} GiB; {computer.system}"
    found = versions()
    for rival in ("torch",):
        try:
            found[rival] = version(rival)
        except PackageNotFoundError:
            continue
    yield ", ".join(f"{name} {number}" for name, number in found.items()) + f"; {platform.python_compiler()}"
    yield f"arithmetic: {computes.kind}{f' ({computes.reason})' if computes.reason else ''}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="all of them where none is named")
    parser.add_argument("--quick", action="store_true", help="shorter repetitions, fewer of them")
    parser.add_argument("--list", action="store_true", help="print the names of the rows")
    args = parser.parse_args()
    if args.list:
        print(*ROWS, sep="\n")
        return 0
    if unknown := [name for name in args.rows if name not in ROWS]:
        parser.error(f"{', '.join(unknown)}: no such row; there are {', '.join(ROWS)}")
    begin = perf_counter()
    for line in table(args.rows or list(ROWS), QUICK if args.quick else Pace()):
        print(line, flush=True)
    print(f"\n{'; '.join(described())}. Measured in {perf_counter() - begin:.0f} s.")
    return 0


if __name__ == "__main__":
    if any(name not in os.environ for name in ONE_THREAD):  # read when numpy and torch are loaded
        os.execve(sys.executable, sys.orig_argv, os.environ | dict.fromkeys(ONE_THREAD, "1"))
    sys.exit(main())
