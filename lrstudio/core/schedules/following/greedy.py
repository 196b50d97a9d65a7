from __future__ import annotations

from lrstudio.core.declaration import MOST_STEPS, choice, param
from lrstudio.core.language import tr
from lrstudio.core.schedules.base import Schedule
from lrstudio.core.schedules.following.goals import FIRST_GOALS, GOALS


class Greedy(Schedule):
    """Rises while the loss improves and falls while it does not (Hugging Face's GreedyLR).

        lr ← min(lr/factor, max_lr) after patience + 1 better losses in a row
        lr ← max(lr*factor, min_lr) after patience + 1 losses in a row that are not better

    A loss is better if it lies below the best one so far by the threshold. The defaults are those of transformers 5:
    with its min_lr of 0.001 a usual rate for fine-tuning, as 5e-5, is never lowered, and improvement raises it.
    factor: of a change. patience: how many losses in a row are waited for. threshold, threshold_mode: how much better
    counts, as a difference or as a share of the best loss. cooldown, warmup: steps after a fall, after a rise, that do
    not count. min_lr, max_lr: the bounds of what a change leads to. eps: smaller changes are left out. mode: `max`
    waits for a value that rises. reset_start: so many falls at the lowest rate without a rise begin afresh with the
    run's rate.
    Source: transformers.optimization.GreedyLR (without its `smooth`); Gupta et al. 2025.

    >>> from lrstudio.core.schedules import Greedy
    >>> Greedy(patience=1, factor=0.5, max_lr=9).rates(steps=7, lr=0.8, losses=[9, 8, 7, 7, 7, 7]).tolist()
    [0.8, 0.8, 1.6, 1.6, 1.6, 0.8, 0.8]
    """

    key = "greedy"
    title = "Greedy"
    follows_loss = True

    factor: float = param(0.95, "factor of a fall, divisor of a rise", above=0, high=0.999999, label="change factor")
    patience: int = param(10, "losses in a row that are waited for", 0, MOST_STEPS)
    threshold: float = param(1e-6, "how much better a loss must be to count", 0, 1e300, scale="log")
    threshold_mode: str = choice(
        "abs", ("rel", "abs"), "better by a share of the best loss, or by a difference", label="threshold kind"
    )
    cooldown: int = param(0, "steps after a fall in which nothing is counted", 0, MOST_STEPS, label="cool-down")
    warmup: int = param(0, "steps after a rise in which nothing is counted", 0, MOST_STEPS, label="rest after a rise")
    min_lr: float = param(1e-3, "no fall leads below", 0, scale="log", label="lowest rate")
    max_lr: float = param(1.0, "no rise leads above", 0, scale="log", label="highest rate")
    eps: float = param(1e-8, "smaller changes are left out", 0, 1, scale="log", label="smallest change")
    mode: str = choice("min", ("min", "max"), "whether less is better, or more", label="better is")
    reset_start: int = param(
        500, "falls at the lowest rate until it begins afresh", 0, MOST_STEPS, label="falls to a restart"
    )

    def check(self) -> None:
        if self.min_lr > self.max_lr:
            raise ValueError(tr("min_lr: must be at most max_lr"))

    @property
    def rule(self) -> str:
        kind = self.mode, self.threshold_mode
        return f"""
            active = (rest <= 0)*(held <= 0)
            better = active*where(known > 0, {GOALS[kind]}, {FIRST_GOALS[kind]})
            best = where(better, loss, best)
            known = where(better, 1, known)
            good = where(better, good + 1, 0)
            bad = where(active*(good == 0), bad + 1, 0)
            held = where(rest > 0, held, max(held - 1, 0))
            rest = max(rest - 1, 0)
            rises = good > patience
            falls = bad > patience
            held = where(rises, warmup, held)
            rest = where(falls, cooldown, rest)
            good = where(rises, 0, good)
            bad = where(falls, 0, bad)
            higher = min(lr/factor, max_lr)
            lower = max(lr*factor, min_lr)
            lr = where(rises*(higher - lr > eps), higher, where(falls*(lr - lower > eps), lower, lr))
            stuck = falls*(lr <= min_lr)
            missed = where(rises, 0, where(stuck, missed + 1, missed))
            over = stuck*(missed >= reset_start)
            lr = where(over, lr0, lr)
            known = where(over, 0, known)
            missed = where(over, 0, missed)
        """
