from __future__ import annotations

from typing import Self

from lrstudio.core.declaration import MOST_STEPS, choice, param
from lrstudio.core.language import mark
from lrstudio.core.schedules.base import Schedule

_RISES = {"linear": "up", "cosine": "(1 - cos(pi*up))/2", "1-sqrt": "1 - sqrt(1 - up)"}
_FALLS = {"linear": "1 - down", "cosine": "(1 + cos(pi*down))/2", "1-sqrt": "1 - sqrt(down)"}


class WarmupStableDecay(Schedule):
    """A rise, a long stretch of the full rate, and a fall at the end (warmup_stable_decay; Hu et al. 2024).

        lr(t) = lr0*(min_lr_ratio + (1 - min_lr_ratio)*share(t))     share: 0 to 1 in the rise, 1, then 1 to 0

    How long the whole lasts need not be known before the fall: any point of the stable stretch can be trained on, or
    cooled down to a result.
    num_warmup_steps, num_decay_steps: of the rise and the fall. num_stable_steps: between them; by default what is left
    of all steps. warmup_type, decay_type: their shapes; 1-sqrt falls fastest at first. min_lr_ratio: the share of the
    rate at both ends. With 0 the first update does nothing, as in Hugging Face.
    Source: transformers.get_wsd_schedule; Hu et al. 2024 (MiniCPM); 1 - sqrt: Hägele et al. 2024.

    >>> from lrstudio.core.schedules import WarmupStableDecay
    >>> WarmupStableDecay(num_warmup_steps=4, num_decay_steps=3).rates(steps=11, lr=1).round(4).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 0.75, 0.25]
    """

    key = "warmup_stable_decay"
    title = "Warm-up, stable, decay"

    num_warmup_steps: int = param(10, "steps of the rise", 0, MOST_STEPS, label="warm-up steps")
    num_decay_steps: int = param(20, "steps of the fall", 0, MOST_STEPS, label="decay steps")
    num_stable_steps: int | None = param(
        None,
        "steps between rise and fall; auto is what is left of all steps",
        0,
        MOST_STEPS,
        whole=True,
        auto=mark("the rest"),
        label="stable steps",
    )
    warmup_type: str = choice(
        "linear",
        tuple(_RISES),
        "the rise as a straight line, a half cosine or one minus a root",
        label="shape of the rise",
    )
    decay_type: str = choice(
        "cosine",
        tuple(_FALLS),
        "the fall as a straight line, a half cosine or one minus a root",
        label="shape of the fall",
    )
    min_lr_ratio: float = param(0.0, "share of the rate at both ends", 0, 1, label="lowest share")

    @property
    def rule(self) -> str:
        return f"""
            end = num_warmup_steps + num_stable_steps
            up = min(t/max(num_warmup_steps, 1), 1)
            rise = {_RISES[self.warmup_type]}
            down = min(max(t - end, 0)/max(num_decay_steps, 1), 1)
            fall = {_FALLS[self.decay_type]}
            share = where(t < num_warmup_steps, rise, where(t < end, 1, where(t < end + num_decay_steps, fall, 0)))
            lr = lr0*(min_lr_ratio + (1 - min_lr_ratio)*share)
        """

    def own_numbers(self, steps: int, lr: float, per_epoch: int) -> dict[str, float]:
        values = super().own_numbers(steps, lr, per_epoch)
        if self.num_stable_steps is None:
            values["num_stable_steps"] = max(0.0, steps - values["num_warmup_steps"] - values["num_decay_steps"])
        return values

    @classmethod
    def suited(cls, steps: int, lr: float) -> Self:
        return cls(num_warmup_steps=steps // 10, num_decay_steps=steps // 5)
