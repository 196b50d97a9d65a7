"""Where views stand, as a value."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lrstudio.ui.views.layout import ViewLayout

FIRST = ViewLayout(
    columns=(("a", "b"), ("c", "d", "e")), widths=(56, 44), heights={"a": 60, "b": 40, "c": 40, "d": 40, "e": 25}
)
ALL = "abcde"


def test_what_was_saved_is_read() -> None:
    layout = FIRST.swapped("a", "d").toggled("e").resized({0: 300, 1: 100}, {"c": 10, "d": 70})
    assert FIRST.restored(json.loads(json.dumps(layout.to_save()))) == layout


@pytest.mark.parametrize(
    "change",
    [
        {"columns": 3},
        {"columns": [["a", "b", "c", "d", "e"]]},
        {"columns": [["a", "a"], ["c", "d", "e"]]},
        {"columns": [["a", 2], ["c", "d", "e"]]},
        {"columns": [[["a"], "b"], ["c", "d", "e"]]},
        {"widths": [1]},
        {"widths": [1, "2"]},
        {"widths": [1, -2]},
        {"widths": [1, float("nan")]},
        {"heights": []},
        {"heights": dict.fromkeys(ALL, 1e300)},
        {"heights": dict.fromkeys(ALL, True)},
        {"hidden": [["a"]]},
        {"hidden": None},
    ],
)
def test_what_is_broken_or_foreign_is_not_read(change: dict[str, object]) -> None:
    assert FIRST.restored({**FIRST.toggled("a").to_save(), **change}) is FIRST


def test_a_view_that_was_not_known_stands_where_it_does_at_first() -> None:
    saved = {"columns": [["d", "b"], ["c"]], "widths": [1, 3], "heights": {"b": 7, "c": 8, "d": 9}, "hidden": ["d"]}
    layout = replace(FIRST, hidden=frozenset("ab")).restored(saved)
    assert layout.columns == (("a", "d", "b"), ("c", "e"))
    assert (layout.widths, layout.heights) == ((1, 3), {"a": 60, "b": 7, "c": 8, "d": 9, "e": 25})
    assert layout.hidden == {"a", "d"}


def test_a_view_that_is_gone_is_left_out() -> None:
    layout = FIRST.swapped("a", "e").toggled("c")
    saved = layout.to_save()
    saved["columns"][0].insert(1, "gone")
    saved["heights"]["gone"] = 33
    saved["hidden"].append("gone")
    assert FIRST.restored(saved) == layout


def test_nothing_saved_is_the_first_layout() -> None:
    assert FIRST.restored({}) is FIRST


def test_swapped_views_take_each_others_places_and_heights() -> None:
    layout = FIRST.swapped("a", "e")
    assert layout.columns == (("e", "b"), ("c", "d", "a"))
    assert (layout.heights["a"], layout.heights["e"]) == (25, 60)
    assert layout.swapped("a", "e") == FIRST


def test_up_and_down_go_past_views_that_are_not_shown() -> None:
    assert FIRST.moved("c", "down", ALL).columns[1] == ("d", "c", "e")
    assert FIRST.moved("c", "down", "abce").columns[1] == ("e", "d", "c")
    assert FIRST.moved("c", "up", ALL) == FIRST
    assert FIRST.moved("e", "down", ALL) == FIRST
    assert FIRST.moved("e", "up", "abcd") == FIRST


def test_left_and_right_go_into_the_other_column_at_the_same_height() -> None:
    assert FIRST.moved("d", "left", ALL).columns == (("a", "d", "b"), ("c", "e"))
    assert FIRST.moved("a", "right", ALL).columns == (("b",), ("a", "c", "d", "e"))
    assert FIRST.moved("a", "left", ALL) == FIRST
    alone = FIRST.moved("a", "right", ALL).moved("b", "right", ALL)
    assert alone.columns == ((), ("b", "a", "c", "d", "e"))
    assert alone.moved("c", "left", ALL).columns == (("c",), ("b", "a", "d", "e"))


def test_sizes_of_what_is_not_seen_stay() -> None:
    layout = FIRST.resized({}, {"c": 300, "d": 100})
    assert (layout.heights["c"], layout.heights["d"], layout.heights["e"]) == (60, 20, 25)
    assert FIRST.resized({}, {"c": 0}) == FIRST
