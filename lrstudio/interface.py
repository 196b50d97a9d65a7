"""The Python interface, without Qt: what `import lrstudio` offers besides `record`.

    import lrstudio

    run = lrstudio.simulate("rosenbrock", lr=[0.001, 0.002], optimizer="sgd:momentum=0.9", steps=500)
    run.loss[-1], run.verdicts[0].sentence, pandas.DataFrame(run.columns())

Names of problems, optimizers, schedules and their parameters are those of the terminal: `lrstudio list problems`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.engine.argument_parser import Parser
from lrstudio.engine.compare.comparison import Comparison
from lrstudio.engine.experiment import Experiment, Run, lr_factors_text
from lrstudio.engine.options import add_experiment_options, experiment_from
from lrstudio.engine.sweep import range_test as range_tests
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.range_test import Monitor, RangeCurve, RangeTest
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace
from lrstudio.store.documents.chart import Axis as ChartAxis
from lrstudio.store.documents.chart import Line, axis_of, chart
from lrstudio.store.documents.pictures import pictures

__all__ = ["Experiment", "Result", "Run", "Swept", "experiment", "range_test", "simulate", "sweep"]

Rates = float | Iterable[float]
Columns = dict[str, Array]


@dataclass(frozen=True, eq=False)
class Result:
    """What a simulation has recorded: R runs, n rows, P parameters.

    Row k holds the values before update k (0 is the start) and, in `lr`, the rate which that update uses, so that the
    last row of `lr` is NaN. After the end of a run that diverged all of its values are NaN.
    """

    experiment: Experiment
    trace: Trace

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the recorded parameters (P,): all, of a network some."""
        return self.trace.names

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the runs (R,)."""
        return tuple(map(self.experiment.label, range(self.trace.runs)))

    @property
    def loss(self) -> Array:
        """The loss (n, R); with mini-batches that of the batch of the step."""
        return self.trace.read("loss")

    @property
    def lr(self) -> Array:
        """The learning rate (n, R) of the update that follows a row."""
        return self.trace.read("lr")

    @property
    def params(self) -> Array:
        """The parameters (n, R, P)."""
        return self.trace.read("params")

    @property
    def grad(self) -> Array:
        """The gradient of the loss by the parameters (n, R, P)."""
        return self.trace.read("grad")

    @property
    def metrics(self) -> Mapping[str, Array]:
        """Further columns (n, R) of a network, by their names: accuracy, validation loss, …; NaN where not measured."""
        return {name: self.trace.read(name) for name in self.trace.metrics}

    @cached_property
    def verdicts(self) -> tuple[Verdict | None, ...]:
        """The verdict of each run, with `key`, `numbers` and the `sentence` that proves it; None where too early."""
        return tuple(standing.verdict for standing in Comparison(self.experiment, self.trace).at(self.experiment) or ())

    def columns(self) -> Columns:
        """Returns the table of all runs by its columns (m,), as `lrstudio run --csv` writes it, run after run.

        Ready for `pandas.DataFrame(...)` and `polars.DataFrame(...)`. The last row of a run has neither rate nor
        gradient (NaN), and rows after the end of a run are left out.
        """
        rows = [self.trace.rows(run) for run in range(self.trace.runs)]
        step = np.concatenate([np.arange(count) for count in rows])

        def tall(values: Array, *, ends: bool = True) -> Array:
            pieces = [np.array(values[:count, run], float) for run, count in enumerate(rows)]
            for piece in pieces if not ends else ():
                piece[-1] = np.nan
            return np.concatenate(pieces)

        table: Columns = {"run": np.repeat(np.arange(self.trace.runs), rows), "step": step}
        table |= {"lr": tall(self.lr, ends=False), "loss": tall(self.loss)}
        table |= {name: tall(self.params[:, :, index]) for index, name in enumerate(self.names)}
        table |= {f"grad_{name}": tall(self.grad[:, :, index], ends=False) for index, name in enumerate(self.names)}
        return table | {name: tall(values) for name, values in self.metrics.items()}

    def svg(self, plot: str = "loss") -> str:
        """Returns a chart as SVG: landscape, loss, weights, accuracy or rate; ValueError where there is none."""
        found = {picture.key: picture.svg for picture in pictures(self.experiment, self.trace)}
        if plot not in found:
            raise ValueError(f"plot = {plot!r}: there is {', '.join(found)}")
        return found[plot]

    def _repr_svg_(self) -> str:
        """The loss against the step, which a notebook shows."""
        return self.svg()


@dataclass(frozen=True, eq=False)
class Swept:
    """What becomes of a run with each of n values of one number; every array is (n,)."""

    name: str
    values: Array
    verdict: tuple[str, ...]
    final_loss: Array
    best_loss: Array
    steps_to_target: Array
    diverged_at: Array

    def columns(self) -> Columns:
        """Returns the table by its columns (n,); -1 where a target was never reached, or nothing diverged."""
        return {self.name: self.values, "verdict": np.array(self.verdict)} | {
            name: getattr(self, name) for name in ("final_loss", "best_loss", "steps_to_target", "diverged_at")
        }

    def _repr_svg_(self) -> str:
        """The final loss against the values, both logarithmic where they are positive."""
        known = np.isfinite(self.final_loss)
        x, y = axis_of(self.name, [self.values], log=True), axis_of("final loss", [self.final_loss[known]], log=True)
        if not x.log:
            x = ChartAxis(self.name, float(self.values.min()), float(self.values.max()) or 1.0)
        return chart("Sweep", x, y, [Line(self.values, self.final_loss, self.name, 0)])


def experiment(problem: str = "parabola", *, lr: Rates = 0.1, optimizer: str = "sgd", schedule: str = "constant",
               start: Sequence[float] | None = None, lr_factors: Mapping[str, float] | None = None,
               **settings: object) -> Experiment:  # fmt: skip
    """Returns an experiment with a run for each rate `lr`.

    `problem`, `optimizer` and `schedule` are texts as in the terminal, `KEY` or `KEY:name=value,...`; `start` (P,) is
    that of all runs, and so are `lr_factors`: the rate of a parameter, or of a network's layer, is multiplied by its
    factor, as in PyTorch's parameter groups. `settings` are those of Experiment: steps, batch_size, precision,
    gradient, seed, target_loss.
    Source of names and defaults: PyTorch, as `lrstudio list` tells. ValueError says which value is not allowed.

    >>> from lrstudio import experiment
    >>> two = experiment("proportional", lr=[0.01, 0.1], optimizer="adam:beta1=0.8", steps=50)
    >>> len(two.runs), two.runs[1].lr, two.runs[0].optimizer.beta1, two.steps
    (2, 0.1, 0.8, 50)
    >>> experiment("digits", lr_factors={"layer1": 0.1}).runs[0].lr_factors
    (('layer1', 0.1),)
    >>> experiment("parabola", optimizer="adam:beta1=2")
    Traceback (most recent call last):
    ValueError: optimizer 'adam:beta1=2': beta1 = 2.0: must be a number from 0 to 0.999999
    """
    rates = [lr] if isinstance(lr, (int, float)) else list(lr)
    words = ["--problem", problem, "--optimizer", optimizer, "--schedule", schedule]
    words += [word for rate in rates for word in ("--lr", repr(float(rate)))]
    words += [] if start is None else ["--start", ",".join(repr(float(value)) for value in start)]
    factors = tuple((name, float(factor)) for name, factor in (lr_factors or {}).items())
    words += ["--lr-factors", lr_factors_text(factors)] if factors else []
    known = {parameter.name: parameter for parameter in Experiment.parameters() if parameter.offered}
    for name, value in settings.items():
        if name not in known:
            raise ValueError(f"{name}: an experiment has {', '.join(known)}")
        if value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    parser = Parser(prog="experiment", add_help=False)
    add_experiment_options(parser)
    return experiment_from(parser.parse_args(words))


def simulate(problem: str | Experiment = "parabola", **settings: object) -> Result:
    """Trains and returns all rows; arguments as those of `experiment`, or an Experiment.

    ValueError as `experiment`; MemoryError where the rows have no room.

    >>> from lrstudio import simulate
    >>> result = simulate("parabola", lr=[0.1, 0.5, 1.1], steps=3, start=[1])
    >>> result.params[:, :, 0]  # the loss is (w + 1)², its gradient 2(w + 1)
    array([[ 1.   ,  1.   ,  1.   ],
           [ 0.6  , -1.   , -3.4  ],
           [ 0.28 , -1.   ,  1.88 ],
           [ 0.024, -1.   , -4.456]])
    >>> result.loss.shape, result.params.shape, result.names
    ((4, 3), (4, 3, 1), ('w',))
    >>> sorted(result.columns())
    ['grad_w', 'loss', 'lr', 'run', 'step', 'w']
    """
    simulation = Simulation(_experiment(problem, settings))
    simulation.advance(simulation.experiment.steps)
    return Result(simulation.experiment, simulation.trace)


def sweep(problem: str | Experiment = "parabola", *, over: str = "lr", values: Iterable[float],
          **settings: object) -> Swept:  # fmt: skip
    """Trains the first run with each of the `values` (n,) of one number and returns what became of them.

    `over` is `lr`, `start.NAME`, `optimizer.NAME`, `schedule.NAME`, … as in `lrstudio sweep --over`. ValueError for
    another name, or a value that is not allowed.

    >>> from lrstudio import sweep
    >>> swept = sweep("parabola", values=[0.01, 0.5, 0.95, 1.1], steps=20)
    >>> swept.verdict
    ('too_slow', 'arrived', 'oscillating', 'diverged')
    """
    axis = Axis(over, tuple(float(value) for value in values))
    summary = Sweep(_experiment(problem, settings), [axis]).run()
    verdicts = tuple(VERDICTS[code] for code in summary.verdict.tolist())
    others = {name: getattr(summary, name) for name in ("final_loss", "best_loss", "steps_to_target", "diverged_at")}
    return Swept(over, np.array(axis.values), verdicts, **others)


def range_test(problem: str | Experiment = "parabola", *, start_lr: float = 1e-5, end_lr: float = 1.0, num: int = 100,
               monitor: Monitor = "loss", batches: int = 1, **settings: object) -> RangeCurve:  # fmt: skip
    """Runs Smith's range test with the first run: the rate grows `num` times by one factor from start_lr to end_lr.

    `batches` are the mini-batches that are trained with each rate, whose losses are averaged. With `monitor` =
    "val_loss" the loss is that on validation data before them; ValueError where the problem has none.
    Returns its `lr` (n,), `loss` (n,), `smoothed` (n,), n ≤ num + 1, why it `ended`, and `suggestions()`, a rate by
    each known rule. It ends early where the loss is above four times the best. Source: Smith 2017, as fastai does it.

    >>> from lrstudio import range_test
    >>> curve = range_test("proportional", end_lr=10, num=60)
    >>> len(curve.lr) == len(curve.loss) < 61, curve.ended
    (True, 'loss')
    >>> {item.rule: round(item.lr, 4) for item in curve.suggestions() if item.lr is not None}["valley"] < 0.12
    True
    >>> digits = range_test("digits", batch_size=64, num=20, monitor="val_loss", batches=3)
    >>> digits.loss.shape, f"{digits.loss[0]:.3f}, {digits.loss[-1]:.3f}"
    ((21,), '2.353, 2.144')
    """
    test = RangeTest(start_lr=start_lr, end_lr=end_lr, num=num, monitor=monitor, batches=batches)
    return range_tests.range_test(_experiment(problem, settings), test)


def _experiment(problem: str | Experiment, settings: Mapping[str, object]) -> Experiment:
    if not isinstance(problem, Experiment):
        return experiment(problem, **settings)  # type: ignore[arg-type]
    if settings:
        raise ValueError(f"{', '.join(settings)}: an Experiment brings its own settings")
    return problem
