from __future__ import annotations

from lrstudio.core.declaration import MOST_STEPS, choice, param
from lrstudio.core.language import mark, tr
from lrstudio.core.schedules.base import Schedule
from lrstudio.core.schedules.following.goals import FIRST_GOALS, GOALS


class Plateau(Schedule):
    """Falls by the factor when the loss has not improved for more than `patience` steps or epochs (ReduceLROnPlateau).

        lr ← max(lr*factor, min_lr) after patience + 1 steps in a row without a loss below best*(1 - threshold)

    The loss with which a step begins counts for the rate of the step after it, as where a PyTorch loop ends with
    `scheduler.step(loss)`. With mini-batches that is the loss of the step's batch, whose noise lets the rate fall again
    and again; trainers take unit = epoch: the mean of the losses of an epoch, or monitor = val_loss. As in PyTorch a
    relative threshold is a share of the best loss also where that is below 0: there an equal loss counts as better and
    the rate never falls; threshold_mode = abs works below 0, too. With a relative threshold of 1 or more none counts.
    factor: how deep a fall is. patience: small ones fall early, in noise too early. threshold, threshold_mode: how much
    better counts, as a share of the best loss or as a difference. cooldown: steps after a fall that do not count.
    min_lr: the lowest rate. eps: smaller falls are left out. mode: `max` waits for a value that rises. monitor: the
    loss of the steps, or that on validation data at the end of each epoch.
    Source: torch.optim.lr_scheduler.ReduceLROnPlateau.

    >>> from lrstudio.core.schedules import Plateau
    >>> Plateau(patience=1, factor=0.5).rates(steps=6, lr=0.8, losses=[9, 5, 5, 5, 5, 5]).tolist()
    [0.8, 0.8, 0.8, 0.8, 0.4, 0.4]
    """

    key = "plateau"
    title = "Reduce on plateau"
    follows_loss = True

    factor: float = param(0.1, "factor of a fall", 0, 0.999999, label="drop factor")
    patience: int = param(10, "steps without a better loss that are waited for", 0, MOST_STEPS)
    threshold: float = param(1e-4, "how much better a loss must be to count", 0, 1e300, scale="log")
    threshold_mode: str = choice(
        "rel", ("rel", "abs"), "better by a share of the best loss, or by a difference", label="threshold kind"
    )
    cooldown: int = param(0, "steps after a fall in which nothing is counted", 0, MOST_STEPS, label="cool-down")
    min_lr: float = param(0.0, "the rate does not fall below", 0, label="lowest rate")
    eps: float = param(1e-8, "smaller falls are left out", 0, 1, scale="log", label="smallest drop")
    mode: str = choice("min", ("min", "max"), "whether less is better, or more", label="better is")
    monitor: str = choice(
        "loss",
        (mark("loss"), "val_loss"),
        "the loss of the steps, with epochs their mean; or, with epochs, that on validation data at the end of each",
        label="loss followed",
        titles=(mark("loss"), mark("validation loss")),
    )

    def check(self) -> None:
        if self.monitor == "val_loss" and self.unit == "step":
            raise ValueError(tr("monitor = val_loss: it is measured at the end of each epoch; set unit = epoch"))

    @property
    def monitors_validation(self) -> bool:
        return self.monitor == "val_loss"

    @property
    def rule(self) -> str:
        kind = self.mode, self.threshold_mode
        return f"""
            better = where(t == 0, {FIRST_GOALS[kind]}, {GOALS[kind]})
            best = where(better, loss, best)
            bad = where(better, 0, bad + 1)
            bad = where(rest > 0, 0, bad)
            rest = max(rest - 1, 0)
            due = bad > patience
            rest = where(due, cooldown, rest)
            bad = where(due, 0, bad)
            lower = max(lr*factor, min_lr)
            lr = where(due*(lr - lower > eps), lower, lr)
        """
