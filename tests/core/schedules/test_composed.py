"""Schedules that are made of others, and schedules that count epochs."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from lrstudio.core.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Custom,
    Exponential,
    Plateau,
    Product,
    Rule,
    Schedule,
    Sequence,
    Warmup,
    WarmupStableDecay,
)

TYPED = [kind for kind in SCHEDULES if not kind().follows_loss and kind is not Constant]
LOSSES = [9.0, 7, 8, 6, 6, 6, 6, 5, 6, 6, 6, 6, 6, 6, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3]


@pytest.mark.parametrize("kind", TYPED, ids=lambda kind: kind.key)
def test_in_epochs_every_step_has_the_rate_of_its_epoch(kind: type[Schedule]) -> None:
    schedule = kind.suited(12, 0.2)
    by_epoch = schedule.rates(12, 0.2)
    found = schedule.changed("unit", "epoch").rates(12 * 5 - 2, 0.2, per_epoch=5)
    np.testing.assert_array_equal(found, np.repeat(by_epoch, 5)[:-2])


@pytest.mark.parametrize("kind", TYPED, ids=lambda kind: kind.key)
def test_an_epoch_of_one_step_is_a_step(kind: type[Schedule]) -> None:
    schedule = kind.suited(30, 0.2)
    np.testing.assert_array_equal(schedule.changed("unit", "epoch").rates(30, 0.2), schedule.rates(30, 0.2))


@pytest.mark.parametrize("per_epoch", [1, 3, 4])
def test_a_plateau_in_epochs_sees_their_means(per_epoch: int) -> None:
    plateau = Plateau(patience=0, factor=0.5, threshold=0.2)
    means = [float(np.mean(LOSSES[first : first + per_epoch])) for first in range(0, len(LOSSES), per_epoch)]
    expected = np.repeat(plateau.rates(len(means), 0.8, means), per_epoch)
    found = plateau.changed("unit", "epoch").rates(len(LOSSES), 0.8, LOSSES, per_epoch=per_epoch)
    np.testing.assert_array_equal(found, expected)
    assert found[-1] < 0.8


def test_a_plateau_after_a_warm_up_sees_the_losses_from_there() -> None:
    found = Warmup(total_iters=5, start_factor=0.2, after="plateau(patience=1,factor=0.5)").rates(24, 0.8, LOSSES)
    np.testing.assert_allclose(found[:5], 0.8 * (0.2 + 0.8 * np.arange(5) / 5), rtol=1e-15)
    np.testing.assert_array_equal(found[5:], Plateau(patience=1, factor=0.5).rates(19, 0.8, LOSSES[5:]))


@pytest.mark.parametrize("total_iters", [1, 3, 4, 5, 8])
def test_after_a_warm_up_in_steps_epochs_begin_with_the_first_whole_one(total_iters: int) -> None:
    inner, first = Plateau(patience=0, factor=0.5, unit="epoch"), 4 * -(-total_iters // 4)
    schedule = Warmup(total_iters=total_iters, after="plateau(patience=0,factor=0.5,unit=epoch)")
    found = schedule.rates(24, 0.8, LOSSES, per_epoch=4)
    np.testing.assert_array_equal(found[first:], inner.rates(24 - first, 0.8, LOSSES[first:], per_epoch=4))
    assert (found[total_iters:first] == 0.8).all() and (np.diff(found[: total_iters + 1]) > 0).all()


def test_a_sequence_counts_each_part_from_its_milestone() -> None:
    schedule = Sequence(schedules="exponential(gamma=0.5)+cosine+rule(text=lr = lr0*(t + 1)/T)", milestones=(3, 9))
    found = schedule.rates(20, 0.8)
    expected = [Exponential(gamma=0.5).rates(3, 0.8), Cosine().rates(6, 0.8), 0.8 * np.arange(1, 12) / 11]
    np.testing.assert_allclose(found, np.concatenate(expected), rtol=1e-14)


def test_the_last_part_of_a_sequence_can_follow_the_loss() -> None:
    schedule = Sequence(
        schedules="constant_lr(factor=0.5,total_iters=2)+plateau(patience=1,factor=0.5)", milestones=(4,)
    )
    found = schedule.rates(24, 0.8, LOSSES)
    assert found[:4].tolist() == [0.4, 0.4, 0.8, 0.8]
    np.testing.assert_array_equal(found[4:], Plateau(patience=1, factor=0.5).rates(20, 0.8, LOSSES[4:]))


def test_a_product_multiplies_shares() -> None:
    found = Product(schedules="cosine*custom(points=0:1+10:0.5)*warmup(total_iters=4)").rates(20, 0.8)
    parts = (Cosine(), Custom(points="0:1+10:0.5"), Warmup(total_iters=4))
    np.testing.assert_allclose(found, 0.8 * np.prod([part.rates(20, 1.0) for part in parts], axis=0), rtol=1e-14)


def test_what_is_made_of_others_can_be_a_part_itself() -> None:
    inner = "sequence(schedules=constant+exponential(gamma=0.5),milestones=4)"
    found = Warmup(total_iters=3, after=inner).rates(12, 0.8)
    np.testing.assert_allclose(found[3:], [0.8] * 4 + (0.8 * 0.5 ** np.arange(5)).tolist(), rtol=1e-15)
    both = Product(schedules=f"{inner}*exponential(gamma=0.9)").rates(12, 0.8)
    plain = Sequence(schedules="constant+exponential(gamma=0.5)", milestones=(4,)).rates(12, 0.8)
    np.testing.assert_allclose(both, plain * 0.9 ** np.arange(12), rtol=1e-14)


def test_names_of_a_typed_rule_cannot_hide_the_epoch() -> None:
    rule = Rule(
        text="epoch = t + 1\nepochs = 2*epoch\nper_epoch = 3\nlr = lr0*epoch/(epochs + per_epoch)", unit="epoch"
    )
    expected = np.repeat([0.9 * (t + 1) / (2 * (t + 1) + 3) for t in range(4)], 3)
    np.testing.assert_allclose(rule.rates(12, 0.9, per_epoch=3), expected, rtol=1e-15)


def test_a_stretch_that_is_the_rest_depends_on_the_number_of_steps() -> None:
    assert WarmupStableDecay().needs_length and not WarmupStableDecay(num_stable_steps=5).needs_length
    assert Sequence(schedules="constant+warmup_stable_decay").needs_length


def test_the_rise_the_stretch_and_the_fall() -> None:
    schedule = WarmupStableDecay(num_warmup_steps=4, num_stable_steps=3, num_decay_steps=3)
    assert schedule.rates(11, 1.0).round(12).tolist() == [0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 0.75, 0.25, 0]
    assert WarmupStableDecay(num_warmup_steps=4, num_decay_steps=3).rates(10, 1.0)[:8].tolist()[4:] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Sequence(schedules="cosine", milestones=(3,)), "schedules: 1 of them; 2 to 8 with + between"),
        (lambda: Sequence(schedules="cosine+constant", milestones=(3, 5)), "milestones: 2 for 2 schedules; 1,"),
        (
            lambda: Sequence(schedules="plateau+constant"),
            "schedules: plateau follows the loss and can only be the last",
        ),
        (lambda: Sequence(schedules="constant+one_cycle"), "schedules: one_cycle cannot be in a sequence"),
        (lambda: Sequence(schedules="constant+cosin"), "schedules: unknown schedule 'cosin'; there are constant,"),
        (lambda: Product(schedules="constant"), "schedules: 1 of them; 2 to 8 with * between"),
        (
            lambda: Product(schedules="plateau*constant"),
            "schedules: plateau follows the loss and cannot be in a product",
        ),
        (lambda: Plateau(monitor="val_loss"), "monitor = val_loss: it is measured at the end of each epoch; set unit"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(make: Callable[[], Schedule], says: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*" + re.escape(says) + r"[^\n]*$"):
        make()
