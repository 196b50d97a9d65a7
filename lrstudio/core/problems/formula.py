from __future__ import annotations

import re
from functools import cached_property

from lrstudio.core.declaration import text
from lrstudio.core.formula import FormulaError, parse_expression
from lrstudio.core.formula.loss import TypedLoss, is_over_data, read_loss
from lrstudio.core.formula.parse import MAX_LINE, Call, Name
from lrstudio.core.problems.base import Data
from lrstudio.core.problems.generated import Generated
from lrstudio.core.problems.typed import Typed

_BEGIN = re.compile(r"(?:mean|sum)\(\s*[\d./ ]*\*?\s*(?:abs)?\(")
_END = re.compile(r"(?=\)\s*(?:(?:\^|\*\*)\s*2\s*)?\))")
"""What stands around a difference of which the mean square or distance is taken."""


class Formula(Generated, Typed):
    """A loss of one to eight parameters that you type; pi and e are known, every other name is a parameter.

    Where there is a mean(...) or a sum(...) in it, x and y are data that are drawn around a curve.
    """

    key = "formula"
    title = "Your own loss"

    loss: str = text("3*(a - 2)^2 + b^2", "the loss; every name but pi and e is a parameter", most=MAX_LINE)  # type: ignore[misc]

    @cached_property
    def typed(self) -> TypedLoss:
        return read_loss(self.loss, ("x", "y") if self.has_data else ())

    @cached_property
    def has_data(self) -> bool:
        return is_over_data(parse_expression(self.loss))

    @cached_property
    def model(self) -> str | None:  # type: ignore[override]
        """What is predicted for x, where the loss has a square or a distance of it and y; None where it has none."""
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
    """The model in `model - y` or `y - model`; None where that is not what stands there."""
    try:
        tree = parse_expression(text)
    except FormulaError:
        return None
    match tree:
        case Call("-", (model, Name("y")), column):
            found = text[: column - 1]
        case Call("-", (Name("y"), model), column):
            found = text[column:]
        case _:
            return None
    return None if "y" in model.names() or is_over_data(model) else found.strip()
