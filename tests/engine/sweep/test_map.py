"""A map grows sharper and ends as the sweep it is made of."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest

from lrstudio.core.optimizers import SGD
from lrstudio.core.problems import Proportional, Quadratic
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.map import refined, strides
from lrstudio.engine.sweep.summary import UNKNOWN
from lrstudio.engine.sweep.sweep import Sweep

BASE = Experiment(problem=Proportional(), runs=(Run(lr=0.1, optimizer=SGD(momentum=0.5)),), steps=20)


def sweep(width: int, height: int, second: str = "optimizer.momentum") -> Sweep:
    rates = tuple(np.geomspace(1e-3, 1, width).tolist())
    return Sweep(BASE, [Axis("lr", rates), Axis(second, tuple(np.linspace(0, 0.95, height).tolist()))])


@pytest.mark.parametrize(("width", "height"), [(64, 64), (200, 77), (5, 3), (1, 300)])
def test_it_ends_as_the_sweep(width: int, height: int) -> None:
    pictures = list(refined(sweep(width, height)))
    whole = sweep(width, height).run()
    assert (pictures[-1].stride, pictures[-1].share) == (1, 1.0)
    for column in ("verdict", "final_loss", "best_loss", "factor"):
        np.testing.assert_array_equal(pictures[-1].filled(column), getattr(whole, column))


def test_every_picture_is_whole_and_they_grow_sharper() -> None:
    shares, wide, truth = [], [], sweep(256, 256).run().verdict
    wrong = []
    for picture in refined(sweep(256, 256)):
        shares.append(picture.share)
        wide.append(picture.stride)
        filled = picture.filled("verdict")
        assert filled.shape == (256, 256) and (filled != UNKNOWN).all()
        wrong.append((filled != truth).mean())
    assert wide[0] == 8 and wide == sorted(wide, reverse=True)
    assert shares == sorted(shares) and shares[0] < 0.05
    assert wrong[0] < 0.2 and wrong[-1] == 0 and wrong == sorted(wrong, reverse=True)


def test_the_first_picture_has_about_a_thousand_cells() -> None:
    assert strides((512, 512)) == [16, 8, 4, 2, 1]
    assert strides((512, 4)) == [1]
    assert strides((1, 1)) == [1]


def test_it_can_be_stopped() -> None:
    stopped = Event()
    pictures = refined(sweep(256, 256), stopped.is_set)
    assert 0 < next(pictures).share < 1
    stopped.set()
    assert not list(pictures)


def test_a_number_of_the_problem_needs_a_chunk_for_each_value() -> None:
    base = Experiment(problem=Quadratic(), runs=(Run(lr=0.1),), steps=10)
    axes = [Axis("lr", (0.01, 0.1, 1.0)), Axis("problem.condition", (1.0, 10.0))]
    pictures = list(refined(Sweep(base, axes)))
    assert len(pictures) == 3
    assert (pictures[-1].summary.verdict != UNKNOWN).all()
    with pytest.raises(ValueError, match="two names"):
        next(refined(Sweep(base, axes[:1])))
