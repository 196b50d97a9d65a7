"""Data that problems learn from."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.datasets.digits import digits
from lrstudio.core.datasets.plane import SHAPES, points_in_plane
from lrstudio.core.problems import Classification, Digits


def test_the_digits_are_all_there() -> None:
    images, labels = digits()
    assert images.shape == (1797, 64) and labels.shape == (1797,)
    assert images.min() == 0 and images.max() == 1
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as UCI counts them
    assert (images[0].reshape(8, 8) * 16).astype(int)[0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    with pytest.raises(ValueError, match="read-only"):
        images[0, 0] = 1


def test_training_and_other_images_are_different_ones() -> None:
    split = Digits(train_share=0.75).split(3)
    assert len(split.x) == round(0.75 * 1797) and len(split.x) + len(split.other_x) == 1797
    every = np.concatenate([split.x, split.other_x])
    assert sorted(map(tuple, every)) == sorted(map(tuple, digits()[0]))


@pytest.mark.parametrize("shape", SHAPES)
def test_points_have_the_shape_the_number_and_the_imbalance_that_is_asked(shape: str) -> None:
    points, labels = points_in_plane(shape, 500, 0.05, 0.2, np.random.default_rng(0))
    assert points.shape == (500, 2) and np.abs(points).max() < 2.5
    assert labels.sum() == 100
    lone, rare = points_in_plane(shape, 10, 0.0, 0.01, np.random.default_rng(0))
    assert rare.sum() == 1 and len(lone) == 10


@pytest.mark.parametrize("shape", ["moons", "circles", "xor", "spiral"])
def test_without_noise_the_nearest_neighbour_tells_the_classes_apart(shape: str) -> None:
    split = Classification(shape=shape, n=2000, noise=0.0).split(1)
    distance = ((split.other_x[:300, None] - split.x[None]) ** 2).sum(axis=2)
    assert (split.labels[distance.argmin(axis=1)] == split.other_labels[:300]).mean() > 0.97
    flat = np.linalg.lstsq(np.c_[split.x, np.ones(2000)], split.labels - 0.5, rcond=None)[0]
    assert ((np.c_[split.x, np.ones(2000)] @ flat > 0) == split.labels).mean() < 0.93  # no straight line does
