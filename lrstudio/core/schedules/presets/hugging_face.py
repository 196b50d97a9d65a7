"""The schedules of Hugging Face's transformers and of timm, all of which warm up for a tenth of the steps."""

from __future__ import annotations

from lrstudio.core.schedules.base import Schedule
from lrstudio.core.schedules.decays.cosine import Cosine
from lrstudio.core.schedules.decays.linear import Linear
from lrstudio.core.schedules.decays.polynomial import Polynomial
from lrstudio.core.schedules.own.rule import Rule
from lrstudio.core.schedules.presets.keras import once, share
from lrstudio.core.schedules.presets.preset import Make, Preset
from lrstudio.core.schedules.stages.warmup import Warmup
from lrstudio.core.schedules.stages.warmup_stable_decay import WarmupStableDecay

_LEAST, _TIMM_START = 1e-7, 1e-5
_TORCH_STEPS = 5


def _warmed(after: str) -> Make:
    """Returns what makes a warm-up from 0, whose first update does nothing, and another schedule for the rest."""

    def make(steps: int, lr: float) -> Schedule:
        rise = share(steps, 10)
        text = after.format(rest=max(1, steps - rise), rise=rise, low=repr(lr / 10))
        return Warmup(total_iters=rise, start_factor=0.0, after=text)

    return make


def _preset(name: str, make: Make, rival: Make | None = None, rival_name: str = "", more: str = "") -> Preset:
    call = f'get_scheduler("{name}", optimizer, S//10, S{more})'
    return Preset(library="transformers", name=name, call=call, make=make, rival=rival, rival_name=rival_name)


def _timm_cosine(steps: int, _lr: float) -> Schedule:
    return Rule(
        text=f"""rise = {share(steps, 10)}
low = {_TIMM_START!r}
lr = where(t < rise, low + t*(lr0 - low)/rise, where(t < {steps}, lr0*(1 + cos(pi*t/{steps}))/2, 0))"""
    )


HUGGING_FACE = (
    _preset("constant_with_warmup", _warmed("constant")),
    _preset(
        "linear",
        _warmed("linear(total_iters={rest})"),
        lambda steps, lr: Linear(start_factor=1 / 3, end_factor=1.0, total_iters=_TORCH_STEPS),
        "LinearLR",
    ),
    _preset("cosine", _warmed("cosine(T_max={rest})"), lambda steps, lr: Cosine(T_max=steps), "CosineAnnealingLR"),
    _preset("cosine_with_restarts", lambda steps, lr: once(steps, share(steps, 10))),
    _preset(
        "polynomial",
        _warmed(f"polynomial(total_iters={{rest}},end_lr={_LEAST!r})"),
        lambda steps, lr: Polynomial(total_iters=_TORCH_STEPS),
        "PolynomialLR",
    ),
    _preset("inverse_sqrt", _warmed("rule(text=lr = lr0/sqrt(1 + t/{rise}))")),
    _preset(
        "cosine_with_min_lr",
        _warmed("cosine(T_max={rest},eta_min={low})"),
        more=', scheduler_specific_kwargs={"min_lr_rate": 0.1}',
    ),
    _preset(
        "warmup_stable_decay",
        lambda steps, lr: WarmupStableDecay(num_warmup_steps=share(steps, 10), num_decay_steps=share(steps, 5)),
        more=', scheduler_specific_kwargs={"num_decay_steps": S//5}',
    ),
)

TIMM = (
    Preset(
        library="timm",
        name="CosineLRScheduler",
        call="CosineLRScheduler(optimizer, t_initial=S, warmup_t=S//10, warmup_lr_init=1e-5)",
        make=_timm_cosine,
        rival=lambda steps, lr: Warmup(total_iters=share(steps, 10), start_factor=0.01, after="cosine"),
        rival_name="SequentialLR",
    ),
    Preset(
        library="timm",
        name="WSDLRScheduler",
        call="WSDLRScheduler(optimizer, t_initial=S - S//10, decay_t=S//5, warmup_t=S//10)",
        make=lambda steps, lr: WarmupStableDecay(
            num_warmup_steps=share(steps, 10), num_decay_steps=share(steps, 5), decay_type="1-sqrt"
        ),
    ),
)
