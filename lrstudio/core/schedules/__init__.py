"""The schedules, in the order of the menu."""

from lrstudio.core.schedules.base import Schedule
from lrstudio.core.schedules.constant import Constant
from lrstudio.core.schedules.cosine import Cosine
from lrstudio.core.schedules.cosine_restarts import CosineRestarts
from lrstudio.core.schedules.custom import Custom
from lrstudio.core.schedules.cyclic import Cyclic
from lrstudio.core.schedules.exponential import Exponential
from lrstudio.core.schedules.inverse_sqrt import InverseSqrt
from lrstudio.core.schedules.linear import Linear
from lrstudio.core.schedules.multistep import MultiStep
from lrstudio.core.schedules.one_cycle import OneCycle
from lrstudio.core.schedules.plateau import Plateau
from lrstudio.core.schedules.polynomial import Polynomial
from lrstudio.core.schedules.rule import Rule
from lrstudio.core.schedules.step import Step
from lrstudio.core.schedules.warmup import Warmup

SCHEDULES: tuple[type[Schedule], ...] = (
    Constant,
    Exponential,
    Step,
    MultiStep,
    Cosine,
    CosineRestarts,
    Linear,
    Polynomial,
    InverseSqrt,
    Cyclic,
    OneCycle,
    Plateau,
    Warmup,
    Custom,
    Rule,
)
Warmup.catalogue = SCHEDULES

DEFAULT_SCHEDULE: type[Schedule] = Constant
"""The schedule of a run for which none is chosen."""

__all__ = [
    "DEFAULT_SCHEDULE",
    "SCHEDULES",
    "Constant",
    "Cosine",
    "CosineRestarts",
    "Custom",
    "Cyclic",
    "Exponential",
    "InverseSqrt",
    "Linear",
    "MultiStep",
    "OneCycle",
    "Plateau",
    "Polynomial",
    "Rule",
    "Schedule",
    "Step",
    "Warmup",
]
