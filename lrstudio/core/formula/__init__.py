"""The formula language of losses, update rules and schedules."""

from lrstudio.core.formula.parse import Assignment, parse_expression, parse_rule
from lrstudio.core.formula.tokens import FormulaError

__all__ = ["Assignment", "FormulaError", "parse_expression", "parse_rule"]
