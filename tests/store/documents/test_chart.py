"""Charts: what stands on their axes, and lines that stay in their plots."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from lrstudio.store.documents.chart import Axis, Line, axis_of, chart


def points_of(svg: str, color: str) -> np.ndarray:
    """Returns the points (n, 2) of the lines of a colour, those of the legend apart."""
    paths = [part.get("d", "") for part in ElementTree.fromstring(svg).iter() if part.get("stroke") == color]
    return np.array(
        re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", " ".join(path for path in paths if "h26" not in path)), float
    )


@pytest.mark.parametrize(
    ("axis", "numbers"),
    [
        (Axis("x", 0, 100), ["0", "20", "40", "60", "80", "100"]),
        (Axis("x", -0.7, 0.7), ["−0.6", "−0.4", "−0.2", "0", "0.2", "0.4", "0.6"]),
        (Axis("x", 1e-6, 1, log=True), ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "0.01", "0.1", "1"]),
        (Axis("x", 0.9, 7.5, log=True), ["1", "2", "5"]),
    ],
)
def test_an_axis_has_round_numbers_at_their_places(axis: Axis, numbers: list[str]) -> None:
    ticks = axis.ticks()
    assert [number for _, number in ticks] == numbers
    places = np.array([place for place, _ in ticks])
    assert (np.diff(places) > 0).all() and places[0] >= 0 and places[-1] <= 1
    if not axis.log:
        assert np.ptp(np.diff(places)) < 1e-9


def test_an_axis_of_losses_is_logarithmic_only_where_there_are_positive_ones() -> None:
    assert axis_of("loss", [np.array([1.0, np.nan, 1e-3, np.inf])], log=True) == Axis("loss", 1e-3, 1.0, log=True)
    assert not axis_of("loss", [np.array([-1.0, -2.0])], log=True).log
    assert axis_of("loss", [np.full(3, 2.0)]).low < 2 < axis_of("loss", [np.full(3, 2.0)]).high


def test_a_line_is_cut_where_it_leaves_its_plot_and_has_gaps_where_it_is_not_finite() -> None:
    y = np.array([0.0, 3.0, np.nan, 0.5, 1e300, -1e300, 1.0])
    svg = chart("t", Axis("x", 0, 6), Axis("y", 0, 1), [Line(np.arange(7.0), y, "a", 0)], (400, 300))
    box = next(part for part in ElementTree.fromstring(svg).findall(".//{*}rect") if part.get("fill") == "none")
    left, top, width, height = (float(box.get(name, "")) for name in ("x", "y", "width", "height"))
    points = points_of(svg, "#0055A6")
    assert (points >= (left - 0.05, top - 0.05)).all() and (points <= (left + width, top + height + 0.05)).all()
    cut = left + width / 6 / 3, top  # from 0 to 3 it passes 1 after a third of the step
    assert np.abs(points - cut).max(axis=1).min() < 0.1
    assert svg.count("M") >= 2 + 1


def test_a_long_line_keeps_its_extremes_and_few_points() -> None:
    y = np.sin(np.arange(100_000) / 50)
    y[70_001] = 5
    svg = chart("t", Axis("x", 0, 1e5), axis_of("y", [y]), [Line(np.arange(1e5), y, "a", 0)])
    points = points_of(svg, "#0055A6")
    assert len(points) < 3000
    assert points[:, 1].min() < 70


def test_texts_are_texts_and_harmless() -> None:
    svg = chart("损失 <script>", Axis("a & b", 0, 1), Axis("y", 0, 1), [Line(np.zeros(2), np.zeros(2), '"<b>', 1)])
    words = [part.text for part in ElementTree.fromstring(svg).findall(".//{*}text")]
    assert {"损失 <script>", "a & b", '"<b>'} <= set(words)
