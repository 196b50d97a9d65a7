"""The schedules, in the order of the menu."""

from lrstudio.core.schedules.base import Schedule
from lrstudio.core.schedules.constant import Constant
from lrstudio.core.schedules.cosine import Cosine
from lrstudio.core.schedules.cosine_restarts import CosineRestarts
from lrstudio.core.schedules.exponential import Exponential
from lrstudio.core.schedules.linear import Linear
from lrstudio.core.schedules.polynomial import Polynomial
from lrstudio.core.schedules.rule import Rule
from lrstudio.core.schedules.step import Step

SCHEDULES: tuple[type[Schedule], ...] = (Constant, Exponential, Step, Cosine, CosineRestarts, Linear, Polynomial, Rule)

__all__ = [
    "SCHEDULES",
    "Constant",
    "Cosine",
    "CosineRestarts",
    "Exponential",
    "Linear",
    "Polynomial",
    "Rule",
    "Schedule",
    "Step",
]
