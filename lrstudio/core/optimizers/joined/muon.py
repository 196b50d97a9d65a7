from __future__ import annotations

from lrstudio.core.declaration import choice, param
from lrstudio.core.formula.tensors import Tensors
from lrstudio.core.language import tr
from lrstudio.core.optimizers.base import Optimizer

_ADJUSTED = {
    "original": "sqrt(max(1, rows(w)/columns(w)))",
    "match_rms_adamw": "0.2*sqrt(max(rows(w), columns(w)))",
    "spectral_unclamped": "sqrt(rows(w)/columns(w))",
}


class Muon(Optimizer):
    """Makes the steps of a network's matrices equally long in all directions (torch.optim.Muon; Jordan et al. 2024).

        b ← momentum*b + (1 - momentum)*g               u = (1 - momentum)*g + momentum*b, without nesterov u = b
        o ← u/max(norm(u), eps), then ns_steps times o ← ns_a*o + (ns_b*A + ns_c*A*A)*o with A = o*oᵀ
        w ← w*(1 - lr*weight_decay) - lr*sqrt(max(1, rows/columns))*o

    The singular values of o come near 1 (0.7 to 1.2 with these coefficients), so that a step goes as far in the rare
    directions of the momentum as in its main one. This is done with the matrices of the hidden layers; the matrix of
    the last layer and the biases are trained by AdamW, as its authors do, at adamw_lr times the same rate. Problems
    without a matrix are refused: torch.optim.Muon takes matrices only.
    momentum, nesterov: as in SGD. weight_decay: each step takes lr*weight_decay of w. ns_steps, ns_a, ns_b, ns_c: the
    Newton-Schulz iteration. eps: the least length to divide by. adjust_lr_fn: what the rate is multiplied by: as above
    (original), 0.2*sqrt(max(rows, columns)), which suits rates of AdamW (match_rms_adamw), or sqrt(rows/columns)
    (spectral_unclamped). last_layer: trains that of the last layer by Muon, too. adamw_lr, beta1, beta2, adamw_eps,
    adamw_weight_decay: AdamW.
    No stability limit is known: a step does not depend on the size of the gradient.
    PyTorch multiplies the matrices in bfloat16, with 3 digits; here it is done with those of the run. After 200 steps
    the losses of two networks, of 105 and of 2,410 weights, differ by 1.2 % for that reason.
    Source: Jordan et al. 2024, "Muon", in PyTorch's form; spectral_unclamped is in PyTorch since 2.14.

    >>> import numpy as np
    >>> from lrstudio.core.network import Network
    >>> from lrstudio.core.network.joins import joined_functions
    >>> orthogonal = dict(joined_functions(Network((2, 2, 1)).tensors))["orthogonal"]
    >>> u = np.array([[3.0, 0.0, 0.0, 0.1, *[0.0] * 5]])  # a matrix of two directions, then the other weights
    >>> orthogonal(u, 5, 3.4445, -4.775, 2.0315, 1e-7)[0, :4].round(2).tolist()
    [0.7, 0.0, 0.0, 1.13]
    """

    key = "muon"
    title = "Muon"
    default_lr = 1e-3

    in_torch = (
        "MuonWithAdamW(params, lr, {last_layer}, {adamw_lr}, "
        "dict(weight_decay={weight_decay}, momentum={momentum}, nesterov={nesterov}, "
        "ns_coefficients=({ns_a}, {ns_b}, {ns_c}), eps={eps}, ns_steps={ns_steps}, adjust_lr_fn={adjust_lr_fn}), "
        "dict(betas=({beta1}, {beta2}), eps={adamw_eps}, weight_decay={adamw_weight_decay}))"
    )

    momentum: float = param(0.95, "share of the old direction that is kept", 0, 0.999999, label="momentum β")
    nesterov: bool = param(True, "mix the newest gradient into the momentum once more", label="Nesterov")
    weight_decay: float = param(0.1, "pull of the matrices towards 0", 0, 10)
    ns_steps: int = param(5, "Newton-Schulz steps of an update", 0, 99, label="Newton-Schulz steps")
    ns_a: float = param(3.4445, "Newton-Schulz: factor of X", -10, 10, label="coefficient a")
    ns_b: float = param(-4.775, "Newton-Schulz: factor of XXᵀX", -10, 10, label="coefficient b")
    ns_c: float = param(2.0315, "Newton-Schulz: factor of XXᵀXXᵀX", -10, 10, label="coefficient c")
    eps: float = param(1e-7, "keeps the division from 0", above=0, high=1, scale="log", label="epsilon ε")
    adjust_lr_fn: str = choice(
        "original", tuple(_ADJUSTED), "how the rate follows from a matrix's shape", label="rate by shape"
    )
    last_layer: bool = param(False, "also the matrix of the last layer, which is AdamW's otherwise")
    adamw_lr: float = param(1.0, "rate of AdamW as a multiple of Muon's", 0, 1e6, label="AdamW's rate")
    beta1: float = param(0.9, "AdamW: share of the old direction", 0, 0.999999, label="AdamW β₁")
    beta2: float = param(0.999, "AdamW: share of the old mean of squares", 0, 0.999999, label="AdamW β₂")
    adamw_eps: float = param(1e-8, "AdamW: keeps the division from 0", 0, 1, scale="log", label="AdamW ε")
    adamw_weight_decay: float = param(0.01, "AdamW: pull of the weights towards 0", 0, 10, label="AdamW's decay")

    def refusal(self, problem: str, tensors: Tensors) -> str:
        where = {"key": self.key, "problem": problem}
        if not any(tensor.matrix for tensor in tensors):
            return tr(
                "{key}: is for the matrices of a network, and {problem} has none; take adamw, or a problem with a "
                "network: classification or digits",
                **where,
            )
        if not self.last_layer and not any(tensor.hidden for tensor in tensors):
            return tr("{key}: {problem} has no hidden layer; set last_layer to true, or take adamw", **where)
        return ""

    @property
    def rule(self) -> str:  # type: ignore[override]
        return f"""
            b = momentum*b + (1 - momentum)*g
            u = where(nesterov, (1 - momentum)*g + momentum*b, b)
            o = orthogonal(u, ns_steps, ns_a, ns_b, ns_c, eps)
            x = w*(1 - lr*weight_decay) - lr*{_ADJUSTED[self.adjust_lr_fn]}*o
            m = beta1*m + (1 - beta1)*g
            v = beta2*v + (1 - beta2)*g^2
            r = lr*adamw_lr
            y = w*(1 - r*adamw_weight_decay) - r*(m/(1 - beta1^t))/(sqrt(v/(1 - beta2^t)) + adamw_eps)
            w = where(where(last_layer, matrix(w), hidden(w)), x, y)
        """
