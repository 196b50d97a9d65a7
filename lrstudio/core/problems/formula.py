from __future__ import annotations

import re
from functools import cached_property

from lrstudio.core.declaration import text
from lrstudio.core.formula import FormulaError, parse_expression
from lrstudio.core.formula.loss import TypedLoss, read_loss
from lrstudio.core.formula.parse import MAX_LINE, Call, Name
from lrstudio.core.formula.simplify import is_over_all
from lrstudio.core.problems.base import Data
from lrstudio.core.problems.typed import Typed

_BEGIN = re.compile(r"(?:mean|sum)\(\s*[\d./ ]*\*?\s*(?:abs)?\(")
_END = re.compile(r"(?=\)\s*(?:(?:\^|\*\*)\s*2\s*)?\))")
"""The text before and after a difference whose mean square or mean distance is the loss."""


class Formula(Typed):
    """A loss of one to eight parameters that you type; every name except pi and e is a parameter.

    In a loss with mean(...) or sum(...), x and y are data that are drawn around a curve.
    """

    key = "formula"
    title = "Your own loss"

    loss: str = text("3*(a - 2)^2 + b^2", "the loss; every name but pi and e is a parameter", most=MAX_LINE)  # type: ignore[misc]

    @cached_property
    def typed(self) -> TypedLoss:
        return read_loss(self.loss, ("x", "y") if self.has_data else ())

    @cached_property
    def has_data(self) -> bool:
        return is_over_all(parse_expression(self.loss))

    @cached_property
    def model(self) -> str | None:  # type: ignore[override]
        """The prediction for x in a loss with a square or a distance between it and y; otherwise None."""
        for begin in _BEGIN.finditer(self.loss):
            for end in _END.finditer(self.loss, begin.end()):
                model = _subtracted_from_y(self.loss[begin.end() : end.start()])
                if model is not None:
                    return model
        return None

    def idle(self) -> frozenset[str]:
        return frozenset() if self.has_data else frozenset(("curve", "n", "noise"))

    @property
    def depends_on_seed(self) -> bool:  # type: ignore[override]
        return self.has_data

    def data(self, seed: int) -> Data:
        return self.points(seed) if self.has_data else {}


def _subtracted_from_y(text: str) -> str | None:
    """Returns the model in `model - y` or `y - model`; None for other texts."""
    try:
        tree = parse_expression(text)
    except FormulaError:
        return None
    match tree:
        case Call("-", (model, Name("y")), column):
            source = text[: column - 1]
        case Call("-", (Name("y"), model), column):
            source = text[column:]
        case _:
            return None
    return None if "y" in model.names() or is_over_all(model) else source.strip()
