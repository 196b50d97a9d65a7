from __future__ import annotations

from lrstudio.core.declaration import MOST_STEPS, param, text
from lrstudio.core.language import tr
from lrstudio.core.schedules.base import Schedule
from lrstudio.core.schedules.composition import prefixed
from lrstudio.core.schedules.stages.composed import Composed

_PREFIX = "after_"


class Warmup(Composed):
    """Rises in a straight line to the run's rate in total_iters steps, then hands over to another schedule.

        lr(t) = lr0*(start_factor + (1 - start_factor)*t/total_iters)     then after(t - total_iters)

    The other one counts its steps from there, and what is left is all it has; as SequentialLR of LinearLR and another.
    A warm-up keeps the first steps small, where curvatures are large and Adam's means have seen few gradients.
    total_iters: steps of the rise. start_factor: the share of the rate at the first step. With 0, as in Hugging Face's
    and timm's warm-ups, the first update does nothing; PyTorch's LinearLR refuses it. after: the other schedule; a
    one cycle is led up to its own first rate, max_lr/div_factor, as by SequentialLR, and one that follows the loss, as
    plateau, sees the losses after the rise only. Where it counts epochs it begins with the first whole one.
    Source: torch.optim.lr_scheduler.LinearLR within SequentialLR; Goyal et al. 2017.

    >>> from lrstudio.core.schedules import Warmup
    >>> schedule = Warmup(total_iters=2, start_factor=0.5, after="step(step_size=2,gamma=0.5)")
    >>> schedule.rates(steps=5, lr=0.8).round(4).tolist()
    [0.4, 0.6, 0.8, 0.8, 0.4]
    """

    key = "warmup"
    title = "Warm-up"

    total_iters: int = param(5, "steps of the rise", 1, MOST_STEPS, label="warm-up steps")
    start_factor: float = param(1 / 3, "share of the rate at the first step; with 0 its update does nothing", 0, 1)
    after: str = text(
        "constant", "what follows, as cosine, plateau or step(step_size=10,gamma=0.5)", label="schedule after"
    )

    def check(self) -> None:
        if isinstance(self.inner, Warmup):
            raise ValueError(tr("after: a warm-up cannot follow a warm-up"))

    @property
    def inner(self) -> Schedule:
        """The schedule that follows, as typed: `cosine` or `cosine(T_max=50)`."""
        (inner,) = self.parts
        return inner

    @property
    def parts(self) -> tuple[Schedule, ...]:
        return self.read("after", self.after, "")

    @property
    def rule(self) -> str:
        inner, begin = self.inner, self.begin(self.inner, "total_iters")
        head = f"since = max(t - {begin}, 0)\nleft = max(T - {begin}, 1)"
        if not inner.follows_loss:
            given = {"t": "since", "T": "left", "lr0": "lr0"}
            top = prefixed(inner.begins_with, _PREFIX, given)
            return f"""
                {head}
                {self.text(inner, _PREFIX, given)}
                share = start_factor + (1 - start_factor)*t/total_iters
                lr = where(t < total_iters, {top}*share, {_PREFIX}lr)
            """
        return f"""
            {_PREFIX}t = max(t - {begin}, 0)
            {_PREFIX}T = max(T - {begin}, 1)
            {self.followed(inner, _PREFIX, begin)}
            share = start_factor + (1 - start_factor)*(t + 1)/total_iters
            lr = where(t + 1 < total_iters, lr0*share, where(t + 1 <= {begin}, lr0, {_PREFIX}lr))
        """

    @property
    def planned(self) -> str:
        share = "start_factor + (1 - start_factor)*t/total_iters"
        return f"lr = where(t < total_iters, lr0*({share}), lr0)"

    def own_numbers(self, steps: int, lr: float, per_epoch: int) -> dict[str, float]:
        after = self.numbers_of(self.inner, _PREFIX, max(1, steps - self.total_iters), lr, per_epoch)
        return super().own_numbers(steps, lr, per_epoch) | after
