"""The small language in which every loss, update rule and schedule is written once."""

from lrstudio.core.formula.parse import Assignment, FormulaError, parse_expression, parse_rule

__all__ = ["Assignment", "FormulaError", "parse_expression", "parse_rule"]
