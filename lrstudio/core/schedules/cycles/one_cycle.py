from __future__ import annotations

from lrstudio.core.declaration import choice, length, param
from lrstudio.core.language import tr
from lrstudio.core.schedules.base import Schedule

_SHARES = {"cos": "(1 - cos(pi*p))/2", "linear": "p"}
_TWO_PHASES = """
    first = pct_start*total_steps - 1
    p = where(s <= first, s/max(first, 0.000001), (s - first)/(total_steps - 1 - first))
    from = where(s <= first, initial, max_lr)
    to = where(s <= first, max_lr, least)
"""
_MOMENTUM = "momentum = low + (high - low)*{share}"
_TWO_MOMENTA = """
    low = where(s <= first, max_momentum, base_momentum)
    high = where(s <= first, base_momentum, max_momentum)
"""
_THREE_MOMENTA = """
    low = where(s <= first, max_momentum, where(s <= second, base_momentum, max_momentum))
    high = where(s <= first, base_momentum, max_momentum)
"""
_THREE_PHASES = """
    first = pct_start*total_steps - 1
    second = 2*pct_start*total_steps - 2
    third = (s - second)/(total_steps - 1 - second)
    p = where(s <= first, s/max(first, 0.000001), where(s <= second, (s - first)/(second - first), third))
    from = where(s <= first, initial, where(s <= second, max_lr, initial))
    to = where(s <= first, max_lr, where(s <= second, initial, least))
"""


class OneCycle(Schedule):
    """Up to max_lr, then down far below where it began, once (OneCycleLR; Smith & Topin 2018).

        lr(t) = from + (to - from)*p(share of the phase)     p(x) = (1 - cos(pi*x))/2, or x where linear

    The rate goes from max_lr/div_factor to max_lr in pct_start*total_steps steps, then to its first rate divided by
    final_div_factor. After total_steps the last rate stays. PyTorch stops there with an error, but one step too late:
    of 20 steps the 20th scheduler.step() sets 3,134 times the rate of the last update, and only the 21st raises.
    max_lr: near the limit of a range test. total_steps: all steps. pct_start: the share of the rise.
    anneal_strategy: cosines or straight lines. div_factor, final_div_factor: how low it begins and ends.
    three_phase: falls as long as it rose, then goes far below. cycle_momentum: the momentum, or Adam's beta1, goes the
    other way, from max_momentum to base_momentum and back; PyTorch's default, here false: the rate alone changes.
    Source: torch.optim.lr_scheduler.OneCycleLR; Smith & Topin 2018, "Super-Convergence".

    >>> from lrstudio.core.schedules import OneCycle
    >>> OneCycle(pct_start=0.6, div_factor=4, anneal_strategy="linear").rates(steps=5, lr=0.8).round(4).tolist()
    [0.2, 0.5, 0.8, 0.4, 0.0]
    """

    key = "one_cycle"
    title = "One cycle"
    begins_with = "max_lr/div_factor"

    max_lr: float | None = param(None, "rate at the top; auto is lr", 0, scale="log", auto="lr", label="highest rate")
    total_steps: int | None = length("steps of the cycle", label="cycle steps")
    pct_start: float = param(0.3, "share of the steps in which the rate rises", 0, 1, label="rising share")
    anneal_strategy: str = choice("cos", tuple(_SHARES), "shape of the rise and the falls", label="curve")
    div_factor: float = param(25.0, "the cycle begins at max_lr/div_factor", above=0, high=1e12, label="start divisor")
    final_div_factor: float = param(
        1e4, "it ends at its first rate/final_div_factor", above=0, high=1e12, label="end divisor"
    )
    three_phase: bool = param(
        False, "fall as steeply as it rose, and end with a third phase far below", label="three phases"
    )
    cycle_momentum: bool = param(
        False, "move the momentum, or Adam's beta1, against the rate; PyTorch's default", label="cycle momentum"
    )
    base_momentum: float = param(0.85, "momentum where the rate is highest", 0, 0.999999, label="lowest momentum")
    max_momentum: float = param(0.95, "momentum where the rate is lowest", 0, 0.999999, label="highest momentum")

    @property
    def cycles_momentum(self) -> bool:
        return self.cycle_momentum

    def idle(self) -> frozenset[str]:
        return frozenset(() if self.cycle_momentum else ("base_momentum", "max_momentum"))

    def check(self) -> None:
        if self.three_phase and self.pct_start > 0.5:
            raise ValueError(tr("pct_start: must be at most 0.5 with three_phase, which falls as long as it rises"))

    @property
    def rule(self) -> str:
        phases = _THREE_PHASES if self.three_phase else _TWO_PHASES
        momentum = (_THREE_MOMENTA if self.three_phase else _TWO_MOMENTA) + _MOMENTUM if self.cycle_momentum else ""
        share = _SHARES[self.anneal_strategy]
        return f"""
            initial = max_lr/div_factor
            least = initial/final_div_factor
            s = min(t, total_steps - 1)
            {phases.strip()}
            lr = from + (to - from)*{share}
            {momentum.format(share=share).strip()}
        """
