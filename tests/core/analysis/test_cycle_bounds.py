"""The rates of a cycle, read off curves of which one knows where they begin to fall and where they end."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.analysis.cycle_bounds import cycle_bounds

LRS = np.geomspace(1e-5, 10, 121)


def ramp(begin: float, end: float) -> np.ndarray:
    """2 up to one rate, 1 at another, rising beyond: straight on a logarithmic axis."""
    x, low, high = np.log(LRS), np.log(begin), np.log(end)
    down = 2 - np.clip((x - low) / (high - low), 0, 1)
    return down + 2 * np.clip(x - high, 0, None)


def test_the_lower_rate_is_where_a_tenth_is_made_and_the_upper_one_where_the_loss_is_least() -> None:
    found = cycle_bounds(LRS, ramp(1e-3, 1.0))
    assert found is not None and found.is_measured
    assert found.base_lr == pytest.approx(1e-3 * 1000**0.1, rel=0.2)
    assert found.max_lr == pytest.approx(1.0, rel=0.3)


def test_noise_moves_them_little() -> None:
    noise = np.random.default_rng(0).normal(0, 0.03, (20, len(LRS)))
    found = [cycle_bounds(LRS, ramp(1e-3, 1.0) + one) for one in noise]
    lows = [one.base_lr for one in found if one is not None]
    highs = [one.max_lr for one in found if one is not None]
    assert len(lows) == 20
    assert 1e-3 < min(lows) < max(lows) < 5e-3
    assert 0.4 < min(highs) <= max(highs) < 2


def test_a_cliff_gives_a_quarter_as_smith_advises() -> None:
    losses = np.where(LRS < 0.5, 2.0, np.where(LRS < 0.75, 1.0, 9.0))
    found = cycle_bounds(LRS, losses)
    assert found is not None and not found.is_measured
    assert found.base_lr == found.max_lr / 4
    assert 0.4 < found.max_lr < 0.8


def test_what_comes_after_a_loss_that_is_no_number_is_not_read() -> None:
    losses = ramp(1e-3, 1.0)
    losses[100:] = np.nan
    found, cut = cycle_bounds(LRS, losses), cycle_bounds(LRS[:100], losses[:100])
    assert found == cut and found is not None


@pytest.mark.parametrize(
    "losses",
    [np.full(121, 2.0), np.linspace(1, 2, 121), np.array([]), np.array([3.0, 2.0, 1.0]), np.full(121, np.nan)],
    ids=["level", "rising", "none", "three", "no numbers"],
)
def test_where_nothing_falls_nothing_is_said(losses: np.ndarray) -> None:
    assert cycle_bounds(LRS[: len(losses)], losses) is None
