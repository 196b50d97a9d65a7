"""Whatever is typed is taken or refused by the parser; `python -m tests.benchmarks.fuzz` tries a million."""

from __future__ import annotations

import os

from tests.benchmarks.fuzz import PLACES, fuzz, texts

FUZZ = int(os.environ.get("LRSTUDIO_FUZZ", "4000"))


def test_any_text_is_taken_or_refused_by_the_parser_and_what_is_taken_runs() -> None:
    found = fuzz(1, FUZZ)
    assert found.raised == {}
    assert found.taken > FUZZ / 20
    assert found.refused > FUZZ / 2
    assert found.followed > FUZZ / 1000


def test_the_texts_are_the_same_every_time_and_for_all_places() -> None:
    assert list(texts(3, 100)) == list(texts(3, 100))
    assert {index for index, _ in texts(3, 100)} == set(PLACES)
