from __future__ import annotations

from lrstudio.core.declaration import param
from lrstudio.core.formula.tensors import Tensors
from lrstudio.core.language import mark, tr
from lrstudio.core.optimizers.base import Optimizer


class Prodigy(Optimizer):
    """Adam whose rate finds itself: it grows with the distance from the start (Mishchenko & Defazio 2024; prodigyopt).

        ρ = d*lr
        a ← beta3*a + d/d0*ρ*sum(g*(w0 - w))            s ← beta3*s + d/d0*ρ*g
        m ← beta1*m + d*(1 - beta1)*g                   v ← beta2*v + d^2*(1 - beta2)*g^2
        d ← the largest so far of d_coef*a/sum(abs(s))
        w ← w - ρ*m/(sqrt(v) + d*eps) - ρ*weight_decay*w

    w0 are the weights at the start; sums are over all parameters. d, which begins at d0, is a lower bound of the
    distance of the start from a minimum of a convex loss, and takes the place of Adam's rate: leave lr at 1, and let a
    schedule bring it down. d never falls, so a step that went too far is not taken back.
    beta1, beta2, eps: as in Adam, without bias correction. beta3: memory of the bound, by default sqrt(beta2).
    d0: the first d, best far too small. d_coef: a factor of every later d, to be set in place of lr.
    growth_rate: the largest growth of d in a step. weight_decay: as in AdamW, without decouple as in Adam.
    use_bias_correction: as Adam's. safeguard_warmup: leaves the rate out of s, so that a long warm-up from small
    rates does not make d too large.
    No stability limit is known: the rate that the weights move by, lr*d, is not known before the run.
    Source: Mishchenko & Defazio 2024, "Prodigy", as the package prodigyopt 1.1.2; not in torch.optim.

    >>> from lrstudio.core.optimizers import Prodigy
    >>> for c in (2, 0.002):  # the size of the gradient does not matter
    ...     print(Prodigy().path(lambda w: c*(w - 3), w=0, lr=1.0, steps=200)[[20, 50, 200]].round(1).tolist())
    [0.4, 3.1, 3.0]
    [0.4, 3.1, 3.0]
    """

    key = "prodigy"
    title = "Prodigy"
    default_lr = 1.0
    in_torch = (
        "quiet(lambda: prodigyopt.Prodigy(params, lr, betas=({beta1}, {beta2}), beta3={beta3}, eps={eps}, "
        "weight_decay={weight_decay}, decouple={decouple}, use_bias_correction={use_bias_correction}, "
        "safeguard_warmup={safeguard_warmup}, d0={d0}, d_coef={d_coef}))"
    )

    beta1: float = param(0.9, "share of the old direction that is kept", 0, 0.999999, label="first moment β₁")
    beta2: float = param(0.999, "share of the old mean of squares that is kept", 0, 0.999999, label="second moment β₂")
    beta3: float | None = param(
        None, "share of the old bound that is kept", 0, 0.999999, whole=False, auto="sqrt(beta2)", label="memory β₃"
    )
    eps: float = param(1e-8, "keeps the division from 0", above=0, high=1, scale="log", label="epsilon ε")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
    decouple: bool = param(True, "weight decay as in AdamW, otherwise as in Adam", label="decoupled decay")
    use_bias_correction: bool = param(False, "divide by 1 - beta^t, as Adam does", label="bias correction")
    safeguard_warmup: bool = param(False, "leave the rate out of the bound's divisor", label="safeguard warm-up")
    d0: float = param(1e-6, "first estimate of the distance", above=0, high=1e6, scale="log", label="first distance d₀")
    d_coef: float = param(1.0, "factor of the estimated distance", above=0, high=1e6, scale="log", label="factor of d")
    growth_rate: float | None = param(
        None, "largest growth of the distance in a step", 1, 1e300, whole=False, auto=mark("none"), label="growth of d"
    )

    def refusal_of_lr_factors(self, problem: str, tensors: Tensors) -> str:
        return tr("lr_factors: {key} finds one rate for all parameters; take another optimizer", key=self.key)

    @property
    def rule(self) -> str:  # type: ignore[override]
        memory = "sqrt(beta2)" if self.beta3 is None else "beta3"
        grown = "best" if self.growth_rate is None else "min(best, growth_rate*where(d == d0, max(d, found), d))"
        return f"""
            d = where(t == 1, d0, d)
            best = where(t == 1, d0, best)
            w0 = where(t == 1, w, w0)
            k = where(lr > 0, k + 1, k)
            rate = d*lr*where(use_bias_correction, sqrt(1 - beta2^max(1, k))/(1 - beta1^max(1, k)), 1)
            q = g + where(decouple, 0, weight_decay*w)
            memory = where(lr > 0, {memory}, 1)
            a = memory*a + d/d0*rate*sum(q*(w0 - w))
            m = where(lr > 0, beta1*m + d*(1 - beta1)*q, m)
            v = where(lr > 0, beta2*v + d^2*(1 - beta2)*q^2, v)
            s = memory*s + where(lr > 0, d/d0*where(safeguard_warmup, d, rate)*q, 0)
            total = sum(abs(s))
            found = where(total > 0, d_coef*a/total, d)
            best = where(lr > 0, max(best, found), best)
            d = where(lr > 0, {grown}, d)
            w = w - where(decouple, weight_decay*rate*w, 0) - rate*m/(sqrt(v) + d*eps)
        """
