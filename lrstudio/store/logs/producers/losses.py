"""Which of the losses of a run is the one that is trained on: a total, the sum of its parts, or none that tells."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from lrstudio.store.logs.model import LOSS, METRIC, TRAIN, VALIDATION, Run, Series
from lrstudio.store.logs.names import loss_priority, normal, without_part

RIVALS, REWARDS = "rivals", "rewards"
"""Kinds of trainings of which no loss tells the rate: two networks against each other, and from rewards."""
_PARTS = re.compile(
    r"(?<![a-z])(?:box|bbox|obj|cls|dfl|qfl|seg|sem|pose|kobj|rle|angle|giou|iou|l1|rec|recon|reconstruction|kl|kld)(?![a-z])"
)
"""Words of losses whose sum is trained on, where no total is logged: of YOLO, NanoDet and variational autoencoders."""
_GENERATOR = re.compile(r"(?<![a-z])(?:g|gen|generator|net_?g)(?![a-z])")
_RIVAL = re.compile(r"(?<![a-z])(?:d|dis|disc|discriminator|net_?d|crit|critic)(?![a-z])")
_ACTOR = re.compile(r"(?<![a-z])(?:policy|actor|pg|pi)(?![a-z])")
_CRITIC = re.compile(r"(?<![a-z])(?:value|critic|vf|v|qf|q|qf?[12])(?![a-z])")
_REWARD = re.compile(
    r"(?<![a-z])ep(?:isod(?:e|ic))?s?_(?:rew(?:ard)?s?|ret(?:urn)?s?)(?![a-z])|"
    r"(?<![a-z])(?:mean|average|avg)_(?:reward|return)s?$|^rewards?(?:_mean|_std)?$"
)
_MARGIN = re.compile(r"(?<![a-z])margins?(?![a-z])")
"""Of pairs of answers, whose rewards are compared: a training that needs none, such as TRL's RewardTrainer and DPO."""
_ASIDE = re.compile(r"(?<![a-z])(?:(?<!cross )entropy|ent|kl|kld|aux|reg|regularization|penalty)(?![a-z])")
"""Words of losses that are only added to another one."""
_MANY = 4
"""More parts than these of a sum are not all named."""
_TOTALS = {"total", "tot", "overall", "sum", "all", "combined"}
_PLAIN = {"loss", "losses", "train", "training", "mean", "avg", "average", "epoch", "step", "batch", "iter", "main"}
"""Words that say of a loss how it was measured, and not what it is a part of."""


def main_loss(run: Run) -> Series | None:
    """Returns the loss that is trained on: of the usual name, else the only one, else the first of training data."""
    losses = run.of(LOSS)
    usual = [series for series in losses if loss_priority(series.name) is not None and len(series.values) > 1]
    if usual:
        return min(usual, key=lambda series: loss_priority(series.name) or 0)
    total = _total([series for series in losses if series.part == TRAIN])
    return total or min(
        losses,
        key=lambda each: (
            each.part != TRAIN,
            bool(_ASIDE.search(_words(each))),
            not _is_total(each),
            -len(each.values),
        ),
        default=None,
    )


def is_certain(run: Run) -> bool:
    """Whether the run has rates, and one loss that is clearly the one that is trained on."""
    losses = run.of(LOSS)
    return bool(run.of("rate")) and (
        len(losses) == 1 or any(loss_priority(series.name) is not None for series in losses)
    )


def judged_loss(run: Run) -> Series | None:
    """Returns the loss whose course tells of the rate: that which is trained on, or the sum of all its parts.

    Of a training of which no loss tells the rate it is one that is no number, if there is one.
    """
    losses = [series for series in run.of(LOSS) if series.part == TRAIN]
    if untold(run):
        return next((each for each in losses if not np.isfinite(each.values).all()), main_loss(run))
    main = main_loss(run)
    return main if main is None or _is_total(main) else _sum(losses) or main


def validation_loss(run: Run) -> Series | None:
    """Returns the loss on other data than those of training, first on validation data, and that of the main name."""
    others = [series for series in run.of(LOSS) if series.part != TRAIN]
    validation = [series for series in others if series.part == VALIDATION] or others
    main = main_loss(run)
    total = [series for series in validation if main and without_part(series.name) == without_part(main.name)]
    total = total or [series for series in validation if loss_priority(without_part(series.name)) is not None]
    return _sum(validation) or max(total or validation, key=lambda series: len(series.values), default=None)


def untold(run: Run) -> str:
    """Returns the kind of a training of which no loss tells the rate; "" for another."""
    losses = [_words(series) for series in run.of(LOSS) if series.part == TRAIN]
    measured = [_last(series.name) for series in run.of(METRIC) if series.part == TRAIN]
    rewarded = any(map(_REWARD.search, measured)) and not any(map(_MARGIN.search, measured))
    if losses and (rewarded or _are_beside(losses, _ACTOR, _CRITIC)):
        return REWARDS
    return RIVALS if _are_beside(losses, _GENERATOR, _RIVAL) else ""


def _are_beside(losses: Sequence[str], one: re.Pattern[str], other: re.Pattern[str]) -> bool:
    """Whether two losses differ by these words: `ppo policy loss` and `ppo value loss`, not `claim value loss`."""
    begins = [
        {
            re.sub(r"\bloss(?:es)? ", "", name[: [*pattern.finditer(name)][-1].start()])
            for name in losses
            if pattern.search(name)
        }
        for pattern in (one, other)
    ]
    return not begins[0].isdisjoint(begins[1])


def _words(series: Series) -> str:
    return normal(series.name).replace("_", " ")


def _last(name: str) -> str:
    return normal(re.split(r"[/|:]", name)[-1])


def _is_total(series: Series) -> bool:
    return loss_priority(series.name) is not None or {*_last(series.name).split("_")} <= _TOTALS | _PLAIN


def _total(losses: Sequence[Series]) -> Series | None:
    """Returns the only loss that is called a total at its end, as `learner/total_loss`, else the only plain one."""
    plain = [series for series in losses if _is_total(series) and len(series.values) > 1]
    total = [series for series in plain if loss_priority(_last(series.name)) is not None]
    total = total or [series for series in plain if not _TOTALS.isdisjoint(_last(series.name).split("_"))]
    found = total or plain
    return found[0] if len(found) == 1 else None


def _sum(losses: Sequence[Series]) -> Series | None:
    """Returns the sum of losses that are all parts of one and have the same counts; None for others."""
    if len(losses) < 2 or not all(map(_PARTS.search, map(_words, losses))):
        return None
    if not all(np.array_equal(series.at, losses[0].at) for series in losses):
        return None
    names = [series.name for series in losses]
    name = " + ".join(names if len(names) <= _MANY else [*names[:2], "…", names[-1]])
    return Series(name, LOSS, losses[0].part, losses[0].at, np.sum([series.values for series in losses], axis=0))
