from __future__ import annotations

from typing import Self

from lrstudio.core.declaration import MOST_STEPS, choice, param
from lrstudio.core.language import mark
from lrstudio.core.schedules.base import Schedule

_SCALES = {"triangular": "1", "triangular2": "0.5^cycle", "exp_range": "gamma^t"}
_CYCLES = 5
_HEIGHT = 4.0


class Cyclic(Schedule):
    """Up and down between two rates, again and again (CyclicLR; Smith 2017).

        lr(t) = base_lr + (max_lr - base_lr)*height*scale

    height goes from 0 to 1 in step_size_up steps and back in step_size_down; scale is 1, or shrinks by the mode.
    base_lr, max_lr: the two rates, from a range test; without rates of its own it climbs from a quarter of the run's
    rate, as Smith has it, to the run's rate. step_size_up, step_size_down: Smith takes 2 to 10 epochs.
    mode: `triangular` has cycles of one height, `triangular2` halves each, `exp_range` multiplies by gamma^t.
    gamma: the factor of that. cycle_momentum: the momentum, or Adam's beta1, goes the other way, from max_momentum
    where the rate is lowest to base_momentum; PyTorch's default, here false, so that the rate alone changes.
    Source: torch.optim.lr_scheduler.CyclicLR; Smith 2017.

    >>> from lrstudio.core.schedules import Cyclic
    >>> Cyclic(base_lr=0.1, max_lr=0.5, step_size_up=2, mode="triangular2").rates(steps=9, lr=0.5).round(4).tolist()
    [0.1, 0.3, 0.5, 0.3, 0.1, 0.2, 0.3, 0.2, 0.1]
    """

    key = "cyclic"
    title = "Cyclic"

    base_lr: float | None = param(
        None, "rate at the bottom; auto is lr/4", 0, scale="log", auto="lr/4", label="lowest rate"
    )
    max_lr: float | None = param(None, "rate at the top; auto is lr", 0, scale="log", auto="lr", label="highest rate")
    step_size_up: int = param(2000, "steps from the bottom to the top", 1, MOST_STEPS, scale="log", label="steps up")
    step_size_down: int | None = param(
        None,
        "steps from the top to the bottom; auto is as many as up",
        1,
        MOST_STEPS,
        scale="log",
        whole=True,
        auto=mark("as up"),
        label="steps down",
    )
    mode: str = choice(
        "triangular",
        tuple(_SCALES),
        "height of the cycles: all alike, half of the one before, or times gamma^t",
        label="cycle heights",
    )
    gamma: float = param(1.0, "factor of the height per step, with exp_range", 0, 2, label="height factor γ")
    cycle_momentum: bool = param(
        False, "move the momentum, or Adam's beta1, against the rate; PyTorch's default", label="cycle momentum"
    )
    base_momentum: float = param(0.8, "momentum where the rate is highest", 0, 0.999999, label="lowest momentum")
    max_momentum: float = param(0.9, "momentum where the rate is lowest", 0, 0.999999, label="highest momentum")

    @property
    def cycles_momentum(self) -> bool:
        return self.cycle_momentum

    def idle(self) -> frozenset[str]:
        return frozenset(() if self.cycle_momentum else ("base_momentum", "max_momentum"))

    @property
    def rule(self) -> str:
        return f"""
            total = step_size_up + step_size_down
            cycle = floor(t/total)
            x = t/total - cycle
            top = step_size_up/total
            height = where(x <= top, x/top, (x - 1)/(top - 1))
            lr = base_lr + (max_lr - base_lr)*height*{_SCALES[self.mode]}
            {self._momentum}
        """

    @property
    def _momentum(self) -> str:
        if not self.cycle_momentum:
            return ""
        return f"momentum = max_momentum - (max_momentum - base_momentum)*height*{_SCALES[self.mode]}"

    def own_numbers(self, steps: int, lr: float, per_epoch: int) -> dict[str, float]:
        values = super().own_numbers(steps, lr, per_epoch)
        if self.base_lr is None:
            values["base_lr"] = lr / _HEIGHT
        if self.step_size_down is None:
            values["step_size_down"] = values["step_size_up"]
        return values

    @classmethod
    def suited(cls, steps: int, lr: float) -> Self:
        return cls(step_size_up=max(1, steps // (2 * _CYCLES)))
