"""Measures of an experiment's runs, predicates over them and the sentences that report them."""

from lrstudio.engine.claims.grammar import predicate, reading
from lrstudio.engine.claims.outcome import Outcome
from lrstudio.engine.claims.predicates import Predicate, Reading
from lrstudio.engine.claims.sentence import Claim, answer, fill

__all__ = [
    "Claim",
    "Outcome",
    "Predicate",
    "Reading",
    "answer",
    "fill",
    "predicate",
    "reading",
]
