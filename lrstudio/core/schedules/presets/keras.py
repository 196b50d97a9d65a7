"""The schedules of Keras and Optax; those of Keras keep the old rate at a boundary, where PyTorch has the new one."""

from __future__ import annotations

from lrstudio.core.schedules.base import Schedule
from lrstudio.core.schedules.cycles.cosine_restarts import CosineRestarts
from lrstudio.core.schedules.decays.exponential import Exponential
from lrstudio.core.schedules.decays.inverse_time import InverseTime
from lrstudio.core.schedules.decays.multistep import MultiStep
from lrstudio.core.schedules.decays.polynomial import Polynomial
from lrstudio.core.schedules.presets.preset import Preset
from lrstudio.core.schedules.stages.sequence import Sequence
from lrstudio.core.schedules.stages.warmup_stable_decay import WarmupStableDecay

_KERAS_END, _TORCH_STEPS = 1e-4, 5


def share(steps: int, part: int) -> int:
    """Returns a part of the steps, at least one."""
    return max(1, steps // part)


def once(steps: int, rise: int = 0) -> WarmupStableDecay:
    """Returns a rise, and half a cosine down to 0, where it stays."""
    return WarmupStableDecay(num_warmup_steps=rise, num_stable_steps=0, num_decay_steps=max(1, steps - rise))


def _drops(steps: int, after: int) -> MultiStep:
    """Returns falls to a tenth so many steps after the boundaries, which are at half and three quarters."""
    boundaries = share(steps, 2), max(share(steps, 2) + 1, 3 * steps // 4)
    return MultiStep(milestones=tuple(boundary + after for boundary in boundaries), gamma=0.1)


def _cycles(steps: int, _lr: float) -> Schedule:
    cycle = share(steps, 3)
    rise, rest = cycle // 5, max(1, cycle - cycle // 5)
    one = f"warmup_stable_decay(num_warmup_steps={rise},num_stable_steps=0,num_decay_steps={rest})"
    return Sequence(schedules="+".join([one] * 3), milestones=(rise + rest, 2 * (rise + rest)))


KERAS = (
    Preset(
        library="keras",
        name="ExponentialDecay",
        call="ExponentialDecay(lr, decay_steps=S//10, decay_rate=0.96)",
        make=lambda steps, lr: Exponential(gamma=0.96, decay_steps=share(steps, 10)),
        rival=lambda steps, lr: Exponential(gamma=0.96),
        rival_name="ExponentialLR",
    ),
    Preset(
        library="keras",
        name="CosineDecay",
        call="CosineDecay(lr, decay_steps=S)",
        make=lambda steps, lr: once(steps),
    ),
    Preset(
        library="keras",
        name="CosineDecayRestarts",
        call="CosineDecayRestarts(lr, first_decay_steps=S//7)",
        make=lambda steps, lr: CosineRestarts(T_0=share(steps, 7), T_mult=2),
        rival=lambda steps, lr: CosineRestarts(T_0=share(steps, 7)),
        rival_name="CosineAnnealingWarmRestarts",
    ),
    Preset(
        library="keras",
        name="PiecewiseConstantDecay",
        call="PiecewiseConstantDecay([S//2, 3*S//4], [lr, lr*0.1, lr*0.01])",
        make=lambda steps, lr: _drops(steps, 1),
        rival=lambda steps, lr: _drops(steps, 0),
        rival_name="MultiStepLR",
    ),
    Preset(
        library="keras",
        name="PolynomialDecay",
        call="PolynomialDecay(lr, decay_steps=S)",
        make=lambda steps, lr: Polynomial(total_iters=steps, end_lr=_KERAS_END),
        rival=lambda steps, lr: Polynomial(total_iters=_TORCH_STEPS),
        rival_name="PolynomialLR",
    ),
    Preset(
        library="keras",
        name="InverseTimeDecay",
        call="InverseTimeDecay(lr, decay_steps=S//10, decay_rate=0.5)",
        make=lambda steps, lr: InverseTime(decay_rate=0.5, decay_steps=share(steps, 10)),
    ),
)

OPTAX = (
    Preset(
        library="optax",
        name="exponential_decay",
        call="exponential_decay(lr, transition_steps=S//10, decay_rate=0.96)",
        make=lambda steps, lr: Exponential(gamma=0.96, decay_steps=share(steps, 10)),
    ),
    Preset(
        library="optax",
        name="warmup_cosine_decay_schedule",
        call="warmup_cosine_decay_schedule(0, lr, warmup_steps=S//10, decay_steps=S)",
        make=lambda steps, lr: once(steps, steps // 10),
    ),
    Preset(
        library="optax",
        name="sgdr_schedule",
        call="sgdr_schedule(3 * [dict(init_value=0, peak_value=lr, warmup_steps=S//15, decay_steps=S//3)])",
        make=_cycles,
    ),
    Preset(
        library="optax",
        name="piecewise_constant_schedule",
        call="piecewise_constant_schedule(lr, {S//2: 0.1, 3*S//4: 0.1})",
        make=lambda steps, lr: _drops(steps, 0),
    ),
)
