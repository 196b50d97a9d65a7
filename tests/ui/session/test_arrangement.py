from __future__ import annotations

from lrstudio.engine.experiment import Run
from lrstudio.ui.session.arrangement import Arrangement

RUNS = tuple(Run(lr=rate) for rate in (0.01, 0.1, 1.0, 2.0))


def test_all_runs_are_shown_in_their_own_order_at_first() -> None:
    arrangement = Arrangement.of(RUNS)
    assert (arrangement.order, arrangement.hidden, arrangement.baseline) == ((0, 1, 2, 3), frozenset(), None)


def test_a_run_is_hidden_shown_moved_and_compared_with() -> None:
    arrangement = Arrangement.of(RUNS).toggled(2).moved(0, 2).compared_with(1)
    assert arrangement == Arrangement(order=(1, 2, 0, 3), hidden=frozenset({2}), baseline=1)
    assert arrangement.toggled(2).compared_with(1).moved(0, -7) == Arrangement.of(RUNS)
    assert arrangement.moved(1, 99).order == (2, 0, 3, 1)


def test_runs_keep_their_places_when_one_is_removed() -> None:
    arrangement = Arrangement(order=(3, 0, 1, 2), hidden=frozenset({0, 3}), baseline=2)
    after = arrangement.after_edit(RUNS, RUNS[:1] + RUNS[2:])
    assert after == Arrangement(order=(2, 0, 1), hidden=frozenset({0, 2}), baseline=1)
    gone = arrangement.after_edit(RUNS, RUNS[:2] + RUNS[3:])
    assert gone == Arrangement(order=(2, 0, 1), hidden=frozenset({0, 2}), baseline=None)


def test_new_runs_stand_at_the_end_or_in_place_of_the_one_they_replace() -> None:
    arrangement = Arrangement(order=(3, 1, 0, 2), hidden=frozenset({1, 3}))
    added = arrangement.after_edit(RUNS, (*RUNS, Run(lr=5.0)))
    assert added == Arrangement(order=(3, 1, 0, 2, 4), hidden=frozenset({1, 3}))
    family = (RUNS[0], Run(lr=7.0), Run(lr=8.0), Run(lr=9.0), *RUNS[2:])
    assert arrangement.after_edit(RUNS, family) == Arrangement(order=(5, 1, 2, 3, 0, 4), hidden=frozenset({5}))


def test_what_was_saved_is_restored() -> None:
    arrangement = Arrangement(order=(1, 0, 3, 2), hidden=frozenset({3, 0}), baseline=2)
    assert Arrangement.from_view(arrangement.to_view(), RUNS) == arrangement


def test_what_does_not_fit_the_runs_is_left_out() -> None:
    for view in (
        {"order": [0, 0, 1, 2], "hidden": [9, -1, True, "1"], "baseline": 4},
        {"order": "abcd", "hidden": 3, "baseline": "0"},
        {"order": [0, 1, 2], "hidden": None, "baseline": False},
        {},
    ):
        assert Arrangement.from_view(view, RUNS) == Arrangement.of(RUNS)
