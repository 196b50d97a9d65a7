"""Measures of what ran, predicates over them, and sentences that tell them."""

from lrstudio.engine.claims.grammar import predicate, reading
from lrstudio.engine.claims.outcome import Outcome
from lrstudio.engine.claims.predicates import Predicate, Reading
from lrstudio.engine.claims.sentence import Claim, Translate, answer, fill, told

__all__ = [
    "Claim",
    "Outcome",
    "Predicate",
    "Reading",
    "Translate",
    "answer",
    "fill",
    "predicate",
    "reading",
    "told",
]
