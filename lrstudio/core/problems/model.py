from __future__ import annotations

from functools import cached_property

from lrstudio.core.declaration import text
from lrstudio.core.formula import FormulaError, parse_expression
from lrstudio.core.formula.graph import COMPARISONS
from lrstudio.core.formula.loss import TypedLoss, names_in_order, read_loss
from lrstudio.core.formula.parse import MAX_LINE, Call
from lrstudio.core.language import tr
from lrstudio.core.problems.base import Data
from lrstudio.core.problems.typed import Typed

_PREFIX = "mean(("


class Model(Typed):
    """A model y = ... of x that you type, fitted to data by the mean of squares; names other than x are parameters."""

    key = "model"
    title = "Your own model"
    depends_on_seed = True

    model: str = text("a*sin(b*x) + c", "what is predicted for x; other names are parameters", most=MAX_LINE)  # type: ignore[misc]

    @property
    def loss(self) -> str:  # type: ignore[override]
        tree = parse_expression(self.model)
        compares = isinstance(tree, Call) and tree.function in COMPARISONS
        return f"{_PREFIX}{f'({self.model})' if compares else self.model} - y)^2)"

    @cached_property
    def typed(self) -> TypedLoss:
        for name in names_in_order(parse_expression(self.model)):
            if name.name == "y":
                raise FormulaError(tr("y is what the model predicts; write it with x"), name.column)
        try:
            return read_loss(self.loss, ("x", "y"))
        except FormulaError as error:  # the column counts from the start of the loss
            raise FormulaError(error.message, max(1, error.column - len(_PREFIX))) from None

    def data(self, seed: int) -> Data:
        return self.points(seed)
