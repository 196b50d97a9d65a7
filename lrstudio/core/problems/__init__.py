"""The problems, in the order of the menu."""

from lrstudio.core.problems.base import Data, Problem
from lrstudio.core.problems.noisy_line import NoisyLine
from lrstudio.core.problems.parabola import Parabola
from lrstudio.core.problems.proportional import Proportional
from lrstudio.core.problems.rosenbrock import Rosenbrock

PROBLEMS: tuple[type[Problem], ...] = (Parabola, Proportional, NoisyLine, Rosenbrock)

__all__ = ["PROBLEMS", "Data", "NoisyLine", "Parabola", "Problem", "Proportional", "Rosenbrock"]
