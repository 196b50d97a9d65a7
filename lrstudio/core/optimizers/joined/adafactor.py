from __future__ import annotations

from lrstudio.core.declaration import param
from lrstudio.core.optimizers.base import Optimizer

_EPSILON = 2.0**-52


class Adafactor(Optimizer):
    """Divides as Adam, with row and column means in place of a whole matrix of squares (torch.optim.Adafactor).

        β = t^beta2_decay
        v ← v + β*(g^2 - v), of a matrix v = r*c/mean(r) with r, c such means of the g^2 of its rows and columns
        u = g/sqrt(v)
        w ← w*(1 - lr*weight_decay) - min(lr, 1/sqrt(t))*max(eps2, rms(w)) * u/max(1, rms(u)/d)

    rms is the root of the mean of squares over the tensor: of a network a matrix or a bias, otherwise all parameters.
    A step is a share of the parameters' own size: it is lr*rms(w) long, however large the gradient, and where the
    parameters are 0, lr*eps2. From the step 1/lr^2 on, the rate falls as 1/sqrt(t).
    beta2_decay: how fast the memory of old squares grows, nearer to 0 less. eps1: the least root of v.
    eps2: the least size of parameters that a step is a share of. d: the largest rms of u; a larger one is shortened.
    weight_decay: each step takes lr*weight_decay of w, as in AdamW.
    No stability limit is known: a step depends on the size of the parameters, and hardly on that of the gradient.
    Source: Shazeer & Stern 2018, in PyTorch's form, where eps1 is by default the precision of the numbers: 2^-52 with
    float64, as here, but 2^-23 with float32.

    >>> from lrstudio.core.optimizers import Adafactor
    >>> Adafactor().path(lambda w: 2*(w + 1), w=1, lr=0.01, steps=3).round(7).tolist()
    [1.0, 0.99, 0.9801212, 0.9703608]
    """

    key = "adafactor"
    title = "Adafactor"
    default_lr = 1e-2
    in_torch = (
        "torch.optim.Adafactor(params, lr, beta2_decay={beta2_decay}, eps=({eps1}, {eps2}), d={d}, "
        "weight_decay={weight_decay})"
    )
    unlike_optax = "factors no matrix with a side below 128, and has no limit 1/sqrt(t) of the rate"
    unlike_keras = "adds its first epsilon, 1e-30, to each square"
    rule = """
        size = max(eps2, sqrt(tensor_mean(w^2)))
        beta = t^beta2_decay
        r = r + beta*(row_mean(g^2) - r)
        c = c + beta*(column_mean(g^2) - c)
        v = where(matrix(w), r*c/max(tensor_mean(r), eps1), r)
        u = g/sqrt(max(v, eps1^2))
        s = size*min(lr, 1/sqrt(t))/max(1, sqrt(tensor_mean(u^2))/d)
        w = w*(1 - lr*weight_decay) - s*u
    """

    beta2_decay: float = param(-0.8, "how fast the memory of old squares grows, as t to this power", -10, 0)
    eps1: float = param(_EPSILON, "least root of the mean of squares", above=0, high=1, scale="log", label="epsilon ε₁")
    eps2: float = param(
        1e-3, "least size of parameters that a step is a share of", above=0, high=1e3, scale="log", label="epsilon ε₂"
    )
    d: float = param(1.0, "largest root mean square of the divided gradient", 1, 1e3, label="clipping d")
    weight_decay: float = param(0.0, "pull of the weights towards 0", 0, 10)
