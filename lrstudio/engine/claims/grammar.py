"""Parses the language of measures and predicates.

    predicate   any of `clause and clause ...`, joined by `or`
    clause      not clause | comparison | (only | every | no) run [N]: comparison
    comparison  value < value ...  (also <= > >=) | value = value within 5 % | value is WORD
    value       NUMBER | [NUMBER *] [run N:] measure, one of `measures.MEASURES`
    reading     [run N:] measure [to N digits | to N decimals]

`only run 2: C` means that C holds for run 2 and for no other run. After a quantifier, measures that name no run are
those of each run in turn. Runs count from 1. A predicate is True, False or, if unknown, None.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import get_args

from lrstudio.core.analysis.verdict import Key
from lrstudio.core.language import tr
from lrstudio.engine.claims.measures import MEASURES
from lrstudio.engine.claims.predicates import (
    SIDES,
    Amount,
    Chain,
    Is,
    Joined,
    Near,
    Negated,
    Predicate,
    Quantified,
    Reading,
)

MAX_LENGTH = 500
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d*)?(?:e[+-]?\d+)?|-\d+(?:\.\d*)?)|([A-Za-z_]\w*)|(<=|>=|[<>=*:%]))")
_QUANTIFIERS = ("only", "every", "no")
_WORDS = frozenset(get_args(Key))
_STEPS = {"start": 0, "end": -1}


@lru_cache(maxsize=512)
def reading(text: str) -> Reading:
    """Returns the reading that a text names; ValueError with an explanation for an invalid text."""
    source = _Source(text)
    result = source.reading()
    if source.take("to"):
        number = int(source.number(whole=True))
        if source.take("decimals"):
            result = replace(result, decimals=number)
        else:
            source.need("digits")
            result = replace(result, digits=number)
    source.end()
    return result


@lru_cache(maxsize=512)
def predicate(text: str) -> Predicate:
    """Returns the predicate of a text; ValueError with an explanation for an invalid text."""
    source = _Source(text)
    result = source.any_of()
    source.end()
    return result


class _Source:
    """The tokens of a text, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self._tokens, self._position = text, _tokens(text), 0

    def any_of(self) -> Predicate:
        parts = [self._all_of()]
        while self.take("or"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Joined(tuple(parts), every=False)

    def _all_of(self) -> Predicate:
        parts = [self._clause()]
        while self.take("and"):
            parts.append(self._clause())
        return parts[0] if len(parts) == 1 else Joined(tuple(parts), every=True)

    def _clause(self) -> Predicate:
        if self.take("not"):
            return Negated(self._clause())
        for kind in _QUANTIFIERS:
            if self.take(kind):
                self.need("run")
                run = self._run() if kind == "only" else None
                self.need(":")
                return Quantified(kind, run, self._comparison(quantified=True))
        return self._comparison(quantified=False)

    def _comparison(self, quantified: bool) -> Predicate:
        first = self._value(quantified)
        if self.take("is"):
            word = self._next()
            if first.reading is None or first.reading.measure.phrase != "verdict" or word not in _WORDS:
                raise self._error(tr("“is” asks for a verdict, one of {names}", names=", ".join(sorted(_WORDS))))
            return Is(first.reading, word)
        if self.take("="):
            other = self._numeric(self._value(quantified))
            self.need("within")
            percent = self.number()
            self.need("%")
            return Near(self._numeric(first), other, percent)
        values, signs = [self._numeric(first)], []
        while self._peek() in SIDES:
            signs.append(self._next())
            values.append(self._numeric(self._value(quantified)))
        if not signs:
            raise self._error(tr("a comparison is missing"))
        return Chain(tuple(values), tuple(signs))

    def _numeric(self, value: Amount) -> Amount:
        if value.reading is not None and value.reading.measure.word:
            raise self._error(tr("“{phrase}” is no number", phrase=value.reading.measure.phrase))
        return value

    def _value(self, quantified: bool) -> Amount:
        if not _is_number(self._peek()):
            return Amount(1.0, self.reading(quantified))
        number = self.number()
        return Amount(number, self.reading(quantified)) if self.take("*") else Amount(number)

    def reading(self, quantified: bool = False) -> Reading:
        """Parses a measure and its run."""
        run: int | None = None
        if self.take("run"):
            run = self._run()
            self.need(":")
        fitting = [(len(measure.words), measure) for measure in MEASURES if self._fits(measure.words)]
        if not fitting:
            raise self._no_measure()
        measure = max(fitting, key=lambda pair: pair[0])[1]
        if measure.of_run and run is None and not quantified:
            raise self._error(tr("“{phrase}” is of a run: “run 1: {phrase}”", phrase=measure.phrase))
        if not measure.of_run and run is not None:
            raise self._error(tr("“{phrase}” is of the experiment, not of a run", phrase=measure.phrase))
        return Reading(measure, run, tuple(self._argument(word) for word in measure.words if self._skip(word)))

    def _no_measure(self) -> ValueError:
        from difflib import get_close_matches  # only an error needs it

        rest = self._rest()
        (nearest,) = get_close_matches(rest, [measure.phrase for measure in MEASURES], 1, 0)
        why = tr("“{rest}” begins with no measure; the nearest is “{nearest}”", rest=rest, nearest=nearest)
        return self._error(why)

    def _fits(self, words: Sequence[str]) -> bool:
        tokens = self._tokens[self._position : self._position + len(words)]
        return len(tokens) == len(words) and all(
            word == token or word.startswith("<") for word, token in zip(words, tokens, strict=True)
        )

    def _skip(self, word: str) -> bool:
        """Skips a fixed word of a measure; returns whether the word is an argument instead."""
        return word.startswith("<") or not self.take(word)

    def _argument(self, kind: str) -> float | int | str:
        if kind == "<weight>":
            return self._next()
        if kind == "<step>" and self._peek() in _STEPS:
            return _STEPS[self._next()]
        number = self.number(whole=kind != "<x>")
        return number if kind == "<x>" else int(number)

    def _run(self) -> int:
        number = int(self.number(whole=True))
        if number < 1:
            raise self._error(tr("runs count from 1"))
        return number - 1

    def number(self, *, whole: bool = False) -> float:
        token = self._next()
        if not _is_number(token):
            raise self._error(tr("a number is wanted in place of “{token}”", token=token))
        value = float(token)
        if not math.isfinite(value) or (whole and (value != int(value) or value < 0)):
            raise self._error(tr("a whole number is wanted in place of “{token}”", token=token))
        return value

    def take(self, token: str) -> bool:
        """Skips a token if it is the next one; returns whether it was."""
        if self._peek() != token:
            return False
        self._position += 1
        return True

    def need(self, token: str) -> None:
        if not self.take(token):
            raise self._error(tr("“{token}” is wanted before “{rest}”", token=token, rest=self._rest()))

    def end(self) -> None:
        if self._peek():
            raise self._error(tr("“{rest}” is too much", rest=self._rest()))

    def _peek(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._position += 1
        return token

    def _rest(self) -> str:
        return " ".join(self._tokens[self._position :])

    def _error(self, why: str) -> ValueError:
        return ValueError(f"{self.text!r}: {why}")


def _is_number(token: str) -> bool:
    return token[:1].isdigit() or (token[:1] == "-" and len(token) > 1)


def _tokens(text: str) -> list[str]:
    if len(text) > MAX_LENGTH:
        raise ValueError(tr("{typed!r}…: longer than {most} characters", typed=text[:40], most=MAX_LENGTH))
    tokens, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(tr("{typed!r}: {sign!r} means nothing here", typed=text, sign=text[position:].strip()[0]))
        tokens.append(match.group().strip())
        position = match.end()
    return tokens
