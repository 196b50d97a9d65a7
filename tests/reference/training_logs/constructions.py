"""How the logs are made, a function for each label: what else is trained proves the label, or there is no log.

The label never comes from the logged curve. `left` is the share of the descent to the lowest loss that is left, on all
training data; a control is a training that differs in one thing, from the same start with the same batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tests.reference.training_logs.trainer import Setting, Swept, Trained, mean, sweep, train


@dataclass
class Case:
    """A training with its label, and the numbers that prove it."""

    label: str
    trained: Trained
    truth: dict[str, float]
    single: bool = False
    """Whether every step must be logged for the label to show."""
    rows: int | None = None
    """How many rows of the log are kept."""
    without: tuple[str, ...] = ()
    with_val: bool = False
    averaged: bool = False
    """Whether single losses are too noisy to show the label: means are logged."""


Make = Callable[[Setting, int, np.random.Generator], "Case | None"]


def chained(*parts: Trained) -> Trained:
    """Returns one training of several, each of which goes on from the one before."""
    starts = np.cumsum([0, *(len(part.rates) for part in parts)])
    looks = [part.looks[:-1] + start for part, start in zip(parts, starts, strict=False)]

    def joined(name: str) -> np.ndarray:
        return np.concatenate([*(getattr(part, name)[:-1] for part in parts), getattr(parts[-1], name)[-1:]])

    rates, losses = (np.concatenate([getattr(part, name) for part in parts]) for name in ("rates", "losses"))
    looks = [*looks, [starts[-1]]]
    return Trained(rates, losses, np.concatenate(looks), joined("full"), joined("val"), joined("test"), parts[-1].state)


def constant(rate: float, steps: int) -> np.ndarray:
    return np.full(steps, rate)


def overfits(trained: Trained) -> bool:
    """Whether the loss on test data, which is in no log, rises by 3 % or that on validation by as much."""
    return any(mean(values[-5:]) > 1.03 * values.min() for values in (trained.test, trained.val))


def without_overfitting(trained: Trained) -> tuple[str, ...]:
    """Returns the columns to leave out, so that a log has one fault."""
    return ("val",) if overfits(trained) else ()


def gain(at: Trained, rate: float, setting: Setting, seed: int, lower: float = 10.0) -> tuple[float, float]:
    """Returns how much lower the loss gets by going on: at the same rate, and at a lower one beside that, as shares."""
    steps = len(at.rates) // 2
    same = train(setting, constant(rate, steps), seed, at.state)
    less = train(setting, constant(rate / lower, steps), seed, at.state)
    late = mean(same.full[len(same.full) // 2 :])
    return 1 - late / at.end, 1 - less.end / late


def unseen(trained: Trained) -> float:
    """Returns four standard errors of the mean of a quarter of the 110 losses that are logged, at the end."""
    return 4 * float(np.std(trained.losses[-len(trained.losses) // 4 :])) / np.sqrt(110 / 4)


def begun(trained: Trained) -> bool:
    """Whether the descent is more than 1.2 times the noise of a logged loss."""
    return bool(trained.begin - trained.end > np.sqrt(110 / 4) * unseen(trained) * 0.3)


def clearly_begun(trained: Trained) -> bool:
    """Whether the descent is more than twice the noise of a logged loss."""
    return bool(trained.begin - trained.end > np.sqrt(110 / 4) * unseen(trained) / 2)


def too_slow(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """A rate far below the least good one of the sweep; a third of the descent is left, at 4 times the rate less."""
    swept = sweep(setting, seed)
    rate = swept.good / float(random.uniform(8, 60))
    trained = train(setting, constant(rate, setting.steps), seed)
    faster = train(setting, constant(4 * rate, setting.steps), seed)
    left, better = swept.left(trained.end), swept.left(faster.end)
    fallen = trained.begin - trained.end
    late = trained.full[trained.looks >= setting.steps // 2]
    shows = late[: len(late) // 2].mean() - late[len(late) // 2 :].mean() > unseen(trained)
    if left < 0.33 or better > 0.75 * left or fallen < 0.03 * trained.begin or not shows:
        return None
    return Case(
        "too_slow", trained, {"rate": rate, "good": swept.good, "left": left}, without=without_overfitting(trained)
    )


def good(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """A good rate of the sweep; a lower one at the end gains nothing, and so does a longer training."""
    swept = sweep(setting, seed)
    rate = swept.good * float(random.uniform(1, 3))
    if rate > swept.limit / 4:
        return None
    steps = setting.steps
    shape = random.choice(["constant", "cosine", "linear"])
    time = np.arange(steps) / steps
    falling = {"constant": np.ones(steps), "cosine": (1 + np.cos(np.pi * time)) / 2, "linear": 1 - time}[shape]
    trained = train(setting, rate * falling, seed)
    longer = train(setting, rate * np.repeat(falling, 3), seed)
    last = trained.full[trained.looks > 0.6 * steps]
    still = (last[0] - trained.end) / (trained.begin - trained.end)
    middle, late = np.array_split(trained.full[len(trained.full) // 2 :], 2)
    shows = mean(middle) - mean(late) > max(0.1 * mean(middle), unseen(trained))
    left = (trained.end - longer.end) / (trained.begin - longer.end)
    _more, less = gain(trained, rate, setting, seed) if shape == "constant" else (0.0, 0.0)
    if not (shows and 0.005 < still < 0.2 and left < 0.1 and less < 0.15):
        return None
    return Case(
        "good",
        trained,
        {"rate": rate, "good": swept.good, "left": left, "still": still},
        without=without_overfitting(trained),
    )


BELOW_LIMIT = (1.0, 0.8, 0.65, 0.5, 0.43, 0.36, 0.3, 0.25, 0.15, 0.1, 0.06)


def near_limit(swept: Swept, random: np.random.Generator) -> list[float]:
    """Returns rates below the least that is lost, or below the largest of the sweep, in some order."""
    limit = swept.limit if np.isfinite(swept.limit) else float(swept.rates[-1])
    return [limit * float(share) for share in random.permutation(BELOW_LIMIT)]


def noise_floor(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """A level loss: going on gains nothing, a tenth of the rate at least a quarter."""
    return _floor(setting, seed)


@lru_cache(maxsize=8)
def _floor(setting: Setting, seed: int) -> Case | None:
    if setting.batch is None:
        return None
    random = np.random.default_rng(seed)
    for rate in near_limit(sweep(setting, seed), random)[:8]:
        trained = train(setting, constant(rate, setting.steps * 4 // 3), seed)
        middle, last = (mean(part) for part in np.array_split(trained.full[len(trained.full) // 3 :], 2))
        level = not trained.lost and trained.full.max() < 1.5 * trained.begin and 1 - last / middle < 0.15
        if not (level and begun(trained) and trained.end > 1e-6):
            continue
        more, less = gain(trained, rate, setting, seed)
        if more < 0.25 and less > 0.25:
            truth = {"rate": rate, "gain": less, "more": more, "end": trained.end}
            out, noisy = without_overfitting(trained), not clearly_begun(trained)
            return Case("noise_floor", trained, truth, without=out, averaged=noisy)
    return None


def plateau_ended(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """A drop of the rate, after which the loss is at least 20 % below that of a control without it."""
    floor = _floor(setting, seed)
    if floor is None:
        return None
    rate, steps = floor.truth["rate"], len(floor.trained.rates)
    factor = float(random.choice([5, 10]))
    after = int(steps * random.uniform(0.3, 0.7))
    dropped = train(setting, constant(rate / factor, after), seed, floor.trained.state)
    control = train(setting, constant(rate, after), seed, floor.trained.state)
    fell = 1 - mean(dropped.full[len(dropped.full) // 2 :]) / mean(control.full[len(control.full) // 2 :])
    whole = chained(floor.trained, dropped)
    if not fell * floor.trained.end > max(0.2 * floor.trained.end, unseen(floor.trained), unseen(dropped)):
        return None
    truth = {"rate": rate, "drop": steps, "factor": factor, "gain": fell}
    return Case("plateau_ended", whole, truth, without=without_overfitting(whole), averaged=floor.averaged)


def plateau(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """A level loss that neither going on, nor a tenth of the rate, nor a drop in the log lowers by 3 %."""
    swept = sweep(setting, seed)
    rate = min(swept.good * float(random.uniform(3, 20)), swept.limit / 4)
    steps = 2 * setting.steps
    trained = train(setting, constant(rate, steps), seed)
    if trained.lost or trained.end > 0.8 * trained.begin or trained.full.max() > 1.2 * trained.begin:
        return None
    more, less = gain(trained, rate, setting, seed)
    last = trained.full[trained.looks > 0.6 * steps]
    still = (last[0] - last[-1]) / (trained.begin - trained.end)
    truth = {"rate": rate, "more": more, "gain": less}
    if not (max(more, less) < 0.03 and still < 0.005 and 1 - last[-1] / last[0] < 0.03):
        return None
    if not begun(trained):
        return None
    validated = not overfits(trained)
    if random.random() < 0.5 or (setting.batch is not None and not validated):
        dropped = train(setting, constant(rate / 10, steps // 2), seed, trained.state)
        trained = chained(trained, dropped)
        truth["drop"] = steps
    noisy = not clearly_begun(trained)
    return Case("plateau", trained, truth, without=without_overfitting(trained), with_val=validated, averaged=noisy)


def diverged(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """A rate, constant or reached by rising or by a jump, above the least that is lost in the sweep."""
    swept = sweep(setting, seed)
    if not np.isfinite(swept.limit):
        return None
    steps, top = setting.steps, swept.limit * float(random.uniform(1.5, 6))
    shape = random.choice(["constant", "warm-up", "jump"])
    rates = constant(top, steps)
    if shape == "warm-up":
        rates = top * np.minimum(1, np.arange(1, steps + 1) / (0.4 * steps))
    elif shape == "jump":
        rates = np.where(np.arange(steps) < steps // 2, swept.good, top)
    trained = train(setting, rates, seed)
    if not trained.lost or mean(trained.losses[-steps // 10 :]) < trained.begin:
        return None
    with np.errstate(all="ignore"):
        over = np.flatnonzero(~(trained.full <= 1.2 * trained.begin))
    place = float(trained.looks[over[0]]) if len(over) else np.nan
    truth = {"limit": swept.limit, "top": top, "step": place}
    return Case("diverged", trained, truth, without=("val",))


def oscillating(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """Training on all data whose loss rises in a fifth of the steps, and at a fifth of the rate in half as many."""
    if setting.batch is not None:
        return None
    swept = sweep(setting, seed)
    for rate in near_limit(swept, random):
        steps = int(random.integers(40, 150))
        trained = train(setting, constant(rate, steps), seed)
        slower = train(setting, constant(rate / 5, steps), seed)
        with np.errstate(all="ignore"):
            rises, calm = (mean(np.diff(each.losses) > 0) for each in (trained, slower))
            size = mean(np.abs(np.diff(np.log(trained.losses[steps // 4 :]))))
        if trained.end < 0.9 * trained.begin and rises > 0.2 and calm < rises / 2 and size > 0.03:
            truth = {"rate": rate, "calm": swept.calm, "limit": swept.limit, "rises": rises}
            return Case("oscillating", trained, truth, single=True, without=without_overfitting(trained))
    return None


def warm_up(rate: float, length: int, steps: int, *, falling: bool) -> np.ndarray:
    time = np.arange(steps)
    rates = rate * np.minimum(1, (time + 1) / max(1, length))
    return (
        rates * np.where(time < length, 1, (1 + np.cos(np.pi * (time - length) / (steps - length))) / 2)
        if falling
        else rates
    )


def warmup_short(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """A short warm-up after which the loss stays leapt up for 12 steps; with one ten times as long it does not leap."""
    swept = sweep(setting, seed)
    steps = setting.steps
    length = int(random.integers(4, max(6, steps // 60)))
    for rate in near_limit(swept, random)[:5]:
        short = train(setting, warm_up(rate, length, steps, falling=True), seed)
        early = short.losses[: steps // 6]
        if short.lost or (early > 1.3 * short.begin).sum() < 12 or early.max() < 1.5 * short.begin:
            continue
        longer = train(setting, warm_up(rate, 12 * length, steps, falling=True), seed)
        leap, calm = float(early.max()) / short.begin, float(longer.losses[: steps // 3].max()) / short.begin
        if longer.lost or calm > 0.5 * leap + 0.5 or longer.end > 0.97 * short.end:
            continue
        truth = {"rate": float(rate), "length": length, "leap": leap, "calm": calm, "ratio": longer.end / short.end}
        return Case("warmup_short", short, truth, without=without_overfitting(short))
    return None


def warmup_long(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """A warm-up of half the steps or more; with a tenth of it a third less is left, and no leap."""
    swept = sweep(setting, seed)
    rate = swept.good * float(random.uniform(0.15, 0.8))
    steps, share = setting.steps, float(random.uniform(0.5, 0.9))
    falling = bool(random.random() < 0.5)
    slow = train(setting, warm_up(rate, int(share * steps), steps, falling=falling), seed)
    fast = train(setting, warm_up(rate, int(share * steps / 10), steps, falling=falling), seed)
    left, better = swept.left(slow.end), swept.left(fast.end)
    if (
        slow.lost
        or not clearly_begun(slow)
        or left < 0.1
        or better > 0.67 * left
        or fast.losses.max() > 1.5 * fast.begin
    ):
        return None
    return Case(
        "warmup_long",
        slow,
        {"rate": rate, "share": share, "left": left, "control": better},
        without=without_overfitting(slow),
    )


def ended_early(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """A rate that faded while the loss was falling; a schedule 4 times as slow leaves less than half as much."""
    swept = sweep(setting, seed)
    rate = min(swept.good * float(random.uniform(0.5, 2)), swept.limit / 4)
    steps, shape = setting.steps, random.choice(["exponential", "step", "linear"])
    part = float(random.uniform(0.04, 0.2))

    def rates(part: float) -> np.ndarray:
        time = np.arange(steps) / steps
        return rate * {
            "exponential": np.exp(-time / (part / 2)), "linear": np.maximum(1e-4, 1 - time / part),
            "step": 0.1 ** np.floor(time / part * 1.5),
        }[shape]  # fmt: skip

    early = train(setting, rates(part), seed)
    control = train(setting, rates(4 * part), seed)
    left, better = swept.left(early.end), swept.left(control.end)
    if early.lost or left < 0.2 or better > 0.5 * left or left > 0.93 or not clearly_begun(early):
        return None
    truth = {"rate": rate, "part": part, "left": left, "control": better}
    return Case("ended_early", early, truth, without=without_overfitting(early))


def overfitting(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """The loss on test data, which is in no log, ends at least 15 % above its least while that of training falls."""
    swept = sweep(setting, seed)
    rate = swept.good * float(random.uniform(0.5, 2))
    trained = train(setting, constant(rate, 2 * setting.steps), seed)
    least = int(trained.test.argmin())
    rise, fall = mean(trained.test[-5:]) / trained.test[least], trained.full[-1] / trained.full[least]
    if trained.lost or rise < 1.15 or fall > 0.8 or least < 2 or mean(trained.val[-5:]) / trained.val.min() < 1.02:
        return None
    return Case("overfitting", trained, {"rate": rate, "rise": rise, "fall": fall, "step": float(trained.looks[least])})


def cannot_tell(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """Too few rows, only rates, or a loss that falls less than its noise hides: of a rate of 0 it looks the same."""
    swept = sweep(setting, seed)
    kind = random.choice(["few", "still", "no loss"], p=[0.4, 0.5, 0.1])
    if kind == "few":
        trained = train(setting, constant(swept.good, setting.steps), seed)
        return Case("cannot_tell", trained, {"rate": swept.good}, rows=int(random.integers(1, 6)), without=("val",))
    if kind == "no loss":
        trained = train(setting, constant(swept.good, setting.steps), seed)
        return Case("cannot_tell", trained, {"rate": swept.good}, without=("loss", "val"))
    if setting.batch is None:
        return None  # without noise even a small fall shows
    rate = swept.rates[0] * 2.0 ** -float(random.uniform(6, 14))
    trained = train(setting, constant(rate, setting.steps // 2), seed)
    noise = float(np.std(trained.losses)) * np.sqrt(8 / len(trained.losses))
    if trained.begin - trained.end > max(0.3 * noise, 2e-4 * trained.begin):
        return None
    return Case(
        "cannot_tell", trained, {"rate": rate, "noise": noise, "fallen": trained.begin - trained.end}, without=("val",)
    )


def range_test(setting: Setting, seed: int, random: np.random.Generator) -> Case | None:
    """A rate that grows by a factor each step, from far below the good ones to beyond the least that is lost."""
    swept = sweep(setting, seed)
    if not np.isfinite(swept.limit):
        return None
    rates = np.geomspace(swept.good / 300, swept.limit * 2, 130)
    trained = train(setting, rates, seed)
    if min(trained.losses) > 0.9 * trained.begin:
        return None
    return Case("range_test", trained, {"good": swept.good, "limit": swept.limit}, single=True, without=("val",))


MAKERS: tuple[Make, ...] = (
    too_slow, good, noise_floor, plateau_ended, plateau, diverged, oscillating,
    warmup_short, warmup_long, ended_early, overfitting, cannot_tell, range_test,
)  # fmt: skip


def usable(swept: Swept) -> bool:
    """Whether a sweep shows a good rate and lower ones that are not."""
    return bool(np.isfinite(swept.ends).any()) and swept.good > swept.rates[0]


__all__ = ["MAKERS", "Any", "Case", "usable"]
