from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lrstudio.core.declaration import text
from lrstudio.core.formula import parse_expression
from lrstudio.core.formula.loss import TypedLoss, is_over_data, read_loss
from lrstudio.core.formula.parse import MAX_LINE
from lrstudio.core.problems.base import Data
from lrstudio.core.problems.generated import Generated
from lrstudio.core.problems.typed import Typed


@dataclass(frozen=True, kw_only=True)
class Formula(Generated, Typed):
    """A loss of one to eight parameters that you type; pi and e are known, every other name is a parameter.

    Where there is a mean(...) or a sum(...) in it, x and y are data that are drawn around a curve.
    """

    key = "formula"
    title = "Your own loss"

    loss: str = text("3*(a - 2)^2 + b^2", "the loss; names that are not known are its parameters", most=MAX_LINE)  # type: ignore[misc]

    @cached_property
    def typed(self) -> TypedLoss:
        return read_loss(self.loss, ("x", "y") if self.has_data else ())

    @cached_property
    def has_data(self) -> bool:
        return is_over_data(parse_expression(self.loss))

    def idle(self) -> frozenset[str]:
        return frozenset() if self.has_data else frozenset(("curve", "n", "noise"))

    def data(self, seed: int) -> Data:
        return self.points(seed) if self.has_data else {}
