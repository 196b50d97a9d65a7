"""The runs of an experiment as a plain NumPy script."""

from __future__ import annotations

from collections.abc import Iterator

from lrstudio.engine.code.base import Script
from lrstudio.engine.code.losses import arguments, gradient_lines, hessian_lines, loss_lines, newton_lines
from lrstudio.engine.code.networks import HESSIAN, network_lines
from lrstudio.engine.code.rules import update
from lrstudio.engine.code.spelling import FLOAT32, HELPERS, NUMBERS, NUMPY, PYTHON, Dialect, block
from lrstudio.engine.experiment import Run

_TRAIN = '''
def train(start, lr, optimizer, schedule{taken}):
    """Returns the rows of a run up to its last finite step."""
    (update, numbers), (rates_of, plan) = optimizer, schedule
    w, rows = {start}, []
    updates, rates = update(w, **numbers), rates_of(np.float64(lr), **plan)
    next(updates)
    lr = float(next(rates))
    for step in range(STEPS + 1):
        {data}value, g = float(loss({given})), gradient({given})
        if not (np.isfinite(value) and np.isfinite(w).all()):
            break
        rows.append([step, lr, value, {row}])
        w = updates.send({sent})
        {validated}lr = float(rates.send(np.float64(value)))
    return rows
'''


class NumpyScript(Script):
    key, title, needs = "numpy", "NumPy", "NumPy"
    helpers = HELPERS

    def imports(self) -> Iterator[str]:
        yield "import numpy as np"

    def loss_lines(self) -> Iterator[str]:
        if self.network is not None:
            yield from network_lines(self.problem, self.passed_over)
        else:
            yield from loss_lines(self.problem, self._dialect)
            measured = gradient_lines(self.problem, self.experiment.gradient, self.weights, self._dialect)
            yield from ("", "", *measured)
        if self.newton:
            yield from ("", "", *(hessian_lines(self.problem) if self.network is None else block(HESSIAN)))
            yield from ("", "", *newton_lines(self.problem))

    def optimizer(self, run: Run) -> str:
        rounded = ["w = w.astype(np.float32).astype(np.float64)"] if self.mixed else []
        numbers = PYTHON if self.single else NUMBERS
        given, factors = self.given(run), self.lr_factors(run)
        network = self.network is not None
        rule = update(run.optimizer, self._dialect, numbers, rounded, given, network=network, lr_factors=factors)
        return self.entry(run.optimizer.key, rule)

    @property
    def _dialect(self) -> Dialect:
        return FLOAT32 if self.single else NUMPY

    def train(self) -> str:
        start = f"np.array(start, {self.weights})" + (".astype(np.float64)" if self.mixed else "")
        given = arguments(self.problem).replace("params", "w")
        sent = ["g", "lr" if self.single else "np.float64(lr)", *["next(momenta)"] * self.cycles]
        sent += [f"newton_direction({given}, g)"] * self.newton
        row = self.row("w", "g", given)
        data = "data = data_at(step)\n        " if self.problem.has_data else ""
        return _TRAIN.format(
            start=start,
            data=data,
            given=given,
            row=row,
            sent=f"({', '.join(sent)})",
            taken=self.taken,
            validated=self.validated("w"),
        )
