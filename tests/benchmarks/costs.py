"""How the cost grows with steps, runs, parameters and points drawn: python -m tests.benchmarks.costs [PICTURE.png]

Prints CPU milliseconds and the exponent of the growth between the last two sizes, at most 1 where the cost is linear or
better, and writes a picture (.github/costs.png unless another file is named).
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import NamedTuple

import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from lrstudio.core.problems import Formula, Problem, Proportional
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from tests.benchmarks.curves import losses, ours
from tests.benchmarks.measuring import short

PICTURE = Path(__file__).parents[2] / ".github" / "costs.png"
SIZE = (1200, 260)
REPEATS = 5


class Cost(NamedTuple):
    """The CPU milliseconds of a size of the work."""

    of: str
    sizes: list[int]
    milliseconds: list[float]

    @property
    def exponent(self) -> float:
        """The growth over the last factor of the sizes: 1 where the cost is linear, 0 where it is constant."""
        return math.log(self.milliseconds[-1] / self.milliseconds[-2]) / math.log(self.sizes[-1] / self.sizes[-2])


def trained(problem: Problem, runs: int, steps: int) -> float:
    """CPU milliseconds of a training."""
    lines = tuple(Run(lr=1e-3 / (1 + place)) for place in range(runs))
    simulation = Simulation(Experiment(problem=problem, runs=lines, steps=steps))
    begin = process_time()
    simulation.advance(steps)
    return 1000 * (process_time() - begin)


def bowl(parameters: int) -> Problem:
    """A sum of squares."""
    return Formula(loss=" + ".join(f"{name}^2" for name in "abcdfghi"[:parameters]))


def drawn(points: int) -> float:
    """Milliseconds of a frame of eight growing curves."""
    return ours(losses(points, noisy=True), (800, 400))[1]


def cost(of: str, sizes: list[int], measure: Callable[[int], float]) -> Cost:
    found: dict[int, list[float]] = {size: [] for size in sizes}
    measure(sizes[0])  # what happens once, as compiling
    for _ in range(REPEATS):
        for size in sizes:
            found[size].append(measure(size))
    return Cost(of, sizes, [median(found[size]) for size in sizes])


def costs() -> list[Cost]:
    return [
        cost("steps of 1 run", [8_000, 64_000, 512_000], lambda n: trained(Proportional(), 1, n)),
        cost("runs of 2,000 steps", [1, 8, 64], lambda n: trained(Proportional(), n, 2_000)),
        cost("parameters, 20,000 steps", [1, 2, 4, 8], lambda n: trained(bowl(n), 1, 20_000)),
        cost("points of 8 curves, one frame", [50_000, 200_000, 800_000], drawn),
    ]


def picture(found: list[Cost], path: Path) -> None:
    """Draws the costs, both axes logarithmic, with a dashed line of linear growth."""
    chart = pg.GraphicsLayoutWidget()
    chart.setBackground("w")
    for column, entry in enumerate(found):
        plot = chart.addPlot(title=f"exponent {max(0.0, entry.exponent):.2f}")
        plot.setLogMode(True, True)
        plot.setLabel("bottom", entry.of)
        plot.setLabel("left", "CPU ms")
        plot.getAxis("bottom").setTicks([[(math.log10(size), short(size)) for size in entry.sizes]])
        plot.getAxis("left").setTicks([[(power, f"{10.0**power:g}") for power in range(-3, 5)]])
        last = entry.milliseconds[-1] / entry.sizes[-1]
        dashed = pg.mkPen("#888", width=1, dash=[4, 4])
        plot.plot(entry.sizes, [last * size for size in entry.sizes], pen=dashed)
        plot.plot(entry.sizes, entry.milliseconds, pen=pg.mkPen("#1f77b4", width=2), symbol="o", symbolSize=6)
        chart.ci.layout.setColumnFixedWidth(column, SIZE[0] / len(found) - 10)
    chart.resize(*SIZE)
    chart.show()
    QApplication.processEvents()
    chart.grab().save(str(path))


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    application = QApplication([])
    found = costs()
    for entry in found:
        times = ", ".join(
            f"{size:,}: {took:.3g} ms" for size, took in zip(entry.sizes, entry.milliseconds, strict=True)
        )
        print(f"{entry.of}: {times}; exponent {entry.exponent:.2f}")
    picture(found, path)
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main())
