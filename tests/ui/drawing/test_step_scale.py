from __future__ import annotations

import numpy as np
import pytest

from lrstudio.ui.drawing.step_scale import StepAxis, StepScale


def log_scale() -> StepScale:
    scale = StepScale()
    scale.log = True
    return scale


def test_a_logarithmic_axis_starts_at_step_0() -> None:
    scale = log_scale()
    assert [scale.position(step) for step in (0, 9, 99, 999_999)] == pytest.approx([0, 1, 2, 6])
    np.testing.assert_allclose(scale.positions(np.array([0, 9, 99])), [0, 1, 2])


@pytest.mark.parametrize("log", [False, True])
def test_an_x_coordinate_maps_back_to_its_step(log: bool) -> None:
    scale = StepScale()
    scale.log = log
    for step in (0, 1, 7, 123_456, 100_000_000):
        assert round(scale.step(scale.position(step))) == step
    assert scale.step(-3.0) == 0


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("span", [(0, 5), (0, 1_000_000), (12_345, 20_001), (999, 1_000), (7, 7)])
@pytest.mark.parametrize("width", [3.0, 800.0])
def test_pieces_cover_the_rows_in_whole_buckets_that_are_narrow(log: bool, span: tuple[int, int], width: float) -> None:
    scale = StepScale()
    scale.log = log
    first, stop = span
    units = max(scale.position(stop) - scale.position(first), 1e-3)
    per_pixel = units / width
    pieces = scale.levels(per_pixel, 2.0, first, stop)
    covered = first
    for level, begin, end in pieces:
        assert begin <= covered < end or first == stop
        assert begin % 2**level == 0
        assert begin > covered - 2**level
        if level:
            assert scale.position(begin + 2**level) - scale.position(begin) <= 4.0 * per_pixel * 1.001
        covered = end
    assert covered >= stop
    assert sum((end - begin) // 2**level for level, begin, end in pieces) <= max(6 * width, stop - first) + 20


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-0.05, 4.1, ["0", "1", "10", "100", "1000", "10\u202f000"]),
        (2.3, 2.6, ["200", "250", "300", "350"]),
        (5.2, 7.1, ["1\u202f000\u202f000", "1·10⁷"]),
    ],
)
def test_ticks_are_formatted_steps(qapp: object, low: float, high: float, texts: list[str]) -> None:
    axis = StepAxis(log_scale())
    axis.resize(600, 30)
    ticks = axis.tickValues(low, high, 600)[0][1]
    shown = axis.tickStrings(ticks, 1, 1.0)
    assert set(texts) <= set(shown)
    assert len(shown) <= 9
