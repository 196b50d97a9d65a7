"""Logs of real trainings, whose labels follow from how they were made and what else was trained: see the reference."""

from __future__ import annotations

from collections import Counter

import pytest

from lrstudio.engine.diagnosis.finding import KEYS
from tests.reference.training_logs.report import HALVES, Judged, judged

LEAST_RIGHT = 0.95


@pytest.fixture(scope="module")
def logs() -> list[Judged]:
    return list(judged())


def test_there_are_enough_logs_of_every_finding_in_both_halves(logs: list[Judged]) -> None:
    assert len(logs) >= 200
    for half in HALVES:
        labels = Counter(each.log["label"] for each in logs if each.log["half"] == half)
        assert set(labels) == set(KEYS) and min(labels.values()) >= 2, (half, labels)


@pytest.mark.parametrize("half", HALVES)
def test_the_main_finding_is_the_label(logs: list[Judged], half: str) -> None:
    mine = [each for each in logs if each.log["half"] == half]
    misses = [str(each) for each in mine if not each.right]
    assert len(mine) - len(misses) >= LEAST_RIGHT * len(mine), "\n".join(misses)


def test_what_is_called_clear_is_right_more_often_than_a_guess(logs: list[Judged]) -> None:
    clear = [each.right for each in logs if each.diagnosis.main.sure >= 0.9]
    assert len(clear) >= len(logs) / 4 and sum(clear) >= 0.97 * len(clear)


def test_every_finding_has_a_sentence_with_its_numbers_and_something_to_try(logs: list[Judged]) -> None:
    for each in logs:
        for said in each.diagnosis.said:
            assert said.sentence.endswith(".") and "{" not in said.sentence + said.try_next
            assert "nan" not in said.sentence + said.try_next, said
        assert each.diagnosis.said[0].try_next


def test_a_divergence_is_placed_where_the_loss_left_its_start(logs: list[Judged]) -> None:
    placed = [each for each in logs if each.right and each.log["label"] == "diverged"]
    far = []
    for each in placed:
        true, told = float(each.log["truth"]["step"]), each.diagnosis.main.numbers["at"]
        if abs(told - true) > 0.1 * each.log["steps"] + 2 * each.log["every"]:
            far.append((true, told, str(each)))
    assert len(far) <= len(placed) / 10, far
