"""The small language in which every loss, update rule and schedule is written once."""

from lrstudio.core.formula.parse import Assignment, parse_expression, parse_rule
from lrstudio.core.formula.tokens import FormulaError

__all__ = ["Assignment", "FormulaError", "parse_expression", "parse_rule"]
