"""Every optimizer and schedule teaches: its formula, what each parameter does, where it comes from, an example."""

from __future__ import annotations

import doctest
import re
import sys

import pytest

from lrstudio.core.declaration import Declared
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.schedules import SCHEDULES

ENTRIES: list[type[Declared]] = [*OPTIMIZERS, *SCHEDULES]
SHARED = {"unit", "clip_norm", "clip_value"}
"""Parameters of all schedules, and of all optimizers, told once by their base classes."""
each_entry = pytest.mark.parametrize("kind", ENTRIES, ids=lambda kind: f"{kind.__name__}-{kind.key}")


@each_entry
def test_the_example_shows_what_comes_out(kind: type[Declared]) -> None:
    tests = doctest.DocTestFinder(recurse=False).find(kind, globs=vars(sys.modules[kind.__module__]).copy())
    runner = doctest.DocTestRunner()
    said: list[str] = []
    for test in tests:
        runner.run(test, out=said.append)
    assert runner.summarize(verbose=False).attempted >= 2, "an import and at least one line that shows a result"
    assert not said, "".join(said)


@each_entry
def test_it_has_a_formula_a_source_and_a_word_on_every_parameter(kind: type[Declared]) -> None:
    text = kind.__doc__ or ""
    assert "Source: " in text
    own = {known.name for known in kind.parameters()} - SHARED
    assert [name for name in own if not re.search(rf"\b{name}\b", text)] == []
    formulas = [line for line in text.splitlines() if re.match(r" {8}\S.*(←| = )", line)]
    assert formulas or kind.key == "rule", "a rule that somebody types has no formula of its own"


@each_entry
def test_lists_and_tooltips_show_its_first_sentence_only(kind: type[Declared]) -> None:
    assert kind.summary().endswith(".") and len(kind.summary()) <= 117 and ">>>" not in kind.summary()
