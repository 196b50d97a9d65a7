"""Going back and forward through the parts of a map."""

from __future__ import annotations

from lrstudio.ui.instruments.map.range import MapRange
from lrstudio.ui.instruments.map.views import MapViews

ALL = MapRange("lr", 0.001, 1.0), MapRange("start.0", -1.0, 1.0)
PARTS = [(MapRange("lr", 0.01, 1.0 / k), MapRange("start.0", -1.0 / k, 1.0)) for k in (2, 3, 4)]


def test_back_and_forward_go_through_what_was_looked_at() -> None:
    views = MapViews()
    views.begin(*ALL)
    assert views.at_home and not views.can_go(-1) and not views.can_go(1)
    for part in PARTS:
        views.add(*part)
    assert not views.at_home
    assert views.go(-1) == PARTS[1] and views.go(-1) == PARTS[0] and views.go(-1) == ALL
    assert views.at_home and not views.can_go(-1)
    assert views.go(1) == PARTS[0]


def test_a_new_part_forgets_what_was_ahead() -> None:
    views = MapViews()
    views.begin(*ALL)
    views.add(*PARTS[0])
    views.go(-1)
    views.add(*PARTS[1])
    assert not views.can_go(1)
    assert views.go(-1) == ALL == views.home


def test_the_same_part_is_kept_once() -> None:
    views = MapViews()
    views.begin(*ALL)
    views.add(*ALL)
    assert not views.can_go(-1)
